#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/arguments/sticky.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// ngx_http_upstream_server(), ngx_stream_upstream_server(); the last two are http's alone.
constexpr std::size_t http_only_parameters = 2;
constexpr auto server_parameters = std::to_array<Parameter>({
    {"weight=", is_positive_number},
    {"max_conns=", is_number, "invalid parameter", {1, 11, 5}, {}, true},
    {"max_fails=", is_number},
    {"fail_timeout=", is_seconds},
    {"backup"},
    {"down"},
    {"resolve", nullptr, {}, {1, 27, 3}, {}, true},
    {"service=", nullptr, {}, {1, 27, 3}, {}, true},
    {"slow_start=", is_seconds, "invalid parameter", {}, never, true},
    {"drain", nullptr, {}, {1, 29, 6}, {}, true},
    {"route=", nullptr, {}, {1, 29, 6}, {}, true},
});

Refusal check_route(const Arguments& arguments, std::size_t which) {
    constexpr std::size_t longest = 32;  // NGX_HTTP_UPSTREAM_SID_LEN
    const auto route = after(arguments.texts[which], "route=");
    if (!route) return {};
    if (route->empty()) return ArgumentError{"route is empty", which};
    if (route->size() <= longest) return {};
    return ArgumentError{fmt::format("route is longer than {}", longest), which};
}

Refusal check_server(const Arguments& arguments) {
    const std::size_t count =
        server_parameters.size() - (is_stream(arguments.context) ? http_only_parameters : 0);
    const std::span parameters = std::span<const Parameter>(server_parameters).first(count);
    bool service = false;
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_parameter(arguments, i, parameters)) return refusal;
        if (Refusal refusal = check_route(arguments, i)) return refusal;
        const auto name = after(arguments.texts[i], "service=");
        if (name && name->empty()) return ArgumentError{"service is empty", i};
        service = service || name;
    }
    const auto texts = arguments.texts;
    if (!service || std::find(texts.begin() + 1, texts.end(), "resolve") != texts.end()) return {};
    return ArgumentError{
        fmt::format("service upstream \"{}\" requires \"resolve\" parameter", texts[0]), 0};
}

/// ngx_http_upstream_keepalive()
Refusal check_keepalive(const Arguments& arguments) {
    constexpr Version zero_allowed{1, 29, 7};
    const auto count = parse_number(arguments.texts[0]);
    if (!count || (*count == 0 && !may_be_since(arguments, zero_allowed))) {
        return ArgumentError{fmt::format("invalid value \"{}\" in \"{}\" directive",
                                         arguments.texts[0], arguments.name()),
                             0, "expected the number of idle connections that each worker keeps"};
    }
    if (arguments.texts.size() == 1 || arguments.texts[1] == "local") return {};
    if (arguments.texts[1] == "single" && may_be_before(arguments, {1, 3, 0})) return {};
    return refuse(arguments, 1, "invalid parameter");
}

/// ngx_http_upstream_hash() and its twin of stream
Refusal check_hash(const Arguments& arguments) {
    if (arguments.texts.size() < 2 || arguments.texts[1] == "consistent") return {};
    return refuse(arguments, 1, "invalid parameter", "expected consistent");
}

/// ngx_http_upstream_random(); nginx Plus has least_time too.
Refusal check_random(const Arguments& arguments) {
    const auto texts = arguments.texts;
    if (!texts.empty() && texts[0] != "two") {
        return refuse(arguments, 0, "invalid parameter", "expected two");
    }
    if (texts.size() < 2 || texts[1] == "least_conn") return {};
    if (arguments.edition != Edition::open_source) {
        constexpr std::array<std::string_view, 4> times = {
            "least_time=header", "least_time=last_byte", "least_time=connect",
            "least_time=first_byte"};
        if (std::find(times.begin(), times.end(), texts[1]) != times.end()) return {};
    }
    return refuse(arguments, 1, "invalid parameter", "expected two least_conn");
}

/// ngx_http_upstream_least_time()
Refusal check_least_time(const Arguments& arguments) {
    const auto texts = arguments.texts;
    if (texts.size() > 1 && texts[1] != "inflight") {
        return refuse(arguments, 1, "invalid parameter", "expected inflight");
    }
    const auto is = [&](std::string_view word) { return equals_ignoring_case(texts[0], word); };
    if (is("last_byte")) return {};
    if (is_stream(arguments.context)) {
        if (is("connect") || is("first_byte")) return {};
        return refuse(arguments, 0, "invalid value", "expected connect, first_byte or last_byte");
    }
    if (is("header")) return {};
    return refuse(arguments, 0, "invalid value", "expected header or last_byte");
}

/// ngx_http_upstream_zone() and its twin of stream
Refusal check_upstream_zone(const Arguments& arguments) {
    const auto texts = arguments.texts;
    if (texts[0].empty()) return refuse(arguments, 0, "invalid zone name");
    if (texts.size() < 2) return {};
    if (parse_size(texts[1])) return {};
    return refuse(arguments, 1, "invalid zone size",
                  "expected a size: a whole number of bytes, or with the unit k or m");
}

/// ngx_http_upstream_bind_set_slot(): what follows the address.
Refusal check_bind(const Arguments& arguments) {
    if (arguments.texts.size() < 2 || arguments.texts[1] == "transparent") return {};
    return refuse(arguments, 1, "invalid parameter", "expected transparent");
}

/// ngx_http_upstream_param_set_slot()
Refusal check_param(const Arguments& arguments) {
    if (arguments.texts.size() < 3 || arguments.texts[2] == "if_not_empty") return {};
    return refuse(arguments, 2, "invalid parameter", "expected if_not_empty");
}

/// ngx_resolver_create(): what is no address.
constexpr auto resolver_parameters = std::to_array<Parameter>({
    {"valid=", is_seconds},
    {"ipv4=", is_on_or_off, {}, {1, 23, 1}},
    {"ipv6=", is_on_or_off, {}, {1, 5, 8}},
    {"status_zone=", nullptr, {}, {}, never, true},
});

Refusal check_resolver(const Arguments& arguments) {
    // ngx_mail_core_resolver() reads no further.
    if (is_mail(arguments.context) && arguments.texts[0] == "off") return {};
    bool servers = false;
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        const Parameter* parameter = find_parameter(arguments, resolver_parameters, text);
        servers = servers || parameter == nullptr;
        if (parameter == nullptr || parameter->fits == nullptr) continue;
        if (parameter->fits(text.substr(parameter->name.size()))) continue;
        return ArgumentError{fmt::format("invalid parameter: {}", text), i};
    }
    if (!servers) return incomplete(arguments, "no name servers defined");
    const auto has = [&](std::string_view word) {
        return std::find(arguments.texts.begin(), arguments.texts.end(), word) !=
               arguments.texts.end();
    };
    const bool none = has("ipv4=off") && has("ipv6=off") && !has("ipv4=on") && !has("ipv6=on");
    if (!none || !may_be_since(arguments, {1, 23, 1})) return {};
    return incomplete(arguments, "\"ipv4\" and \"ipv6\" cannot both be \"off\"");
}

}  // namespace

std::span<const ArgumentCheck> http_upstream_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {fastcgi_bind, in_any_context, check_bind},
        {fastcgi_param, in_any_context, check_param},
        {grpc_bind, in_any_context, check_bind},
        {hash, in_upstream | in_stream_upstream, check_hash},
        {keepalive, in_upstream, check_keepalive},
        {least_time, in_upstream | in_stream_upstream, check_least_time},
        {memcached_bind, in_any_context, check_bind},
        {proxy_bind, in_any_context, check_bind},
        {random, in_upstream | in_stream_upstream, check_random},
        {resolver, in_any_context, check_resolver},
        {scgi_bind, in_any_context, check_bind},
        {scgi_param, in_any_context, check_param},
        {server, in_upstream | in_stream_upstream, check_server},
        {tunnel_bind, in_any_context, check_bind},
        {sticky, in_upstream, check_sticky},
        {uwsgi_bind, in_any_context, check_bind},
        {uwsgi_param, in_any_context, check_param},
        {zone, in_upstream | in_stream_upstream, check_upstream_zone},
    });
    return checks;
}

}  // namespace gatelint
