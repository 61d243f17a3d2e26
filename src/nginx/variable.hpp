#pragma once

#include <string_view>

#include "nginx/generated/variables.hpp"

namespace gatelint {

/// http and stream each have variables of their own.
enum class World : std::uint8_t { http, stream };

/// The variable of nginx or of a well-known module that has this name, or the family that it
/// belongs to; letter case does not count. Null for all others.
const VariableFacts* find_variable(std::string_view name, World world);

/// The variable of exactly this name, families left out.
const VariableFacts* find_fixed_variable(std::string_view name, World world);

}  // namespace gatelint
