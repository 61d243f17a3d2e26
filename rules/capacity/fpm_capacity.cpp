#include "rule.hpp"

namespace gatelint::rules::fpm_capacity {

namespace {

/// A queue this short is full as soon as a page asks for its parts. php-fpm's default is 511.
constexpr std::uint64_t short_queue = 128;

void check_pool(const Endpoint& endpoint, const Listener& pool, Report& report) {
    // Only connect() to a unix socket fails at once when the queue is full; TCP tries again.
    if (!pool.at.is_unix() || !pool.backlog || !pool.backlog->span.known()) return;
    if (pool.backlog->value >= short_queue) return;
    const std::string children =
        pool.children ? fmt::format(" beyond the {} being served", pool.children->value) : "";
    Draft draft =
        report(pool.backlog->span,
               "only {} requests{} can queue for {}: in a burst, further requests get 502",
               pool.backlog->value + 1, children, pool.name);
    draft.note(endpoint.span, "the request is proxied here");
    if (pool.children)
        draft.note(pool.children->span, "this is how many requests are served at a time");
    draft.note(
        "connect() to {} failed (11: Resource temporarily unavailable) while connecting to "
        "upstream",
        to_string(endpoint.address));
}

void check(const Subject& subject, Report& report) {
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_unix()) continue;
        for (const Listener* pool : subject.surroundings.reached_by(endpoint.address)) {
            if (pool->program != Listener::Program::php_fpm) continue;
            check_pool(endpoint, *pool, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "fpm-capacity",
    .family = Family::capacity,
    .severity = Severity::note,
    .precision = Precision::medium,
    .summary = "a php-fpm pool's queue is so short that a burst overflows it",
    .why =
        R"(While all the `pm.max_children` of a pool are busy, new connections wait in the
socket's queue, which is `listen.backlog` entries long (511 by default). When the queue of a unix
socket is full, connect() fails at once, and the request gets 502:

    connect() to unix:/run/php/app.sock failed (11: Resource temporarily unavailable) while connecting
    to upstream

A full TCP queue does not fail like this: nginx's kernel tries again, and requests are slow
instead.

gatelint reports a note if `listen.backlog` of a unix socket is set below 128. How many children a
pool needs depends on the application and on the host's memory, which gatelint does not judge.)",
    .reference = "https://www.php.net/manual/en/install.fpm.configuration.php#listen-backlog",
    .check = check,
};

}  // namespace gatelint::rules::fpm_capacity
