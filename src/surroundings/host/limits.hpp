#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "source/span.hpp"

namespace gatelint {

/// A line of /etc/security/limits.conf about open files. It counts for what PAM starts (logins, su,
/// cron); services of systemd have limits of their own.
struct DescriptorLimit {
    std::string domain;  ///< a user, `@group`, `*`
    bool is_soft = true;
    bool is_hard = true;                 ///< `-` is both
    std::optional<std::uint64_t> value;  ///< nothing: unlimited
    Span span;                           ///< of the value
};

/// The lines about `nofile`, in order; of several files, give them in the order of PAM: the main
/// file, then those of limits.d by their names. Lines that PAM does not understand are skipped.
std::vector<DescriptorLimit> parse_limits(std::string_view text, SourceId source);

/// The soft limit that counts for a user: the last line of its name, else of `*`, which leaves root
/// alone. Null where nothing is said; groups are not looked at.
const DescriptorLimit* soft_limit_of(std::string_view user,
                                     const std::vector<DescriptorLimit>& limits);

}  // namespace gatelint
