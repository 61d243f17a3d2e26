#pragma once

#include "nginx/arguments/refusal.hpp"

namespace gatelint {

/// One of the parameters that follow the address of a `listen` of http, stream or mail:
/// `ipv6only=` and `so_keepalive=`, which all of them have, or one of `others`.
Refusal check_listen_parameter(const Arguments& arguments, std::size_t which,
                               std::span<const Parameter> others);

}  // namespace gatelint
