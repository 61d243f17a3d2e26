#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "rule.hpp"

namespace gatelint::rules::connection_capacity {

namespace {

constexpr std::uint64_t default_connections = 512;
constexpr std::uint64_t few_connections = 256;

/// How many connections each worker may have, and where that is written.
struct Connections {
    std::uint64_t number = default_connections;
    const Directive* written = nullptr;  ///< null: nginx's default
};

/// Nothing where only a template knows.
std::optional<Connections> connections_of(const Config& config) {
    const Directive* events = config.main().last(DirectiveId::events);
    if (events == nullptr || events->opaque) return std::nullopt;
    const Directive* written = events->last(DirectiveId::worker_connections);
    if (written == nullptr) return Connections{};
    const std::optional<std::uint64_t> number = parse_number(written->arg(0));
    if (!number) return std::nullopt;
    return Connections{*number, written};
}

/// How many files each worker may open: what nginx itself gives its workers, else what the service
/// manager or the container engine gives nginx. Nothing where neither is in sight.
std::optional<Limit> descriptors_of(const Subject& subject) {
    const Directive& main = subject.config.main();
    if (main.opaque) return std::nullopt;
    if (const Directive* written = main.last(DirectiveId::worker_rlimit_nofile);
        written != nullptr) {
        const std::optional<std::uint64_t> number = parse_number(written->arg(0));
        if (!number) return std::nullopt;
        return Limit{*number, written->span()};
    }
    const ComposeService* service = subject.surroundings.nginx_service();
    if (service != nullptr) return service->descriptors;
    const SystemdUnit* unit = subject.surroundings.nginx_unit();
    return unit == nullptr ? std::nullopt : unit->descriptors;
}

/// Sockets of http and stream that nginx listens on.
struct ListeningSockets {
    std::uint64_t number = 0;
    bool is_exact = true;  ///< false: at least so many
};

/// A wildcard takes the other addresses of its port in, unless they are bound by themselves
/// (ngx_http_init_listening): of such a port only the wildcard is counted.
ListeningSockets listening_sockets(const Subject& subject) {
    ListeningSockets count;
    const Directive& main = subject.config.main();
    count.is_exact = !main.opaque && main.all(DirectiveId::mail).empty();
    using Port = std::tuple<bool, std::uint16_t, bool>;  // stream, port, datagrams
    std::map<Port, std::uint64_t> ports;
    std::set<Port> with_wildcard;
    for (const bool stream : {false, true}) {
        for (const Socket& socket : subject.model.sockets(stream)) {
            const Listen& listen = *socket.uses.front().listen;
            if (!listen.known) continue;
            const Port port{stream, listen.address.port, listen.udp || listen.quic};
            ++ports[port];
            if (listen.address.is_wildcard()) with_wildcard.insert(port);
        }
    }
    for (const auto& [port, sockets] : ports) {
        const bool is_merged = sockets > 1 && with_wildcard.contains(port);
        count.number += is_merged ? 1 : sockets;
        if (is_merged) count.is_exact = false;
    }
    for (const Server& server : subject.model.servers()) {
        const bool known =
            server.listens_known &&
            std::all_of(server.listens.begin(), server.listens.end(), [](const Listen& listen) {
                return listen.known && !listen.address.is_name();
            });
        if (!known) count.is_exact = false;
    }
    return count;
}

/// ngx_event_init_conf(): one for each socket, and one for the channel to the master.
void check_sockets(const Subject& subject, const Connections& connections, Report& report) {
    const ListeningSockets sockets = listening_sockets(subject);
    if (connections.number > sockets.number) return;
    const std::string words =
        fmt::format("{} worker_connections are not enough for {} listening sockets",
                    connections.number, sockets.number);
    const Directive& where = connections.written != nullptr
                                 ? *connections.written
                                 : *subject.config.main().last(DirectiveId::events);
    if (sockets.is_exact) {
        report(where, where.span(), "nginx refuses to start: {}", words)
            .note(
                "each listening socket takes one connection, and so does the channel to the master "
                "process")
            .nginx(words);
    } else {
        report(where, where.span(),
               "nginx refuses to start: {} worker_connections are not enough for at least {} "
               "listening sockets",
               connections.number, sockets.number);
    }
}

void check_descriptors(const Subject& subject, const Connections& connections, Report& report) {
    const std::optional<Limit> limit = descriptors_of(subject);
    if (!limit || connections.written == nullptr || connections.number <= limit->value) return;
    Draft draft = report(limit->span,
                         "a worker may open {} files but has {} worker_connections, each of which "
                         "takes one: when files run out, requests get 500",
                         limit->value, connections.number);
    draft.severity(Severity::warning);
    draft.note(connections.written->span(),
               "worker_connections counts connections to clients and to upstreams");
    draft.note("socket() failed (24: Too many open files) while connecting to upstream");
    const Directive* own = subject.config.main().last(DirectiveId::worker_rlimit_nofile);
    if (own == nullptr) return;
    draft.fix(
        Applicability::unsafe, "allow twice as many open files",
        {Report::replace(own->args().front().span, fmt::format("{}", connections.number * 2))});
}

/// limits.conf is PAM's: it counts for logins, not for what systemd starts.
void check_login_limits(const Subject& subject, Report& report) {
    const auto& worker = subject.model.worker_user();
    const SystemdUnit* unit = subject.surroundings.nginx_unit();
    if (!worker || unit == nullptr || unit->descriptors) return;
    if (subject.config.main().last(DirectiveId::worker_rlimit_nofile) != nullptr) return;
    const DescriptorLimit* limit = soft_limit_of(worker->user, subject.surroundings.limits());
    if (limit == nullptr || limit->domain != worker->user) return;
    report(limit->span,
           "this limit does not apply to nginx: {} starts nginx, and limits.conf only applies to "
           "login sessions",
           unit->name)
        .severity(Severity::note)
        .note(unit->section,
              "set \"LimitNOFILE=\" in this unit, or \"worker_rlimit_nofile\" in nginx")
        .note(worker->directive->span(), "nginx's workers run as this user");
}

void check_number(const Connections& connections, Report& report) {
    if (connections.written == nullptr || connections.number > few_connections) return;
    report(*connections.written, connections.written->span(),
           "worker_connections is too low for the proxied traffic: a proxied request takes 2 of {} "
           "connections, so beyond {} at a time requests get 500 or no answer",
           connections.number, connections.number / 2)
        .severity(Severity::note)
        .note("{} worker_connections are not enough while connecting to upstream",
              connections.number);
}

void check(const Subject& subject, Report& report) {
    const std::optional<Connections> connections = connections_of(subject.config);
    if (!connections) return;
    check_sockets(subject, *connections, report);
    if (subject.model.passes().empty()) return;
    check_descriptors(subject, *connections, report);
    check_login_limits(subject, report);
    check_number(*connections, report);
}

}  // namespace

extern constinit const Rule rule{
    .id = "connection-capacity",
    .family = Family::capacity,
    .severity = Severity::error,
    .summary = "worker_connections or the open-file limit is too low for the proxied traffic",
    .why =
        R"(Every worker has `worker_connections` connections (512 by default): one for each
listening socket, one for each client, one for each connection to an upstream. If they do not even
cover the listening sockets, nginx refuses to start:

    1 worker_connections are not enough for 2 listening sockets

Each connection is an open file. If `worker_rlimit_nofile` is lower than `worker_connections`, a
busy worker runs out of files first, and requests get 500:

    socket() failed (24: Too many open files) while connecting to upstream

If nginx does not set the limit, `LimitNOFILE=` of its systemd unit does, or `ulimits` of its
compose service. /etc/security/limits.conf does not: it applies to login sessions and not to what
systemd starts, which gatelint reports as a note.

A proxied request takes two connections, so 256 connections are enough for 128 requests at a time.
Further requests get 500, which gatelint reports as a note:

    256 worker_connections are not enough while connecting to upstream)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#worker_connections",
    .check = check,
};

}  // namespace gatelint::rules::connection_capacity
