#pragma once

#include <span>

#include "nginx/arguments/arguments.hpp"

namespace gatelint {

/// Code of a directive's own that looks at its arguments, after what ValueKind says of them. Only
/// what the arguments alone decide: what other directives say is for the rules.
struct ArgumentCheck {
    DirectiveId id;
    std::uint16_t contexts;  ///< those of the form that it concerns
    std::optional<ArgumentError> (*check)(const Arguments&);
};

inline constexpr std::uint16_t in_any_context = 0xffff;
inline constexpr std::uint16_t in_any_http = in_http | in_server | in_location | in_upstream |
                                             in_if_in_server | in_if_in_location | in_limit_except;
inline constexpr std::uint16_t in_any_stream = in_stream | in_stream_server | in_stream_upstream;

/// One list for each file of this folder, as nginx's modules fall into groups. What http, stream
/// and mail read alike is in the lists of http.
std::span<const ArgumentCheck> bounds_checks();
std::span<const ArgumentCheck> core_checks();
std::span<const ArgumentCheck> event_checks();
std::span<const ArgumentCheck> http_core_checks();
std::span<const ArgumentCheck> http_filter_checks();
std::span<const ArgumentCheck> http_limit_checks();
std::span<const ArgumentCheck> http_listen_checks();
std::span<const ArgumentCheck> http_log_checks();
std::span<const ArgumentCheck> http_proxying_checks();
std::span<const ArgumentCheck> http_rewrite_checks();
std::span<const ArgumentCheck> http_upstream_checks();
std::span<const ArgumentCheck> mail_checks();
std::span<const ArgumentCheck> stream_checks();

}  // namespace gatelint
