#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/listen.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// ngx_stream_core_listen(). What depends on the platform, such as setfib, is taken for granted.
constexpr Version with_virtual_servers{1, 25, 5};
constexpr auto listen_parameters = std::to_array<Parameter>({
    {"default_server", nullptr, {}, with_virtual_servers},
    {"udp", nullptr, {}, {1, 9, 13}},
    {"bind"},
    {"setfib=", is_number, "invalid setfib", with_virtual_servers},
    {"fastopen=", is_number, "invalid fastopen", {1, 21, 0}},
    {"backlog=", is_positive_number, "invalid backlog", {1, 9, 2}},
    {"rcvbuf=", is_size, "invalid rcvbuf", {1, 13, 0}},
    {"sndbuf=", is_size, "invalid sndbuf", {1, 13, 0}},
    {"accept_filter=", nullptr, {}, with_virtual_servers},
    {"deferred", nullptr, {}, with_virtual_servers},
    {"reuseport", nullptr, {}, {1, 9, 1}},
    {"multipath", nullptr, {}, {1, 29, 7}},
    {"ssl"},
    {"proxy_protocol", nullptr, {}, {1, 11, 4}},
});

/// What TCP has and UDP has not, in the order in which nginx 1.22.1 asks for it.
constexpr auto not_for_udp =
    std::to_array<std::string_view>({"backlog=", "ssl", "so_keepalive=", "proxy_protocol",
                                     "fastopen=", "accept_filter=", "deferred", "multipath"});

Refusal check_udp(const Arguments& arguments) {
    const auto texts = arguments.texts.subspan(1);
    if (std::find(texts.begin(), texts.end(), "udp") == texts.end()) return {};
    for (const std::string_view parameter : not_for_udp) {
        const auto found = std::find_if(texts.begin(), texts.end(), [&](std::string_view text) {
            return parameter.ends_with('=') ? text.starts_with(parameter) : text == parameter;
        });
        if (found == texts.end()) continue;
        const std::string_view name = parameter.substr(0, parameter.find('='));
        return returned(arguments, static_cast<std::size_t>(found - texts.begin()) + 1,
                        fmt::format("\"{}\" parameter is incompatible with \"udp\"", name));
    }
    return {};
}

Refusal check_stream_listen(const Arguments& arguments) {
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_listen_parameter(arguments, i, listen_parameters)) {
            return refusal;
        }
    }
    return check_udp(arguments);
}

/// ngx_stream_set_complex_value_size_slot()
Refusal check_rate(const Arguments& arguments) {
    if (has_variables(arguments.texts[0]) || is_size(arguments.texts[0])) return {};
    return returned(arguments, 0, "invalid value",
                    "expected bytes per second: a whole number, or with the unit k or m");
}

/// ngx_stream_ssl_alpn() and ngx_stream_proxy_ssl_alpn_set_slot(), of which the second takes
/// variables.
template <bool Variables>
Refusal check_alpn(const Arguments& arguments) {
    constexpr std::size_t longest = 255;
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        if (text.size() <= longest || (Variables && has_variables(text))) continue;
        return returned(arguments, i, "protocol too long", "it can have at most 255 characters");
    }
    return {};
}

}  // namespace

std::span<const ArgumentCheck> stream_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {listen, in_stream_server, check_stream_listen},
        {proxy_download_rate, in_any_stream, check_rate},
        {proxy_ssl_alpn, in_any_stream, check_alpn<true>},
        {proxy_upload_rate, in_any_stream, check_rate},
        {ssl_alpn, in_any_stream, check_alpn<false>},
    });
    return checks;
}

}  // namespace gatelint
