#pragma once

#include <string_view>

namespace gatelint {

/// Whether a text waits for some program to fill it in: %NAME%, @NAME@, __NAME__, <name>, {{ name
/// }}. What it will be, nobody knows.
bool has_placeholder(std::string_view text);

}  // namespace gatelint
