#pragma once

#include <string_view>

namespace gatelint {

/// Whether a text waits for some program to fill it in: a template's, or %NAME%, @NAME@, __NAME__,
/// <name> in a file that does not look like one. What it will be, nobody knows.
bool has_placeholder(std::string_view text);

}  // namespace gatelint
