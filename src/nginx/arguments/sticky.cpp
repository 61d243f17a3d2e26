#include "nginx/arguments/sticky.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

bool is_not_empty(std::string_view text) {
    return !text.empty();
}

bool is_cookie_time(std::string_view text) {
    return text == "max" || is_seconds(text);
}

bool is_same_site(std::string_view text) {
    return has_variables(text) || equals_ignoring_case(text, "strict") ||
           equals_ignoring_case(text, "lax") || equals_ignoring_case(text, "none");
}

constexpr auto cookie_parameters = std::to_array<Parameter>({
    {"domain=", is_not_empty, "no value for \"domain\""},
    {"path=", is_not_empty, "no value for \"path\""},
    {"expires=", is_cookie_time, "invalid \"expires\" parameter value"},
    {"httponly"},
    {"secure"},
    {"samesite=", is_same_site, "invalid \"samesite\" parameter value"},
});

std::string_view name_without_sign(const Parameter& parameter) {
    return parameter.name.substr(0, parameter.name.find('='));
}

/// Whether an earlier argument, from `first` on, is the same parameter.
bool is_repeated(const Arguments& arguments, std::size_t first, std::size_t which,
                 std::span<const Parameter> parameters, const Parameter* parameter) {
    for (std::size_t i = first; i < which; ++i) {
        if (find_parameter(arguments, parameters, arguments.texts[i]) == parameter) return true;
    }
    return false;
}

/// ngx_http_upstream_sticky_cookie()
Refusal check_cookie(const Arguments& arguments) {
    constexpr std::size_t first = 2;
    if (arguments.texts[1].empty()) return returned(arguments, 1, "empty cookie name");
    for (std::size_t i = first; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        const Parameter* parameter = find_parameter(arguments, cookie_parameters, text);
        if (parameter == nullptr) {
            return refuse(arguments, i, "unknown parameter",
                          "expected one of: domain=, path=, expires=, httponly, secure, samesite=");
        }
        if (is_repeated(arguments, first, i, cookie_parameters, parameter)) {
            return returned(
                arguments, i,
                fmt::format("parameter \"{}\" is duplicate", name_without_sign(*parameter)));
        }
        const std::string_view value = text.substr(parameter->name.size());
        if (parameter->fits != nullptr && !parameter->fits(value)) {
            return returned(arguments, i, parameter->what);
        }
    }
    return {};
}

Refusal check_route(const Arguments& arguments) {
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_variable_name(arguments, i)) return refusal;
    }
    return {};
}

/// What ngx_http_upstream_sticky_learn() says of `zone=`.
std::string_view fault_of_zone(std::string_view zone) {
    const std::size_t colon = zone.find(':');
    if (colon == std::string_view::npos) return "zone size is not specified";
    if (colon == 0) return "zone name is not specified";
    const auto size = parse_size(zone.substr(colon + 1));
    if (!size) return "invalid zone size";
    return *size < smallest_zone ? "zone is too small" : "";
}

constexpr auto learn_parameters = std::to_array<Parameter>({
    {"zone="},
    {"timeout="},
    {"create="},
    {"lookup="},
    {"header"},
    {"sync", nullptr, {}, {}, never, true},
});

Refusal check_learned_variable(const Arguments& arguments, std::size_t which, std::string_view name,
                               std::string_view value) {
    if (!value.starts_with('$')) {
        return returned(arguments, which,
                        fmt::format("missing variable in the \"{}\" parameter", name));
    }
    if (value.size() > 1) return {};
    return ArgumentError{"invalid variable name \"$\"", which};
}

Refusal check_learn_parameter(const Arguments& arguments, std::size_t which) {
    const std::string_view text = arguments.texts[which];
    const Parameter* parameter = find_parameter(arguments, learn_parameters, text);
    if (parameter == nullptr) {
        return refuse(arguments, which, "unknown parameter",
                      "expected one of: create=, lookup=, zone=, timeout=, header");
    }
    const auto repeated = [&] {
        return is_repeated(arguments, 1, which, learn_parameters, parameter);
    };
    if (const auto zone = after(text, "zone=")) {
        const std::string_view fault = repeated() ? "duplicate zone" : fault_of_zone(*zone);
        if (!fault.empty()) return returned(arguments, which, fault);
    }
    if (const auto timeout = after(text, "timeout=")) {
        if (repeated()) return returned(arguments, which, "duplicate timeout");
        if (parse_time(*timeout).value_or(0) == 0) {
            return returned(arguments, which, "invalid timeout");
        }
    }
    for (const std::string_view name : {"create", "lookup"}) {
        const auto value = after(text, fmt::format("{}=", name));
        if (value) return check_learned_variable(arguments, which, name, *value);
    }
    return {};
}

/// ngx_http_upstream_sticky_learn()
Refusal check_learn(const Arguments& arguments) {
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_learn_parameter(arguments, i)) return refusal;
    }
    const auto texts = arguments.texts;
    for (const std::string_view name : {"lookup", "create", "zone"}) {
        const std::string prefix = fmt::format("{}=", name);
        const bool given = std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
            return text.starts_with(prefix);
        });
        if (given) continue;
        return incomplete(arguments,
                          fmt::format("\"{}\" directive \"{}\" parameter is not specified",
                                      arguments.name(), name));
    }
    return {};
}

}  // namespace

Refusal check_sticky(const Arguments& arguments) {
    constexpr Version in_open_source{1, 29, 6};
    const std::string_view kind = arguments.texts[0];
    if (kind == "cookie") return check_cookie(arguments);
    if (kind == "route") return check_route(arguments);
    if (kind == "learn") return check_learn(arguments);
    if (!is_since(arguments, in_open_source)) return {};
    return refuse(arguments, 0, "unknown parameter", "expected cookie, route or learn");
}

}  // namespace gatelint
