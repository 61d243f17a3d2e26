#pragma once

#include <string>
#include <string_view>

namespace gatelint {

/// The rule's page, made of its constant and its first fixture; "" for an unknown id.
std::string explain(std::string_view id, bool markdown);

/// The catalogue. `format`: text, json or markdown.
std::string list_rules(std::string_view format);

/// What to say about an id that no rule has, with the nearest one.
std::string unknown_rule(std::string_view id);

}  // namespace gatelint
