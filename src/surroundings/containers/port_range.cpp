#include "surroundings/containers/port_range.hpp"

#include <limits>

#include "nginx/units.hpp"

namespace gatelint {

std::optional<PortRange> parse_port_range(std::string_view text) {
    constexpr std::uint64_t highest = std::numeric_limits<std::uint16_t>::max();
    const std::size_t dash = text.find('-');
    const auto first = parse_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
    if (!first || !last || *first > *last || *last > highest) return std::nullopt;
    return PortRange{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

}  // namespace gatelint
