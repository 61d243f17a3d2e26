#include <fmt/format.h>

#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

Refusal no_zone(const Arguments& arguments) {
    return incomplete(arguments,
                      fmt::format("\"{}\" must have \"zone\" parameter", arguments.name()));
}

/// `N`, `Nr/s` or `Nr/m`.
bool is_rate(std::string_view text) {
    if (text.ends_with("r/s") || text.ends_with("r/m")) text.remove_suffix(3);
    return is_positive_number(text);
}

constexpr auto zone_parameters = std::to_array<Parameter>({
    {"rate=", is_rate, "invalid rate"},
    {"sync", nullptr, {}, {}, never, true},
});

constexpr std::array<Parameter, 1> connection_zone_parameters = {{
    {"sync", nullptr, {}, {}, never, true},
}};

/// What limit_req_zone and limit_conn_zone have in common.
Refusal check_limit_zone(const Arguments& arguments, std::span<const Parameter> parameters) {
    bool named = false;
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        const auto zone = after(arguments.texts[i], "zone=");
        Refusal refusal =
            zone ? check_zone(arguments, i, *zone) : check_parameter(arguments, i, parameters);
        if (refusal) return refusal;
        if (zone) named = !zone->starts_with(':');
    }
    if (named) return {};
    return no_zone(arguments);
}

/// ngx_http_limit_req_zone()
Refusal check_limit_req_zone(const Arguments& arguments) {
    return check_limit_zone(arguments, zone_parameters);
}

/// ngx_http_limit_conn_zone() and its twin of stream
Refusal check_limit_conn_zone(const Arguments& arguments) {
    return check_limit_zone(arguments, connection_zone_parameters);
}

/// ngx_http_limit_req()
Refusal check_limit_req(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({
        {"zone="},
        {"burst=", is_positive_number, "invalid burst value"},
        {"delay=", is_positive_number, "invalid delay value", {1, 15, 7}},
        {"nodelay"},
    });
    if (Refusal refusal = check_parameters(arguments, 0, parameters)) return refusal;
    for (const std::string_view text : arguments.texts) {
        if (text.starts_with("zone=")) return {};
    }
    return no_zone(arguments);
}

/// ngx_http_limit_conn() and its twin of stream
Refusal check_limit_conn(const Arguments& arguments) {
    constexpr std::uint64_t highest = 65535;
    const auto connections = parse_number(arguments.texts[1]);
    if (!connections || *connections == 0) {
        return refuse(arguments, 1, "invalid number of connections");
    }
    if (*connections <= highest) return {};
    return ArgumentError{"connection limit must be less 65536", 1};
}

}  // namespace

std::span<const ArgumentCheck> http_limit_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {limit_conn, in_any_context, check_limit_conn},
        {limit_conn_zone, in_any_context, check_limit_conn_zone},
        {limit_req, in_any_http, check_limit_req},
        {limit_req_zone, in_any_http, check_limit_req_zone},
    });
    return checks;
}

}  // namespace gatelint
