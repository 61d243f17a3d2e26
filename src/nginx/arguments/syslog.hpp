#pragma once

#include "nginx/arguments/refusal.hpp"

namespace gatelint {

/// ngx_syslog_process_conf(): the first argument of access_log or error_log, which starts with
/// `syslog:`. The server's address is not judged.
Refusal check_syslog(const Arguments& arguments);

}  // namespace gatelint
