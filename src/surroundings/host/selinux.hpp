#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "source/span.hpp"

namespace gatelint {

/// What is known of SELinux on the host: whether it refuses, and what it was told to allow.
struct Selinux {
    enum class Mode : std::uint8_t { enforcing, permissive, disabled };

    std::optional<Mode> mode;
    Span span;                                          ///< where the mode is written
    std::map<std::string, bool, std::less<>> booleans;  ///< those that somebody told of
    std::set<std::uint16_t> http_ports;                 ///< beyond those of the policy
};

/// The mode that a word stands for, in any case.
std::optional<Selinux::Mode> parse_selinux_mode(std::string_view word);

/// Reads /etc/selinux/config: what the next start of the host makes of it.
Selinux parse_selinux_config(std::string_view text, SourceId source);

}  // namespace gatelint
