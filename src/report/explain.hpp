#pragma once

#include <string>
#include <string_view>

namespace gatelint {

/// The rule's page, made of its constant and its example; "" for an unknown id.
std::string explain(std::string_view id, bool markdown);

/// The catalogue. `format`: text or json for a line or an object per rule, markdown for the pages
/// of all rules as one, by family, with their ids as anchors.
std::string list_rules(std::string_view format);

/// What to say about an id that no rule has, with the nearest one.
std::string unknown_rule(std::string_view id);

}  // namespace gatelint
