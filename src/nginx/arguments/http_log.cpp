#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/syslog.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// What access_log's parameters add up to.
struct Buffering {
    bool buffered = false;
    bool flushed = false;
};

Refusal quote_value(std::string_view what, std::string_view value, std::size_t which,
                    std::string advice = {}) {
    return ArgumentError{fmt::format("{} \"{}\"", what, value), which, std::move(advice)};
}

Refusal check_gzip(std::string_view text, std::size_t which, Buffering& buffering) {
    constexpr std::uint64_t highest = 9;
    buffering.buffered = true;
    if (text == "gzip") return {};
    const std::string_view value = text.substr(std::string_view("gzip=").size());
    const auto level = parse_number(value);
    if (level && *level >= 1 && *level <= highest) return {};
    return quote_value("invalid compression level", value, which, "expected a number from 1 to 9");
}

Refusal check_log_parameter(const Arguments& arguments, std::size_t which, Buffering& buffering) {
    const std::string_view text = arguments.texts[which];
    if (const auto size = after(text, "buffer=")) {
        buffering.buffered = true;
        if (parse_size(*size).value_or(0) != 0) return {};
        return quote_value("invalid buffer size", *size, which,
                           "expected a size: a whole number of bytes, or with the unit k or m");
    }
    if (const auto time = after(text, "flush=")) {
        buffering.flushed = true;
        if (parse_time(*time).value_or(0) != 0) return {};
        return quote_value("invalid flush time", *time, which);
    }
    if (text == "gzip" || text.starts_with("gzip=")) return check_gzip(text, which, buffering);
    constexpr Version with_if{1, 7, 0};
    if (text.starts_with("if=") && may_be_since(arguments, with_if)) return {};
    return refuse(arguments, which, "invalid parameter",
                  "after the format, expected buffer=, flush=, gzip or if=");
}

Refusal check_buffering(const Arguments& arguments, const Buffering& buffering) {
    const std::string_view file = arguments.texts[0];
    if (buffering.flushed && !buffering.buffered) {
        return refuse(arguments, 0, "no buffer is defined for access_log");
    }
    if (!buffering.buffered) return {};
    if (file.starts_with("syslog:")) return ArgumentError{"logs to syslog cannot be buffered", 0};
    if (!has_variables(file)) return {};
    return ArgumentError{"buffered logs cannot have variables in name", 0};
}

/// ngx_http_log_set_log(), and ngx_stream_log_set_log(), which has no format of its own
Refusal check_access_log(const Arguments& arguments) {
    constexpr std::size_t first_parameter = 2;
    const auto texts = arguments.texts;
    if (texts[0] == "off") {
        if (texts.size() == 1) return {};
        return refuse(arguments, 1, "invalid parameter", "off takes no other arguments");
    }
    if (texts[0].starts_with("syslog:")) {
        if (Refusal refusal = check_syslog(arguments)) return refusal;
    }
    if (texts.size() == 1 && is_stream(arguments.context)) {
        return incomplete(arguments, "log format is not specified",
                          "stream has no default format: name a log_format");
    }
    Buffering buffering;
    for (std::size_t i = first_parameter; i < texts.size(); ++i) {
        if (Refusal refusal = check_log_parameter(arguments, i, buffering)) return refusal;
    }
    return check_buffering(arguments, buffering);
}

bool is_name_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// ngx_http_log_compile_format(): the variables of one piece of the format.
Refusal check_format(std::string_view text, std::size_t which) {
    for (std::size_t dollar = text.find('$'); dollar != std::string_view::npos;
         dollar = text.find('$', dollar)) {
        const auto invalid = [&] {
            return quote_value("invalid parameter", text.substr(dollar), which,
                               "$ starts a variable name");
        };
        const bool bracket = text.substr(dollar + 1).starts_with('{');
        const std::size_t begin = dollar + (bracket ? 2 : 1);
        if (begin >= text.size()) return invalid();
        const auto past = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                           text.end(), is_name_character);
        const auto end = static_cast<std::size_t>(past - text.begin());
        if (bracket && (end == text.size() || text[end] != '}')) {
            return ArgumentError{fmt::format("the closing bracket in \"{}\" variable is missing",
                                             text.substr(begin, end - begin)),
                                 which};
        }
        if (end == begin) return invalid();
        dollar = end;
    }
    return {};
}

/// ngx_http_log_set_format()
Refusal check_log_format(const Arguments& arguments) {
    const auto texts = arguments.texts;
    std::size_t first = 1;
    const auto escape = after(texts[1], "escape=");
    if (escape && may_be_since(arguments, {1, 11, 8})) {
        const bool known = *escape == "json" || *escape == "default" ||
                           (*escape == "none" && may_be_since(arguments, {1, 13, 10}));
        if (!known) {
            return quote_value("unknown log format escaping", *escape, 1,
                               "expected default, json or none");
        }
        ++first;
    }
    for (std::size_t i = first; i < texts.size(); ++i) {
        if (Refusal refusal = check_format(texts[i], i)) return refusal;
    }
    return {};
}

/// ngx_http_log_open_file_cache()
Refusal check_open_log_file_cache(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({
        {"max=", is_number},
        {"inactive=", is_seconds},
        {"min_uses=", is_number},
        {"valid=", is_seconds},
        {"off"},
    });
    return check_cache(arguments, parameters, "invalid \"open_log_file_cache\" parameter",
                       "\"open_log_file_cache\" must have \"max\" parameter");
}

}  // namespace

std::span<const ArgumentCheck> http_log_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {access_log, in_any_context, check_access_log},
        {log_format, in_any_context, check_log_format},
        {open_log_file_cache, in_any_context, check_open_log_file_cache},
    });
    return checks;
}

}  // namespace gatelint
