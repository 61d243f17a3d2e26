#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "config/child_index.hpp"
#include "config/handling.hpp"
#include "nginx/directive_id.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// A statement in one place where nginx loads it. A snippet that is included by fifty servers is
/// fifty directives of the same statements, each with its own parent. What follows from the place
/// is worked out once, when the statement is placed.
struct Directive {
    const Statement* statement = nullptr;
    const Directive* parent = nullptr;   ///< the enclosing block; null for the main context only
    const Directive* include = nullptr;  ///< the include that brought it; null in the main file
    DirectiveId id = DirectiveId::unknown;
    Contexts context = in_unknown;  ///< in which it stands; in_unknown in blocks of which nginx
                                    ///< itself knows nothing
    bool is_row : 1 = false;        ///< a line of map, geo, types, ...: data, whatever its name is
    bool assumed : 1 = false;       ///< a block that no file holds: the surroundings of a fragment
    bool opaque : 1 = false;  ///< a block of which not everything is known: an include of it could
                              ///< not be opened, it is the assumed surroundings of a fragment, or
                              ///< a template fills something in
    bool has_alternatives : 1 = false;  ///< a block of a template with conditions or loops: what is
                                        ///< in it may never be there together; it is opaque too
    Handling::Refusal refusal = Handling::Refusal::none;  ///< Handling's
    std::uint8_t form_number = no_form;  ///< of Handling's form, among forms_of(id)
    Marks marks = {};                    ///< the statement's

    /// In the order in which nginx reads them, includes opened. An include stands before what it
    /// brought.
    std::span<const Directive* const> children;

    const ChildIndex* index = nullptr;  ///< serves all(); null where nothing is to be found

    std::uint32_t position = 0;  ///< in the order in which nginx reads the configuration
    std::uint32_t end = 0;       ///< the position of what it reads after this and all inside

    static constexpr std::uint8_t no_form = 0xff;

    std::string_view name() const { return statement->name.text; }
    std::span<const Word> args() const { return statement->args; }

    /// The text of an argument, "" where there is none.
    std::string_view arg(std::size_t at) const {
        return at < args().size() ? args()[at].text : std::string_view();
    }

    /// Whether a template leaves a part of the name or of the arguments to be filled in: then
    /// neither their number nor the values of the unknown ones can be judged (Word::is_unknown).
    bool has_unknown() const { return marks.has(Marks::unknown); }

    /// Name and arguments.
    Span span() const { return statement->head(); }

    /// Children with this id, in order; rows are never among them.
    std::span<const Directive* const> all(DirectiveId wanted) const {
        return index == nullptr ? std::span<const Directive* const>() : index->all(wanted);
    }

    /// The last child with this id, or null.
    const Directive* last(DirectiveId wanted) const {
        const auto found = all(wanted);
        return found.empty() ? nullptr : found.back();
    }

    /// Whether it stands in the block, at any depth.
    bool is_inside(const Directive& block) const {
        return block.position < position && position < block.end;
    }

    /// In which context the children stand.
    Contexts context_of_children() const;

    /// Which entry of nginx's command tables it is, as far as that can be told (Handling::form).
    const DirectiveForm* form() const {
        return form_number == no_form ? nullptr : &forms_of(id)[form_number];
    }
};

}  // namespace gatelint
