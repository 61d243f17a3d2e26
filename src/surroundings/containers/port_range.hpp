#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatelint {

/// Ports as `ports`, `expose` and EXPOSE write them: `3000` or `3000-3005`. 0 is any that is free.
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    unsigned size() const { return last - first + 1U; }
    bool contains(std::uint16_t port) const { return first <= port && port <= last; }
};

std::optional<PortRange> parse_port_range(std::string_view text);

}  // namespace gatelint
