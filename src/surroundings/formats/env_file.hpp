#pragma once

#include <map>
#include <string>
#include <string_view>

#include "surroundings/formats/interpolation.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// The variables of a `.env` or an `env_file`, as compose reads it (compose-go: dotenv). `outer`
/// knows what other variables mean that a value mentions, before the file's own lines do. Never
/// fails: lines that set nothing are skipped; of a name alone the value is unknown.
std::map<std::string, Value> parse_env_file(std::string_view text, SourceId source,
                                            const Interpolation::Lookup& outer);

}  // namespace gatelint
