#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gatelint {

/// A variable in a text: its name without `$` and braces, and the bytes that it takes.
struct VariableUse {
    std::string_view name;
    std::size_t begin;
    std::size_t end;
};

/// A text with variables as nginx compiles it (ngx_http_script_compile, and log_format's twin of
/// it, ngx_http_log_compile_format). nginx goes no further than the first error.
struct Script {
    std::vector<VariableUse> variables;  ///< `$1` to `$9` included
    std::string error;                   ///< nginx's words for the first error, or ""
    std::size_t error_begin = 0;
    std::size_t error_end = 0;
};

enum class ScriptKind : unsigned char {
    value,      ///< `$1` to `$9` are captures, whatever follows the digit
    log_format  ///< `$1` is a variable like others, and so is `$1st`
};

Script compile_script(std::string_view text, ScriptKind kind = ScriptKind::value);

/// The same into `script`, whose memory is used again.
void compile_script(std::string_view text, ScriptKind kind, Script& script);

/// The variables of a text, as ngx_http_script_compile() finds them.
std::vector<VariableUse> variables_in(std::string_view text);

/// Whether it is `1` to `9`: what a regular expression captured last.
inline bool is_capture(std::string_view name) {
    return name.size() == 1 && name[0] >= '1' && name[0] <= '9';
}

}  // namespace gatelint
