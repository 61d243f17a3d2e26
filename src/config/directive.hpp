#pragma once

#include <span>
#include <string_view>

#include "nginx/directive_id.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// A statement in one place where nginx loads it. A snippet that is included by fifty servers is
/// fifty directives of the same statements, each with its own parent.
struct Directive {
    const Statement* statement = nullptr;
    const Directive* parent = nullptr;   ///< the enclosing block; null for the main context only
    const Directive* include = nullptr;  ///< the include that brought it; null in the main file
    DirectiveId id = DirectiveId::unknown;
    Contexts context = in_unknown;  ///< in which it stands; in_unknown in blocks of which nginx
                                    ///< itself knows nothing
    bool is_row = false;            ///< a line of map, geo, types, ...: data, whatever its name is
    bool assumed = false;           ///< a block that no file holds: the surroundings of a fragment
    bool opaque = false;  ///< a block of which not everything is known: an include of it could not
                          ///< be opened, it is the assumed surroundings of a fragment, or a
                          ///< template fills something in
    bool has_alternatives = false;  ///< a block of a template with conditions or loops: what is
                                    ///< in it may never be there together; it is opaque too

    /// In the order in which nginx reads them, includes opened. An include stands before what it
    /// brought.
    std::span<const Directive* const> children;

    std::string_view name() const { return statement->name.text; }
    std::span<const Word> args() const { return statement->args; }

    /// The text of an argument, "" where there is none.
    std::string_view arg(std::size_t index) const {
        return index < args().size() ? args()[index].text : std::string_view();
    }

    /// Whether a template leaves a part of the name or of the arguments to be filled in: then
    /// neither their number nor the values of the unknown ones can be judged (Word::is_unknown).
    bool has_unknown() const { return statement->has_unknown(); }

    /// Name and arguments.
    Span span() const { return statement->head(); }

    /// Children with this id, in order; rows are never among them.
    std::span<const Directive* const> all(DirectiveId id) const;

    /// In which context the children stand.
    Contexts context_of_children() const;

    /// The last child with this id, or null.
    const Directive* last(DirectiveId id) const;

    std::span<const Directive* const> sorted;  ///< children by id, then in order; serves all()
};

/// Calls `visit` for every directive inside `block`, in the order in which nginx reads them.
template <typename Visit>
void for_each_inside(const Directive& block, const Visit& visit) {
    for (const Directive* child : block.children) {
        visit(*child);
        for_each_inside(*child, visit);
    }
}

}  // namespace gatelint
