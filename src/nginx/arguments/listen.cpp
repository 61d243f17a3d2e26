#include "nginx/arguments/listen.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// `IDLE:INTERVAL:COUNT`, each of which may be left out, but not all.
bool is_keepalive(std::string_view text) {
    if (is_on_or_off(text)) return true;
    const std::size_t first = std::min(text.find(':'), text.size());
    const std::string_view idle = text.substr(0, first);
    const std::string_view rest = text.substr(std::min(first + 1, text.size()));
    const std::size_t second = std::min(rest.find(':'), rest.size());
    const std::string_view interval = rest.substr(0, second);
    const std::string_view count = rest.substr(std::min(second + 1, rest.size()));
    if (!idle.empty() && !is_seconds(idle)) return false;
    if (!interval.empty() && !is_seconds(interval)) return false;
    if (!count.empty() && !is_number(count)) return false;
    return parse_seconds(idle).value_or(0) != 0 || parse_seconds(interval).value_or(0) != 0 ||
           parse_number(count).value_or(0) != 0;
}

}  // namespace

Refusal check_listen_parameter(const Arguments& arguments, std::size_t which,
                               std::span<const Parameter> others) {
    const std::string_view text = arguments.texts[which];
    if (const auto flag = after(text, "ipv6only=o")) {
        if (*flag == "n" || *flag == "ff") return {};
        return ArgumentError{fmt::format("invalid ipv6only flags \"o{}\"", *flag), which,
                             "expected ipv6only=on or ipv6only=off"};
    }
    if (const auto value = after(text, "so_keepalive=")) {
        if (is_keepalive(*value)) return {};
        return ArgumentError{fmt::format("invalid so_keepalive value: \"{}\"", *value), which,
                             "expected on, off, or IDLE:INTERVAL:COUNT"};
    }
    Refusal refusal = check_parameter(arguments, which, others);
    // stream and mail had words of their own.
    const bool unknown = find_parameter(arguments, others, text) == nullptr;
    if (unknown && !is_http(arguments.context) && !is_since(arguments, {1, 25, 5})) {
        refusal->nginx = fmt::format("the invalid \"{}\" parameter", text);
    }
    return refusal;
}

}  // namespace gatelint
