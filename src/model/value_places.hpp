#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/directive.hpp"
#include "nginx/script.hpp"
#include "nginx/variable.hpp"

namespace gatelint {

/// A part of a directive's argument (or of a map's row) that nginx takes for more than text.
struct PlacedText {
    const Word* word = nullptr;
    std::string_view text;  ///< lies within the word's text

    /// Where bytes of `text` are written; the whole word if it is written with escapes.
    Span span(std::size_t begin, std::size_t end) const;
};

/// Where nginx looks for variables. In all other places `$` is a letter.
struct VariablePlace {
    enum class Role : std::uint8_t {
        value,       ///< a text with variables (ngx_http_script_compile)
        log_format,  ///< the same in log_format (ngx_http_log_compile_format)
        index,       ///< one variable, all that follows its `$` (ngx_http_get_variable_index)
        definition,  ///< the variable that the directive defines (ngx_http_add_variable)
    };

    Role role;
    PlacedText place;
};

/// Where nginx, or a module that gatelint knows, looks for variables in a directive.
std::vector<VariablePlace> variable_places(const Directive& directive, World world);

/// The same, behind those that `places` holds.
void add_variable_places(const Directive& directive, World world,
                         std::vector<VariablePlace>& places);

/// A regular expression that nginx compiles at start.
struct RegexPlace {
    PlacedText pattern;
    bool caseless = false;
    bool names_variables = true;  ///< named captures become variables (ngx_http_regex_compile)
};

/// The regular expressions of a directive, behind those that `places` holds.
void add_regex_places(const Directive& directive, World world, std::vector<RegexPlace>& places);

/// Whether nginx compiles the directive's values only for a block that inherits them, not where it
/// reads them: `proxy_set_header` in http is never looked at if every server has its own.
bool is_compiled_at_merge(DirectiveId id);

}  // namespace gatelint
