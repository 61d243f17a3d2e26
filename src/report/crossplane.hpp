#pragma once

#include <optional>
#include <string>

#include "dump/payload.hpp"

namespace gatelint {

/// The payload as JSON, with a newline at its end. Keys, order and spaces are those of crossplane,
/// which are those of Python's json.dumps(); `indent`: none is one line.
std::string crossplane_json(const Payload& payload, std::optional<unsigned> indent);

}  // namespace gatelint
