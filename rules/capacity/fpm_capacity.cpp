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
        pool.children ? fmt::format(" beyond {} at a time", pool.children->value) : "";
    Draft draft = report(pool.backlog->span,
                         "no more than {} requests{} wait for {}: in a burst the others get 502",
                         pool.backlog->value + 1, children, pool.name);
    draft.note(endpoint.span, "nginx connects to it here");
    if (pool.children) draft.note(pool.children->span, "so many are served at a time");
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
    .summary = "a pool's queue is so short that bursts overflow it",
    .why =
        R"(While all `pm.max_children` of a pool are busy, further connections wait in the socket's
queue, which is `listen.backlog` long (511 by default). When the queue of a unix socket is full, connect()
fails at once, and the request gets 502:

    connect() to unix:/run/php/app.sock failed (11: Resource temporarily unavailable) while connecting
    to upstream

A queue of TCP does not fail so: the client's kernel tries again, and requests are slow instead.

gatelint gives a note where `listen.backlog` of a unix socket is set below 128. How many children a pool
needs depends on the application and the memory of the host, and is not judged.)",
    .reference = "https://www.php.net/manual/en/install.fpm.configuration.php#listen-backlog",
    .check = check,
};

}  // namespace gatelint::rules::fpm_capacity
