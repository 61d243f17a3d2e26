#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/listen.hpp"

namespace gatelint {

namespace {

/// ngx_http_core_listen(). What depends on the platform, such as setfib, is taken for granted.
constexpr auto parameters = std::to_array<Parameter>({
    {"default_server"},
    {"default"},
    {"bind"},
    {"setfib=", is_number, "invalid setfib"},
    {"fastopen=", is_number, "invalid fastopen", {1, 5, 8}},
    {"backlog=", is_positive_number, "invalid backlog"},
    {"rcvbuf=", is_size, "invalid rcvbuf"},
    {"sndbuf=", is_size, "invalid sndbuf"},
    {"accept_filter="},
    {"deferred"},
    {"reuseport", nullptr, {}, {1, 9, 1}},
    {"multipath", nullptr, {}, {1, 29, 7}},
    {"ssl"},
    {"spdy", nullptr, {}, {1, 3, 15}, {1, 19, 7}},
    {"http2", nullptr, {}, {1, 9, 5}},
    {"quic", nullptr, {}, {1, 25, 0}},
    {"proxy_protocol", nullptr, {}, {1, 5, 12}},
});

/// What TCP has and QUIC has not, and since when nginx says so.
struct NotForQuic {
    std::string_view name;
    Version since;
};

constexpr auto not_for_quic = std::to_array<NotForQuic>({
    {"fastopen=", {1, 25, 4}},
    {"backlog=", {1, 25, 4}},
    {"deferred", {1, 25, 4}},
    {"multipath", {1, 29, 7}},
    {"ssl", {1, 25, 0}},
    {"http2", {1, 25, 0}},
    {"so_keepalive=", {1, 25, 4}},
    {"proxy_protocol", {1, 25, 0}},
});

Refusal check_quic(const Arguments& arguments) {
    const auto texts = arguments.texts.subspan(1);
    if (std::find(texts.begin(), texts.end(), "quic") == texts.end()) return {};
    constexpr Version first_with_quic{1, 25, 0};
    for (const NotForQuic& parameter : not_for_quic) {
        // Of an unknown version all have to agree.
        const bool refused = arguments.version ? parameter.since <= *arguments.version
                                               : parameter.since <= first_with_quic;
        const auto found = std::find_if(texts.begin(), texts.end(), [&](std::string_view text) {
            return parameter.name.ends_with('=') ? text.starts_with(parameter.name)
                                                 : text == parameter.name;
        });
        if (!refused || found == texts.end()) continue;
        const std::string_view name = parameter.name.substr(0, parameter.name.find('='));
        return returned(arguments, static_cast<std::size_t>(found - texts.begin()) + 1,
                        fmt::format("\"{}\" parameter is incompatible with \"quic\"", name),
                        "QUIC and TCP each need their own listen");
    }
    return {};
}

Refusal check_listen(const Arguments& arguments) {
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_listen_parameter(arguments, i, parameters)) return refusal;
    }
    return check_quic(arguments);
}

}  // namespace

std::span<const ArgumentCheck> http_listen_checks() {
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {DirectiveId::listen, in_server, check_listen},
    });
    return checks;
}

}  // namespace gatelint
