#include "rule.hpp"

namespace gatelint::rules::backend_kill_timeout_shorter {

namespace {

/// Which directive says how long nginx waits for an answer; nothing for other protocols.
std::optional<DirectiveId> read_timeout_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::http:
        case Protocol::https:
            return DirectiveId::proxy_read_timeout;
        case Protocol::fastcgi:
            return DirectiveId::fastcgi_read_timeout;
        case Protocol::uwsgi:
        case Protocol::suwsgi:
            return DirectiveId::uwsgi_read_timeout;
        case Protocol::scgi:
            return DirectiveId::scgi_read_timeout;
        case Protocol::grpc:
        case Protocol::grpcs:
            return DirectiveId::grpc_read_timeout;
        default:
            return std::nullopt;
    }
}

std::string time_text(std::uint64_t milliseconds) {
    constexpr std::uint64_t second = 1000;
    return milliseconds % second == 0 ? fmt::format("{} s", milliseconds / second)
                                      : fmt::format("{} ms", milliseconds);
}

/// What the kill looks like from nginx: php-fpm's child dies with unread data, others close.
std::string_view log_line(const Listener& listener) {
    return listener.program == Listener::Program::php_fpm
               ? "recv() failed (104: Connection reset by peer)"
               : "upstream prematurely closed connection";
}

/// The wait for an answer that somebody has written, in milliseconds; nothing for nginx's own.
std::optional<std::uint64_t> written_wait(const Setting& setting) {
    if (!setting.known || !setting.is_set()) return std::nullopt;
    return parse_time(setting.last()->arg(0));
}

void check_listener(const Pass& pass, const Directive& timeout, std::uint64_t wait,
                    const Listener& listener, Report& report) {
    constexpr std::uint64_t nginx_default = 60'000;
    if (!listener.kill_timeout) return;
    const Limit& kill = *listener.kill_timeout;
    // Two defaults, or one and what differs from it little, are nobody's intention.
    if (!kill.span.known() && wait <= nginx_default) return;
    if (kill.value >= wait) return;
    Draft draft =
        report(timeout, timeout.span(),
               "{} kills a request after {}, before {} expires: {} that take longer get 502",
               listener.name, time_text(kill.value), timeout.name(), requests_to(pass));
    if (kill.span.known()) {
        draft.note(kill.span, "the backend's limit is set here");
    } else {
        draft.note(listener.where, "no limit is set here, and the default is {}",
                   time_text(kill.value));
    }
    draft.note(pass.directive->span(), "the request is proxied here");
    draft.note("{} while reading response header from upstream", log_line(listener));
}

void check(const Subject& subject, Report& report) {
    SeenLists<const Directive*> seen;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        for (const PassTarget& target : pass.targets) {
            const std::optional<DirectiveId> id = read_timeout_of(target.protocol);
            if (!id) continue;
            const Setting timeout = pass.effective(*id);
            const std::optional<std::uint64_t> wait = written_wait(timeout);
            if (!wait || !seen.is_new(target.endpoints, timeout.last())) continue;
            for (const Endpoint& endpoint : target.endpoints) {
                for (const Listener* listener : subject.surroundings.reached_by(endpoint.address)) {
                    if (listener->speaks != endpoint.protocol) continue;
                    check_listener(pass, *timeout.last(), *wait, *listener, report);
                }
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "backend-kill-timeout-shorter",
    .family = Family::timeouts,
    .severity = Severity::warning,
    .summary = "the backend kills a slow request before nginx's read timeout expires",
    .why =
        R"(Raising a read timeout for slow requests only helps if the backend lets them run
that long. php-fpm kills a child that is busy for `request_terminate_timeout`, gunicorn a worker
after `--timeout` (30 s by default), uWSGI after `harakiri`. The connection breaks, and instead of
waiting longer, or of getting a clean 504, the client gets 502:

    recv() failed (104: Connection reset by peer) while reading response header from upstream
    upstream prematurely closed connection while reading response header from upstream

Give the backend slightly more time than nginx. PHP's own `max_execution_time` is another matter:
it ends a script with 500, and on Linux it does not count time spent waiting.

gatelint reports this only if the read timeout is set in the configuration.)",
    .reference =
        "https://www.php.net/manual/en/install.fpm.configuration.php"
        "#request-terminate-timeout",
    .check = check,
};

}  // namespace gatelint::rules::backend_kill_timeout_shorter
