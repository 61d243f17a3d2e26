#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "finding/finding.hpp"

namespace gatelint {

/// JSON as reports write it: indented, with a newline at its end; bytes that are not UTF-8 become
/// U+FFFD.
std::string json_text(const nlohmann::ordered_json& json);

/// Whether JSON can carry the fix. Where its text is not UTF-8, other bytes would arrive and be
/// written into the configuration; then no fix is better.
bool survives_json(const Fix& fix);

}  // namespace gatelint
