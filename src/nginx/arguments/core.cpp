#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/syslog.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

constexpr auto levels = std::to_array<std::string_view>(
    {"emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"});

constexpr auto debug_levels = std::to_array<Parameter>({
    {"debug_core"},
    {"debug_alloc"},
    {"debug_mutex"},
    {"debug_event"},
    {"debug_http"},
    {"debug_mail"},
    {"debug_mysql", nullptr, {}, {}, {1, 9, 14}},
    {"debug_stream", nullptr, {}, {1, 9, 0}},
});

constexpr std::string_view level_advice =
    "expected one of: debug, info, notice, warn, error, crit, alert, emerg";

/// ngx_log_set_levels(): one level, or any number of debug_core and its like.
Refusal check_levels(const Arguments& arguments) {
    bool level = false;
    bool debug = false;
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        if (std::find(levels.begin(), levels.end(), text) != levels.end()) {
            if (level || debug) {
                return refuse(arguments, i, "duplicate log level",
                              "one level is enough: it includes the more severe ones");
            }
            level = true;
        } else if (find_parameter(arguments, debug_levels, text) == nullptr) {
            return refuse(arguments, i, "invalid log level", std::string(level_advice));
        } else if (level) {
            return refuse(arguments, i, "invalid log level",
                          "it cannot be combined with another level");
        } else {
            debug = true;
        }
    }
    return {};
}

/// ngx_log_set_log(): a log in memory has room for one message and a head with the name of the
/// file, whatever its length.
Refusal check_memory(std::string_view text) {
    constexpr std::uint64_t smallest = 2100;
    if (parse_size(text).value_or(0) >= smallest) return {};
    return ArgumentError{
        fmt::format("invalid buffer size \"{}\"", text), 0,
        "expected memory:SIZE, with a whole number of bytes, or with the unit k or m"};
}

Refusal check_error_log(const Arguments& arguments) {
    const std::string_view log = arguments.texts[0];
    Refusal refusal;
    if (const auto size = after(log, "memory:")) refusal = check_memory(*size);
    if (log.starts_with("syslog:")) refusal = check_syslog(arguments);
    return refusal ? refusal : check_levels(arguments);
}

/// ngx_thread_pool(), which passes over all that is neither `threads=` nor `max_queue=`.
Refusal check_thread_pool(const Arguments& arguments) {
    constexpr auto parameters = std::to_array<Parameter>({
        {"threads=", is_positive_number, "invalid threads value"},
        {"max_queue=", is_number, "invalid max_queue value"},
    });
    bool threads = false;
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        if (find_parameter(arguments, parameters, text) == nullptr) continue;
        if (Refusal refusal = check_parameter(arguments, i, parameters)) return refusal;
        threads = threads || text.starts_with("threads=");
    }
    if (threads) return {};
    return incomplete(arguments, "\"thread_pool\" must have \"threads\" parameter");
}

/// One mask of worker_cpu_affinity, which nginx reads from its end.
Refusal check_mask(const Arguments& arguments, std::size_t which) {
    constexpr std::size_t most = 1024;  // CPU_SETSIZE
    const std::string_view mask = arguments.texts[which];
    if (mask.size() > most) {
        return ArgumentError{
            fmt::format("\"worker_cpu_affinity\" supports up to {} CPUs only", most), which};
    }
    const std::size_t wrong = mask.find_last_not_of(" 01");
    if (wrong == std::string_view::npos) return {};
    return ArgumentError{
        fmt::format("invalid character \"{}\" in \"worker_cpu_affinity\"", mask[wrong]), which,
        "expected a mask of 0 and 1, one digit for each CPU"};
}

/// ngx_set_cpu_affinity()
Refusal check_cpu_affinity(const Arguments& arguments) {
    constexpr std::size_t most_after_auto = 1;
    const auto texts = arguments.texts;
    const bool automatic = texts[0] == "auto" && may_be_since(arguments, {1, 9, 10});
    if (automatic && texts.size() - 1 > most_after_auto) {
        return incomplete(arguments,
                          "invalid number of arguments in \"worker_cpu_affinity\" directive",
                          "only one mask can follow auto");
    }
    for (std::size_t i = automatic ? 1 : 0; i < texts.size(); ++i) {
        if (Refusal refusal = check_mask(arguments, i)) return refusal;
    }
    return {};
}

/// ngx_set_priority()
Refusal check_priority(const Arguments& arguments) {
    std::string_view text = arguments.texts[0];
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (is_number(text)) return {};
    return returned(arguments, 0, "invalid number", "expected a number from -20 to 20");
}

/// ngx_set_worker_processes()
Refusal check_worker_processes(const Arguments& arguments) {
    if (arguments.texts[0] == "auto" || is_number(arguments.texts[0])) return {};
    return returned(arguments, 0, "invalid value", "expected a whole number or auto");
}

}  // namespace

std::span<const ArgumentCheck> core_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {error_log, in_any_context, check_error_log},
        {thread_pool, in_any_context, check_thread_pool},
        {worker_cpu_affinity, in_any_context, check_cpu_affinity},
        {worker_priority, in_any_context, check_priority},
        {worker_processes, in_any_context, check_worker_processes},
    });
    return checks;
}

}  // namespace gatelint
