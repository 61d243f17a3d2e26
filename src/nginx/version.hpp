#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatelint {

/// A version of nginx, such as 1.29.7.
struct Version {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint32_t patch = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
};

/// Reads `1.29.7`, or `1.29` for 1.29.0. Nothing for any other text.
std::optional<Version> parse_version(std::string_view text);

std::string to_string(Version version);

}  // namespace gatelint
