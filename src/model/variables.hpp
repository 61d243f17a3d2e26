#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "config/config.hpp"
#include "model/value_places.hpp"

namespace gatelint {

/// A place that needs a variable when nginx starts.
struct UsedVariable {
    const Directive* directive;
    PlacedText place;
    std::string_view name;
    std::size_t begin;  ///< in the place's text, with `$` and braces
    std::size_t end;

    Span span() const { return place.span(begin, end); }
};

/// A variable that the configuration defines.
struct DefinedVariable {
    const Directive* directive;
    std::string name;
    Span span;
    bool capture;  ///< by a named group of a regular expression
};

/// The variables of http or of stream: what its directives define, and what they need. Names are
/// the same whatever their letter case.
class Variables {
  public:
    /// `block`: the `http` or `stream` block of `config`.
    Variables(const Config& config, const Directive& block, World world);

    World world() const { return world_; }

    /// In the order in which nginx reads them, each statement once.
    const std::vector<UsedVariable>& uses() const { return uses_; }
    const std::vector<DefinedVariable>& definitions() const { return definitions_; }

    /// Whether a directive of the configuration defines it, or one of an unknown module names it.
    bool defines(std::string_view name) const;

    /// Whether all that could define a variable was read: no include is missing, no directive is
    /// of a module that nobody here knows.
    bool complete() const { return complete_; }

    /// Whether all modules are known that nginx loads.
    bool knows_modules() const { return knows_modules_; }

  private:
    void visit(const Directive& block);
    void visit_unknown(const Directive& directive);
    void add_places(const Directive& directive);
    void add_captures(const Directive& directive);
    bool is_compiled(const Directive& directive);
    bool serves(const Directive& directive, const Directive& server) const;
    void define(const Directive& directive, const PlacedText& place);
    void check_modules(const Directive& main);

    const Directive& block_;
    World world_;
    std::vector<UsedVariable> uses_;
    std::vector<DefinedVariable> definitions_;
    std::set<std::string, std::less<>> names_;   ///< in lower case
    std::unordered_set<const Statement*> seen_;  ///< a snippet's, however often it is included
    std::unordered_set<const Word*> seen_patterns_;
    std::map<DirectiveId, bool> is_inherited_;  ///< whether a server takes it over from the block
    bool complete_ = true;
    bool knows_modules_ = true;
};

}  // namespace gatelint
