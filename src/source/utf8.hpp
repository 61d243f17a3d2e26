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

/// How many bytes at the beginning of `text` are ASCII.
std::size_t ascii_length(std::string_view text);

/// How many of them print and take a column each: those from space to tilde.
std::size_t printable_ascii_length(std::string_view text);

/// How many bytes the code points take that begin in the first `length` bytes of `text`.
std::size_t whole_code_points(std::string_view text, std::size_t length);

/// Whether `text` is UTF-8 throughout.
bool is_utf8(std::string_view text);

/// Whether a character takes space, or none, without a mark on the screen: no-break and other wide
/// spaces, zero-width characters, byte order marks, line and paragraph separators. nginx takes them
/// for letters.
bool is_invisible(char32_t code_point);

/// One of the quotes that word processors put in the place of `"` and `'`. nginx takes them for
/// letters.
bool is_typographic_quote(char32_t code_point);

/// Whether a text has a character of either kind: a directive of such a name is unknown to nginx,
/// and the rule invisible-characters says so.
bool has_misleading_character(std::string_view text);

/// Whether a text is nothing but invisible characters.
bool is_all_invisible(std::string_view text);

/// Appends `code_point` to `out` as UTF-8.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace gatelint
