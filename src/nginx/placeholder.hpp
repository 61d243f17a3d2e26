#pragma once

#include <string_view>

namespace gatelint {

/// Whether an address or a name waits for some program to fill it in: a template's, or %NAME%,
/// @NAME@, __NAME__, <name> in a file that does not look like one. What it will be, nobody knows.
/// No address has any of these signs, so that one alone is enough.
bool has_placeholder(std::string_view text);

/// The same for a text that may hold such signs by itself, as a pattern or a header does: only
/// whole placeholders count, {{ name }}, {% if %}, <%= name %>, @NAME@, %NAME%, __NAME__.
bool holds_template(std::string_view text);

}  // namespace gatelint
