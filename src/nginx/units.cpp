#include "nginx/units.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace gatelint {

std::optional<std::uint64_t> parse_number(std::string_view text) {
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return std::nullopt;
        const auto add = static_cast<std::uint64_t>(digit - '0');
        if (value > (max - add) / 10) return std::nullopt;
        value = value * 10 + add;
    }
    return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    std::uint64_t scale = 1;
    if (text.ends_with('k') || text.ends_with('K')) scale = 1024;
    if (text.ends_with('m') || text.ends_with('M')) scale = std::uint64_t{1024} * 1024;
    if (scale != 1) text.remove_suffix(1);
    const std::optional<std::uint64_t> value = parse_number(text);
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!value || *value > max / scale) return std::nullopt;
    return *value * scale;
}

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t scale;
};

constexpr std::uint64_t minute = 60;
constexpr std::uint64_t hour = 60 * minute;
constexpr std::uint64_t day = 24 * hour;

/// ngx_parse_time(). `units` stand in the order in which they must be written; `second` is the
/// scale of a number without a unit.
std::optional<std::uint64_t> parse_time_in(std::string_view text, std::span<const Unit> units,
                                           std::uint64_t second) {
    constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
    std::uint64_t total = 0;
    std::size_t next_unit = 0;
    bool any = false;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        std::uint64_t value = 0;
        if (digits != 0) {
            const std::optional<std::uint64_t> number = parse_number(text.substr(0, digits));
            if (!number) return std::nullopt;
            value = *number;
            any = true;
        }
        text.remove_prefix(digits);
        std::uint64_t scale = second;  // the last number may lack its unit, whatever stood before
        if (!text.empty()) {
            std::string_view name = text.substr(0, text.starts_with("ms") ? 2 : 1);
            text.remove_prefix(name.size());
            if (name == " ") name = "s";  // a blank in the place of a unit
            while (next_unit < units.size() && units[next_unit].name != name) ++next_unit;
            if (next_unit == units.size()) return std::nullopt;
            scale = units[next_unit++].scale;
            text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
        }
        if (value > (max - total) / scale) return std::nullopt;
        total += value * scale;
    }
    return any ? std::optional(total) : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_offset(std::string_view text) {
    constexpr std::uint64_t giga = std::uint64_t{1024} * 1024 * 1024;
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!text.ends_with('g') && !text.ends_with('G')) return parse_size(text);
    text.remove_suffix(1);
    const std::optional<std::uint64_t> value = parse_number(text);
    if (!value || *value > max / giga) return std::nullopt;
    return *value * giga;
}

std::optional<std::uint64_t> parse_time(std::string_view text) {
    constexpr std::uint64_t second = 1000;
    static constexpr std::array<Unit, 6> units = {{{"w", 7 * day * second},
                                                   {"d", day * second},
                                                   {"h", hour * second},
                                                   {"m", minute * second},
                                                   {"s", second},
                                                   {"ms", 1}}};
    return parse_time_in(text, units, second);
}

std::optional<std::uint64_t> parse_seconds(std::string_view text) {
    static constexpr std::array<Unit, 7> units = {{{"y", 365 * day},
                                                   {"M", 30 * day},
                                                   {"w", 7 * day},
                                                   {"d", day},
                                                   {"h", hour},
                                                   {"m", minute},
                                                   {"s", 1}}};
    return parse_time_in(text, units, 1);
}

std::string size_text(std::uint64_t size) {
    constexpr std::uint64_t kilo = 1024;
    if (size != 0 && size % (kilo * kilo) == 0) return std::to_string(size / (kilo * kilo)) + "m";
    if (size != 0 && size % kilo == 0) return std::to_string(size / kilo) + "k";
    return std::to_string(size);
}

}  // namespace gatelint
