#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/name_hash.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// ngx_http_headers_add()
Refusal check_add_header(const Arguments& arguments) {
    if (arguments.texts.size() < 3 || arguments.texts[2] == "always") return {};
    return refuse(arguments, 2, "invalid parameter",
                  "expected always; a value with spaces must be quoted");
}

constexpr std::string_view expires_advice =
    "expected a time, @ with a time of day, epoch, max or off";

/// ngx_http_parse_expires()
Refusal check_expires_value(const Arguments& arguments, std::size_t which, bool modified) {
    constexpr std::uint64_t day = 24 * 60 * 60;
    std::string_view text = arguments.texts[which];
    if (!modified && (text == "epoch" || text == "max" || text == "off")) return {};
    const bool daily = text.starts_with('@');
    if (daily && modified) {
        return returned(arguments, which, "daily time cannot be used with \"modified\" parameter");
    }
    if (daily || text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    const auto time = parse_seconds(text);
    if (!time) return returned(arguments, which, "invalid value", std::string(expires_advice));
    if (!daily || *time <= day) return {};
    return returned(arguments, which, "daily time value must be less than 24 hours");
}

/// ngx_http_headers_expires()
Refusal check_expires(const Arguments& arguments) {
    const bool modified = arguments.texts.size() > 1;
    if (modified && arguments.texts[0] != "modified") {
        return returned(arguments, 0, "invalid value", std::string(expires_advice));
    }
    const std::size_t which = modified ? 1 : 0;
    if (has_variables(arguments.texts[which])) return {};
    return check_expires_value(arguments, which, modified);
}

/// ngx_http_set_charset_slot()
Refusal check_charset(const Arguments& arguments) {
    if (arguments.texts[0] != "$") return {};
    return refuse(arguments, 0, "invalid variable name");
}

/// ngx_http_charset_map_block()
Refusal check_charset_map(const Arguments& arguments) {
    const auto texts = arguments.texts;
    if (equals_ignoring_case(texts[0], texts[1])) {
        return ArgumentError{fmt::format("\"charset_map\" between the same charsets \"{}\" and "
                                         "\"{}\"",
                                         texts[0], texts[1]),
                             1};
    }
    if (!equals_ignoring_case(texts[0], "utf-8") || !is_since(arguments, {1, 31, 3})) return {};
    return ArgumentError{
        "\"charset_map\" with \"utf-8\" charset should be given in the second column", 0};
}

/// ngx_http_index_set_index()
Refusal check_index(const Arguments& arguments) {
    const auto texts = arguments.texts;
    const auto empty = std::find(texts.begin(), texts.end(), "");
    if (empty == texts.end()) return {};
    // Older ones quote the first, whichever is empty.
    const std::string_view quoted = may_be_before(arguments, {1, 29, 2}) ? texts[0] : *empty;
    return ArgumentError{fmt::format("index \"{}\" in \"index\" directive is invalid", quoted),
                         static_cast<std::size_t>(empty - texts.begin())};
}

/// ngx_http_userid_expires()
bool is_userid_expires(std::string_view text) {
    return text == "max" || text == "off" || is_seconds(text);
}

/// ngx_http_userid_mark()
Refusal check_userid_mark(const Arguments& arguments) {
    const std::string_view text = arguments.texts[0];
    if (text == "off") return {};
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '=';
    };
    if (text.size() == 1 && fits(text[0])) return {};
    return returned(arguments, 0, "value must be \"off\" or a single letter, digit or \"=\"");
}

/// ngx_http_modern_browser(). Of one argument nginx takes `unlisted` only; of another it says
/// nothing at all, although it does not start.
Refusal check_modern_browser(const Arguments& arguments) {
    constexpr auto browsers =
        std::to_array<std::string_view>({"opera", "msie", "gecko", "safari", "konqueror"});
    if (arguments.texts.size() < 2) return {};
    const bool known = std::any_of(browsers.begin(), browsers.end(), [&](std::string_view name) {
        return equals_ignoring_case(name, arguments.texts[0]);
    });
    if (!known) {
        return refuse(arguments, 0, "unknown browser name",
                      "expected msie, gecko, opera, safari or konqueror");
    }
    if (arguments.texts[1].find_first_not_of("0123456789.") == std::string_view::npos) return {};
    return refuse(arguments, 1, "invalid browser version");
}

/// ngx_http_geoip_country() and its twins
Refusal check_geoip(const Arguments& arguments) {
    if (arguments.texts.size() < 2 || arguments.texts[1] == "utf8") return {};
    return refuse(arguments, 1, "invalid parameter", "expected utf8");
}

/// ngx_http_image_filter_value(): `-` leaves a side free, and is as good as a number.
bool is_image_value(std::string_view text) {
    return has_variables(text) || text == "-" || is_positive_number(text);
}

bool is_angle(std::string_view text) {
    const std::uint64_t angle = parse_number(text).value_or(0);
    return has_variables(text) || angle == 90 || angle == 180 || angle == 270;
}

/// ngx_http_image_filter()
Refusal check_image_filter(const Arguments& arguments) {
    constexpr std::string_view what = "invalid parameter";
    const auto texts = arguments.texts;
    const std::string_view filter = texts[0];
    if (texts.size() == 1) {
        if (filter == "off" || filter == "test" || filter == "size") return {};
        return refuse(arguments, 0, what, "a single argument must be off, test or size");
    }
    if (texts.size() == 2) {
        if (filter != "rotate") return refuse(arguments, 0, what, "expected rotate and an angle");
        if (is_angle(texts[1])) return {};
        return refuse(arguments, 1, what, "expected 90, 180 or 270");
    }
    if (filter != "resize" && filter != "crop") {
        return refuse(arguments, 0, what, "expected resize or crop, a width and a height");
    }
    for (std::size_t side = 1; side <= 2; ++side) {
        if (!is_image_value(texts[side])) {
            return refuse(arguments, side, what, "expected a number of pixels, or -");
        }
    }
    return {};
}

/// ngx_http_image_filter_jpeg_quality() and ngx_http_image_filter_webp_quality()
Refusal check_image_quality(const Arguments& arguments) {
    const std::string_view text = arguments.texts[0];
    if (has_variables(text) || is_positive_number(text)) return {};
    return refuse(arguments, 0, "invalid value", "expected a number from 1 to 100");
}

/// ngx_http_image_filter_sharpen(), which takes whatever is no number for zero.
Refusal check_image_sharpen(const Arguments& arguments) {
    if (arguments.texts[0] != "-") return {};
    return refuse(arguments, 0, "invalid value", "expected a number from 0 to 100");
}

/// ngx_http_valid_referers()
Refusal check_valid_referers(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        if (text.empty()) return refuse(arguments, i, "invalid referer");
        if (text == "~") return refuse(arguments, i, "empty regex in");
        if (text.starts_with('~')) continue;
        const std::string_view host = text.substr(0, text.find('/'));
        if (!is_invalid_wildcard(host)) continue;
        return ArgumentError{fmt::format("invalid hostname or wildcard \"{}\"", host), i,
                             "a wildcard looks like *.example.com, .example.com or www.example.*"};
    }
    return {};
}

/// ngx_http_sub_filter()
Refusal check_sub_filter(const Arguments& arguments) {
    if (!arguments.texts[0].empty() || may_be_before(arguments, {1, 9, 4})) return {};
    return ArgumentError{"empty search pattern", 0};
}

/// ngx_http_degradation()
Refusal check_degradation(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({{"sbrk=", is_size, "invalid sbrk size"}});
    return check_parameter(arguments, 0, parameters);
}

/// The rest of ngx_http_ssl_session_cache() and ngx_http_ssl_ocsp_cache(), whose words differ.
Refusal check_shared(const Arguments& arguments, std::size_t which, std::string_view what) {
    const std::string_view text = arguments.texts[which];
    const auto zone = after(text, "shared:");
    std::size_t colon = std::string_view::npos;
    if (zone) colon = zone->find(':');
    std::optional<std::uint64_t> size;
    if (colon != std::string_view::npos && colon != 0) size = parse_size(zone->substr(colon + 1));
    if (!size) {
        return refuse(arguments, which, fmt::format("invalid {}", what),
                      "a shared cache is written shared:NAME:SIZE");
    }
    if (*size >= smallest_zone) return {};
    return ArgumentError{fmt::format("{} \"{}\" is too small", what, text), which,
                         "it must be at least 32k"};
}

/// ngx_http_ssl_session_cache() and its twins of stream and mail
Refusal check_ssl_session_cache(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        if (text == "off" || text == "none" || text == "builtin") continue;
        const auto builtin = after(text, "builtin:");
        if (builtin && is_number(*builtin)) continue;
        if (Refusal refusal = check_shared(arguments, i, "session cache")) return refusal;
    }
    return {};
}

/// ngx_http_ssl_ocsp_cache() and its twin of stream
Refusal check_ssl_ocsp_cache(const Arguments& arguments) {
    if (arguments.texts[0] == "off") return {};
    return check_shared(arguments, 0, "OCSP cache");
}

template <std::size_t Which>
Refusal check_variable(const Arguments& arguments) {
    return check_variable_name(arguments, Which);
}

/// ngx_http_geo_block() and its twin of stream
Refusal check_geo(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_variable_name(arguments, i)) return refusal;
    }
    return {};
}

}  // namespace

std::span<const ArgumentCheck> http_filter_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {add_header, in_any_http, check_add_header},
        {add_trailer, in_any_http, check_add_header},
        {auth_request_set, in_any_http, check_variable<0>},
        {charset, in_any_http, check_charset},
        {charset_map, in_any_http, check_charset_map},
        {degradation, in_any_http, check_degradation},
        {expires, in_any_http, check_expires},
        {geo, in_any_context, check_geo},
        {geoip_city, in_any_context, check_geoip},
        {geoip_country, in_any_context, check_geoip},
        {geoip_org, in_any_context, check_geoip},
        {image_filter, in_any_http, check_image_filter},
        {image_filter_jpeg_quality, in_any_http, check_image_quality},
        {image_filter_sharpen, in_any_http, check_image_sharpen},
        {image_filter_webp_quality, in_any_http, check_image_quality},
        {index, in_any_http, check_index},
        {map, in_any_context, check_variable<1>},
        {modern_browser, in_any_http, check_modern_browser},
        {perl_set, in_any_http, check_variable<0>},
        {source_charset, in_any_http, check_charset},
        {split_clients, in_any_context, check_variable<1>},
        {ssl_ocsp_cache, in_any_context, check_ssl_ocsp_cache},
        {ssl_session_cache, in_any_context, check_ssl_session_cache},
        {sub_filter, in_any_http, check_sub_filter},
        {userid_expires, in_any_http, check_value<is_userid_expires>},
        {userid_mark, in_any_http, check_userid_mark},
        {valid_referers, in_any_http, check_valid_referers},
    });
    return checks;
}

}  // namespace gatelint
