#pragma once

#include "nginx/arguments/refusal.hpp"

namespace gatelint {

/// ngx_http_upstream_sticky(): `cookie`, `route` or `learn`, and the parameters of each. Modules of
/// others have a directive of this name too, so another word is refused only where the version has
/// nginx's own.
Refusal check_sticky(const Arguments& arguments);

}  // namespace gatelint
