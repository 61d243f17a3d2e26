#pragma once

#include <string_view>

#include "surroundings/formats/yaml_file.hpp"

namespace gatelint {

/// The tag of a value of JavaScript that only running it tells.
inline constexpr std::string_view computed_tag = "computed";

/// What a JavaScript file exports, as far as it is written out: `module.exports = {...}`, `export
/// default {...}`, or the name of a constant that is one literal. Computed parts are null nodes
/// with computed_tag; spread parts leave an entry with the key `...`. A null node with that tag
/// where nothing can be told. Never fails; nested at most 50 deep.
YamlNode parse_js_export(std::string_view text, SourceId source);

}  // namespace gatelint
