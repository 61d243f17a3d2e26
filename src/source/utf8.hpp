#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatelint {

/// nginx reads bytes; people and other programs count characters. These functions decode UTF-8 as
/// WHATWG and GitHub do: each maximal bad sequence is one U+FFFD, so that no input is refused.

/// The first code point of `text`, which must not be empty; removes it from `text`.
char32_t take_code_point(std::string_view& text);

/// Length of `text` in code points: the unit of columns in text and JSON reports.
std::size_t code_points(std::string_view text);

/// Length of `text` in UTF-16 code units: the unit of columns in SARIF and LSP.
std::size_t utf16_units(std::string_view text);

/// Appends `code_point` to `out` as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace gatelint
