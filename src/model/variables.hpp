#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "config/config.hpp"
#include "model/value_places.hpp"
#include "nginx/regex.hpp"
#include "nginx/script.hpp"
#include "nginx/variable.hpp"

namespace gatelint {

/// A name of a variable as it is written somewhere, without `$` and braces.
struct VariableName {
    std::string_view text;
    std::string lower;                     ///< as nginx says it
    const VariableFacts* facts = nullptr;  ///< of nginx's own variable, if there is one
};

/// A place that needs a variable when nginx starts.
struct UsedVariable {
    const Directive* directive;
    const Word* word;
    const VariableName* name;
    std::uint32_t begin;  ///< in the word's text, with `$` and braces
    std::uint32_t end;

    Span span() const { return PlacedText{word, word->text}.span(begin, end); }
};

/// A text that nginx cannot compile, as a `$` in it begins no variable.
struct BrokenScript {
    const Directive* directive;
    PlacedText place;
    Script script;
};

/// A regular expression where it is written.
struct PlacedRegex {
    const Directive* directive;
    RegexPlace place;
    const Regex* regex;  ///< null for an empty one
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
    /// `block`: the `http` or `stream` block of `config`. Its patterns are compiled by `regexes`.
    /// All three must live as long.
    Variables(const Config& config, const Directive& block, World world, RegexTable& regexes);
    Variables(const Variables&) = delete;
    Variables& operator=(const Variables&) = delete;

    World world() const { return world_; }
    const Directive& block() const { return block_; }

    /// In the order in which nginx reads them, each statement once.
    const std::vector<UsedVariable>& uses() const { return uses_; }
    const std::vector<DefinedVariable>& definitions() const { return definitions_; }

    /// All names that are used, each spelling once.
    const std::deque<VariableName>& names() const { return used_names_; }

    /// In the order in which nginx reads them; of templates none.
    const std::vector<BrokenScript>& broken_scripts() const { return broken_scripts_; }

    /// All regular expressions, in the order in which nginx reads them, each word once.
    const std::vector<PlacedRegex>& regexes() const { return regexes_; }

    /// Whether a directive of the configuration defines it, or one of an unknown module names it.
    bool defines(std::string_view name) const;

    /// Whether all that could define a variable was read: no include is missing, no directive is
    /// of a module that nobody here knows.
    bool complete() const { return complete_; }

    /// Whether all modules are known that nginx loads.
    bool knows_modules() const { return knows_modules_; }

  private:
    void visit();
    void visit_unknown(const Directive& directive);
    void add_places(const Directive& directive);
    void add_place(const Directive& directive, const VariablePlace& found, bool is_used);
    void use(const Directive& directive, const PlacedText& place, std::string_view name,
             std::size_t begin, std::size_t end);
    void add_regexes(const Directive& directive);
    void add_captures(const PlacedRegex& found);
    bool is_new(const Directive& directive);
    bool is_compiled(const Directive& directive);
    bool serves(const Directive& directive, const Directive& server) const;
    void define(const Directive& directive, const PlacedText& place);
    void check_modules(const Directive& main);

    const Config& config_;
    const Directive& block_;
    World world_;
    RegexTable& table_;
    std::vector<UsedVariable> uses_;
    std::vector<DefinedVariable> definitions_;
    std::vector<BrokenScript> broken_scripts_;
    std::vector<PlacedRegex> regexes_;
    std::deque<VariableName> used_names_;
    std::unordered_map<std::string_view, const VariableName*> by_text_;
    std::set<std::string, std::less<>> defined_;  ///< in lower case
    std::unordered_set<const Statement*> seen_;   ///< of files that are loaded several times
    std::unordered_set<const Word*> seen_patterns_;
    std::unordered_set<const Regex*> captured_;  ///< whose names are in defined_
    std::map<DirectiveId, bool> is_inherited_;   ///< whether a server takes it over from the block
    std::vector<VariablePlace> places_;          ///< of the directive at hand
    std::vector<RegexPlace> regex_places_;
    Script script_;
    bool complete_ = true;
    bool knows_modules_ = true;
};

/// The variables of all http and stream blocks of a configuration, http's first.
class AllVariables {
  public:
    /// The configuration must outlive it.
    explicit AllVariables(const Config& config);

    auto begin() const { return blocks_.begin(); }
    auto end() const { return blocks_.end(); }

  private:
    RegexTable regexes_;
    std::deque<Variables> blocks_;
};

}  // namespace gatelint
