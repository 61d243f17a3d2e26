#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// ngx_http_core_server_name()
Refusal check_server_name(const Arguments& arguments) {
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view name = arguments.texts[i];
        const bool bad_star = name.starts_with('*') && (name.size() < 3 || name[1] != '.');
        if (bad_star || name == ".") {
            return ArgumentError{
                fmt::format("server name \"{}\" is invalid", name), i,
                "a wildcard looks like *.example.com, .example.com or www.example.*"};
        }
        if (name == "~") return refuse(arguments, i, "empty regex in server name");
    }
    return {};
}

/// ngx_http_core_root(), which serves alias too
Refusal check_root(const Arguments& arguments) {
    constexpr std::array<std::string_view, 2> variables = {"document_root", "realpath_root"};
    const std::string_view path = arguments.texts[0];
    for (const std::string_view name : variables) {
        const bool has = path.find(fmt::format("${}", name)) != std::string_view::npos ||
                         path.find(fmt::format("${{{}}}", name)) != std::string_view::npos;
        if (!has) continue;
        return ArgumentError{fmt::format("the ${} variable cannot be used in the \"{}\" directive",
                                         name, arguments.name()),
                             0, "that variable is what this directive sets"};
    }
    return {};
}

/// ngx_http_core_limit_except()
Refusal check_limit_except(const Arguments& arguments) {
    constexpr auto methods = std::to_array<std::string_view>(
        {"GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND",
         "PROPPATCH", "LOCK", "UNLOCK", "PATCH"});
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const bool known =
            std::any_of(methods.begin(), methods.end(), [&](std::string_view method) {
                return equals_ignoring_case(method, arguments.texts[i]);
            });
        if (!known) return refuse(arguments, i, "invalid method");
    }
    return {};
}

/// ngx_http_core_set_aio()
Refusal check_aio(const Arguments& arguments) {
    const std::string_view text = arguments.texts[0];
    if (is_on_or_off(text)) return {};
    const bool threads = text == "threads" || text.starts_with("threads=");
    if (threads && may_be_since(arguments, {1, 7, 11})) return {};
    if (text == "sendfile" && may_be_before(arguments, {1, 21, 5})) return {};
    return returned(arguments, 0, "invalid value", "expected on, off, threads or threads=POOL");
}

bool is_off_or_offset(std::string_view text) {
    return text == "off" || is_offset(text);
}

Refusal check_error_code(const Arguments& arguments, std::size_t which) {
    constexpr std::uint64_t lowest = 300;
    constexpr std::uint64_t highest = 599;
    constexpr std::uint64_t never_sent = 499;
    const std::string_view text = arguments.texts[which];
    const auto code = parse_number(text);
    if (!code || *code == never_sent) {
        return refuse(arguments, which, "invalid value", "status codes must come before the page");
    }
    if (*code >= lowest && *code <= highest) return {};
    return ArgumentError{fmt::format("value \"{}\" must be between 300 and 599", text), which};
}

/// ngx_http_core_error_page(): codes, then perhaps `=` or `=CODE`, then the page.
Refusal check_error_page(const Arguments& arguments) {
    std::size_t codes = arguments.texts.size() - 1;
    const std::size_t before_page = codes - 1;
    if (const auto overwrite = after(arguments.texts[before_page], "=")) {
        if (before_page == 0 || (!overwrite->empty() && !is_number(*overwrite))) {
            return refuse(arguments, before_page, "invalid value");
        }
        --codes;
    }
    for (std::size_t i = 0; i < codes; ++i) {
        if (Refusal refusal = check_error_code(arguments, i)) return refusal;
    }
    return {};
}

/// ngx_http_core_open_file_cache()
Refusal check_open_file_cache(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({
        {"max=", is_positive_number},
        {"inactive=", is_seconds},
        {"off"},
    });
    return check_cache(arguments, parameters, "invalid \"open_file_cache\" parameter",
                       "\"open_file_cache\" must have the \"max\" parameter");
}

/// ngx_http_core_keepalive()
Refusal check_keepalive_timeout(const Arguments& arguments) {
    if (!is_time(arguments.texts[0])) return returned(arguments, 0, "invalid value");
    if (arguments.texts.size() < 2 || is_seconds(arguments.texts[1])) return {};
    return returned(arguments, 1, "invalid value");
}

/// ngx_http_disable_symlinks()
Refusal check_disable_symlinks(const Arguments& arguments) {
    constexpr auto parameters =
        std::to_array<Parameter>({{"off"}, {"if_not_owner"}, {"on"}, {"from="}});
    if (Refusal refusal = check_parameters(arguments, 0, parameters)) return refusal;
    const auto texts = arguments.texts;
    const auto from = [](std::string_view text) { return text.starts_with("from="); };
    if (std::all_of(texts.begin(), texts.end(), from)) {
        return incomplete(
            arguments, fmt::format("\"{}\" must have \"off\", \"on\" or \"if_not_owner\" parameter",
                                   arguments.name()));
    }
    if (texts.size() == 1) return {};
    if (std::none_of(texts.begin(), texts.end(), from)) {
        return incomplete(arguments,
                          fmt::format("duplicate parameters \"{} {}\"", texts[0], texts[1]));
    }
    if (std::find(texts.begin(), texts.end(), "off") == texts.end()) return {};
    return incomplete(arguments, "\"from=\" cannot be used with \"off\" parameter");
}

/// ngx_http_core_location()
Refusal check_location(const Arguments& arguments) {
    constexpr auto modifiers = std::to_array<std::string_view>({"=", "^~", "~", "~*"});
    if (arguments.texts.size() < 2) return {};
    if (std::find(modifiers.begin(), modifiers.end(), arguments.texts[0]) != modifiers.end()) {
        return {};
    }
    return refuse(arguments, 0, "invalid location modifier", "expected =, ^~, ~ or ~*");
}

/// ngx_http_try_files(): a code may come last.
Refusal check_try_files(const Arguments& arguments) {
    constexpr std::uint64_t highest = 999;
    const std::size_t last = arguments.texts.size() - 1;
    const auto code = after(arguments.texts[last], "=");
    if (!code) return {};
    // nginx leaves out the last character of a text with variables; it is no number either way.
    const auto number = parse_number(*code);
    if (number && *number <= highest) return {};
    std::string_view printed = arguments.texts[last];
    if (has_variables(printed)) printed.remove_suffix(1);
    return ArgumentError{fmt::format("invalid code \"{}\"", printed), last,
                         "expected a status code after ="};
}

/// http2_max_concurrent_pushes was a number as long as nginx did push; now it is ignored.
Refusal check_pushes(const Arguments& arguments) {
    if (is_number(arguments.texts[0]) || may_be_since(arguments, {1, 25, 1})) return {};
    return returned(arguments, 0, "invalid number");
}

}  // namespace

std::span<const ArgumentCheck> http_core_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {aio, in_any_http, check_aio},
        {alias, in_any_http, check_root},
        {directio, in_any_http, check_value<is_off_or_offset>},
        {disable_symlinks, in_any_http, check_disable_symlinks},
        {error_page, in_any_http, check_error_page},
        {http2_max_concurrent_pushes, in_any_http, check_pushes},
        {keepalive_timeout, in_http | in_server | in_location, check_keepalive_timeout},
        {limit_except, in_any_http, check_limit_except},
        {location, in_any_http, check_location},
        {open_file_cache, in_any_http, check_open_file_cache},
        {root, in_any_http, check_root},
        {server_name, in_server | in_stream_server, check_server_name},
        {try_files, in_any_http, check_try_files},
    });
    return checks;
}

}  // namespace gatelint
