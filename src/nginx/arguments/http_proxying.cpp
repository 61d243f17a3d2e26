#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// Up to three levels of folders, whose names have one or two characters: `1:2`.
bool is_levels(std::string_view text) {
    constexpr std::size_t longest = 5;  // NGX_MAX_PATH_LEVEL digits and the colons between
    if (text.empty()) return true;
    if (text.size() > longest || text.size() % 2 == 0) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool digit = text[i] == '1' || text[i] == '2';
        if (i % 2 == 0 ? !digit : text[i] != ':') return false;
    }
    return true;
}

constexpr Version with_manager{1, 11, 5};

constexpr auto path_parameters = std::to_array<Parameter>({
    {"levels=", is_levels, "invalid \"levels\""},
    {"inactive=", is_seconds, "invalid inactive value"},
    {"max_size=", is_offset, "invalid max_size value"},
    {"min_free=", is_offset, "invalid min_free value", {1, 19, 1}, {}, true},
    {"loader_files=", is_number, "invalid loader_files value"},
    {"loader_sleep=", is_time, "invalid loader_sleep value"},
    {"loader_threshold=", is_time, "invalid loader_threshold value"},
    {"manager_files=", is_number, "invalid manager_files value", with_manager},
    {"manager_sleep=", is_time, "invalid manager_sleep value", with_manager},
    {"manager_threshold=", is_time, "invalid manager_threshold value", with_manager},
    {"purger=", nullptr, {}, {}, never, true},
    {"purger_files=", nullptr, {}, {}, never, true},
    {"purger_sleep=", nullptr, {}, {}, never, true},
    {"purger_threshold=", nullptr, {}, {}, never, true},
});

Refusal check_keys_zone(const Arguments& arguments, std::size_t which, std::string_view value) {
    constexpr std::uint64_t smallest = 2 * page_size;
    const std::size_t colon = value.find(':');
    std::optional<std::uint64_t> size;
    if (colon != std::string_view::npos) size = parse_size(value.substr(colon + 1));
    if (!size) {
        return refuse(
            arguments, which, "invalid keys zone size",
            "expected keys_zone=NAME:SIZE, with a whole number of bytes, or with the unit k or m");
    }
    if (*size >= smallest) return {};
    return ArgumentError{fmt::format("keys zone \"{}\" is too small", arguments.texts[which]),
                         which, "it must be at least 8k"};
}

/// ngx_http_file_cache_set_slot()
Refusal check_cache_path(const Arguments& arguments) {
    bool named = false;
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        const auto temp = after(text, "use_temp_path=");
        if (temp && may_be_since(arguments, {1, 7, 10})) {
            if (is_on_or_off(*temp)) continue;
            return ArgumentError{fmt::format("invalid use_temp_path value \"{}\", it must be "
                                             "\"on\" or \"off\"",
                                             text),
                                 i};
        }
        const auto zone = after(text, "keys_zone=");
        Refusal refusal = zone ? check_keys_zone(arguments, i, *zone)
                               : check_parameter(arguments, i, path_parameters);
        if (refusal) return refusal;
        if (zone) named = !zone->starts_with(':');
    }
    if (named) return {};
    return incomplete(arguments,
                      fmt::format("\"{}\" must have \"keys_zone\" parameter", arguments.name()));
}

/// ngx_http_file_cache_valid_set_slot()
Refusal check_cache_valid(const Arguments& arguments) {
    constexpr std::uint64_t lowest = 100;
    constexpr std::uint64_t highest = 599;
    const std::size_t last = arguments.texts.size() - 1;
    if (!is_seconds(arguments.texts[last])) {
        return refuse(arguments, last, "invalid time value",
                      "status codes must come before the time");
    }
    for (std::size_t i = 0; i < last; ++i) {
        if (arguments.texts[i] == "any") continue;
        const std::uint64_t status = parse_number(arguments.texts[i]).value_or(0);
        if (status < lowest || status > highest) {
            return refuse(arguments, i, "invalid status",
                          "expected a three-digit status code, or any");
        }
    }
    return {};
}

/// ngx_http_proxy_store() and its twins
Refusal check_store(const Arguments& arguments) {
    if (!arguments.texts[0].empty() || !is_since(arguments, {1, 27, 3})) return {};
    return ArgumentError{"empty path", 0};
}

/// proxy_cookie_domain and its like have one argument only to be turned off.
Refusal check_off(const Arguments& arguments) {
    if (arguments.texts.size() > 1 || arguments.texts[0] == "off") return {};
    return refuse(arguments, 0, "invalid parameter", "a single argument must be off");
}

/// ngx_http_proxy_redirect()
Refusal check_redirect(const Arguments& arguments) {
    if (arguments.texts.size() > 1 || arguments.texts[0] == "default") return {};
    if (arguments.texts[0] == "off") return {};
    return refuse(arguments, 0, "invalid parameter", "a single argument must be off or default");
}

/// ngx_http_ssl_certificate_cache() and its twins
Refusal check_certificate_cache(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({
        {"max=", is_positive_number},
        {"inactive=", is_seconds},
        {"valid=", is_seconds},
        {"off"},
    });
    return check_cache(arguments, parameters, "invalid parameter",
                       fmt::format("\"{}\" must have the \"max\" parameter", arguments.name()));
}

/// ngx_http_set_complex_value_size_slot(); before, the slot took no variables.
template <std::uint32_t Minor, std::uint32_t Patch>
Refusal check_complex_size(const Arguments& arguments) {
    constexpr Version with_variables{1, Minor, Patch};
    const std::string_view text = arguments.texts[0];
    if (is_size(text)) return {};
    if (has_variables(text) && may_be_since(arguments, with_variables)) return {};
    return returned(arguments, 0, "invalid value",
                    "expected a size: a whole number of bytes, or with the unit k or m");
}

}  // namespace

std::span<const ArgumentCheck> http_proxying_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {fastcgi_cache_path, in_any_context, check_cache_path},
        {fastcgi_cache_valid, in_any_context, check_cache_valid},
        {fastcgi_limit_rate, in_any_context, check_complex_size<27, 0>},
        {fastcgi_store, in_any_context, check_store},
        {grpc_ssl_certificate_cache, in_any_http, check_certificate_cache},
        {limit_rate, in_any_http, check_complex_size<17, 0>},
        {limit_rate_after, in_any_http, check_complex_size<17, 0>},
        {proxy_cache_path, in_any_context, check_cache_path},
        {proxy_cache_valid, in_any_context, check_cache_valid},
        {proxy_cookie_domain, in_any_context, check_off},
        {proxy_cookie_flags, in_any_context, check_off},
        {proxy_cookie_path, in_any_context, check_off},
        {proxy_limit_rate, in_any_http, check_complex_size<27, 0>},
        {proxy_redirect, in_any_context, check_redirect},
        {proxy_ssl_certificate_cache, in_any_context, check_certificate_cache},
        {proxy_store, in_any_context, check_store},
        {scgi_cache_path, in_any_context, check_cache_path},
        {scgi_cache_valid, in_any_context, check_cache_valid},
        {scgi_limit_rate, in_any_context, check_complex_size<27, 0>},
        {scgi_store, in_any_context, check_store},
        {ssl_certificate_cache, in_any_context, check_certificate_cache},
        {uwsgi_cache_path, in_any_context, check_cache_path},
        {uwsgi_cache_valid, in_any_context, check_cache_valid},
        {uwsgi_limit_rate, in_any_context, check_complex_size<27, 0>},
        {uwsgi_ssl_certificate_cache, in_any_http, check_certificate_cache},
        {uwsgi_store, in_any_context, check_store},
    });
    return checks;
}

}  // namespace gatelint
