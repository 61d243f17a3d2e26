#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"

namespace gatelint {

namespace {

/// Whichever of them the platform has (ngx_event_module_t).
constexpr auto methods = std::to_array<Parameter>({
    {"epoll"},
    {"kqueue"},
    {"eventport"},
    {"/dev/poll"},
    {"poll"},
    {"select"},
    {"iocp"},
    {"rtsig", nullptr, {}, {}, {1, 9, 0}},
    {"aio", nullptr, {}, {}, {1, 9, 0}},
});

/// ngx_event_use()
Refusal check_use(const Arguments& arguments) {
    if (find_parameter(arguments, methods, arguments.texts[0]) != nullptr) return {};
    return refuse(arguments, 0, "invalid event type",
                  "nginx chooses the best method by itself: on Linux that is epoll");
}

/// ngx_event_connections()
Refusal check_connections(const Arguments& arguments) {
    if (is_number(arguments.texts[0])) return {};
    return refuse(arguments, 0, "invalid number", "expected a whole number without a unit");
}

}  // namespace

std::span<const ArgumentCheck> event_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {connections, in_events, check_connections},
        {use, in_events, check_use},
        {worker_connections, in_events, check_connections},
    });
    return checks;
}

}  // namespace gatelint
