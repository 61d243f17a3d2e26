#include <algorithm>
#include <set>

#include "rule.hpp"

namespace gatelint::rules {

namespace {

/// An address of nginx's FastCGI side that no known listener serves.
struct Unserved {
    const Pass* pass;
    const Endpoint* endpoint;
};

/// Only addresses of this host can be judged: sockets, and the loopback network.
bool is_local(const Address& address) {
    return address.is_unix() || address.is_loopback();
}

std::vector<Unserved> find_unserved(const Subject& subject) {
    std::vector<Unserved> unserved;
    std::set<std::string> seen;
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            if (endpoint.protocol != Protocol::fastcgi || !is_local(endpoint.address)) continue;
            if (subject.may_be_served(endpoint.address)) continue;
            if (seen.insert(to_string(endpoint.address)).second) {
                unserved.push_back({&pass, &endpoint});
            }
        }
    }
    return unserved;
}

/// Pools to which no pass may lead.
std::vector<const Listener*> find_unused(const Subject& subject) {
    std::vector<const Listener*> unused;
    for (const Listener& listener : subject.surroundings.listeners()) {
        if (listener.program != Listener::Program::php_fpm) continue;
        if (!subject.surroundings.is_beside_nginx(listener)) continue;
        bool used = false;
        for (const Pass& pass : subject.model.passes()) {
            // Where only run time or a template knows the host, it may be this pool's.
            used = used ||
                   std::any_of(pass.targets.begin(), pass.targets.end(), [](const Target& target) {
                       return target.protocol == Protocol::fastcgi && !target.host_known;
                   });
            used = used || std::any_of(pass.endpoints.begin(), pass.endpoints.end(),
                                       [&](const Endpoint& endpoint) {
                                           return subject.surroundings.reach(endpoint.address,
                                                                             listener) != Reach::no;
                                       });
        }
        if (!used) unused.push_back(&listener);
    }
    return unused;
}

/// php's official image sets `listen = 9000` for the pool www in a file of its own, after all that
/// a repository says of it.
bool may_be_overridden(const Endpoint& endpoint, const Subject& subject) {
    constexpr std::uint16_t image_port = 9000;
    return !subject.surroundings.sees_whole_host() && endpoint.address.port == image_port;
}

/// The listener at the same port that does not take the target's address, or null.
const Listener* find_deaf(const Endpoint& endpoint, const Subject& subject) {
    if (endpoint.address.is_unix()) return nullptr;
    for (const Listener& listener : subject.surroundings.listeners()) {
        if (!subject.surroundings.is_beside_nginx(listener)) continue;
        const bool same_port = !listener.at.is_unix() && listener.at.port == endpoint.address.port;
        if (same_port && listener.at.is_literal_ip()) return &listener;
    }
    return nullptr;
}

void report_mismatch(const Unserved& unserved, const Listener& listener, const Subject& subject,
                     Report& report) {
    const Endpoint& endpoint = *unserved.endpoint;
    const Address& target = endpoint.address;
    Draft draft = report(
        *endpoint.written, endpoint.span, "nothing listens on {}: {} get 502", to_string(target),
        endpoint.written == unserved.pass->directive ? requests_to(*unserved.pass) : "requests");
    // What a repository shows may belong to several deployments.
    const bool same_port = !target.is_unix() && target.port == listener.at.port;
    if (!subject.surroundings.sees_whole_host()) {
        draft.severity(same_port ? Severity::warning : Severity::note);
    }
    draft.note(listener.where, "{} listens on {}", listener.name, to_string(listener.at));
    if (endpoint.written != unserved.pass->directive) {
        draft.note(unserved.pass->target_span(), "requests are handed on here");
    }
    draft.note("connect() to {} failed ({}) while connecting to upstream", to_string(target),
               target.is_unix() ? "2: No such file or directory" : "111: Connection refused");
    // The address is written as it stands only where no variable makes it.
    if (report.text(endpoint.span) == to_string(target)) {
        draft.fix(Applicability::unsafe, "connect to the pool",
                  {Report::replace(endpoint.span, to_string(listener.at))});
    }
}

void check(const Subject& subject, Report& report) {
    if (!subject.surroundings.knows(Listener::Program::php_fpm)) return;
    const std::vector<Unserved> unserved = find_unserved(subject);
    const std::vector<const Listener*> unused = find_unused(subject);
    for (const Unserved& each : unserved) {
        if (may_be_overridden(*each.endpoint, subject)) continue;
        const Listener* meant = find_deaf(*each.endpoint, subject);
        // One address without a pool and one pool without an address belong together; two paths
        // of sockets are compared by socket-path-mismatch.
        const bool paired = unserved.size() == 1 && unused.size() == 1;
        const bool two_sockets =
            paired && each.endpoint->address.is_unix() && unused.front()->at.is_unix();
        if (meant == nullptr && paired && !two_sockets) meant = unused.front();
        if (meant != nullptr) report_mismatch(each, *meant, subject, report);
    }
}

}  // namespace

extern constinit const Rule endpoint_bind_mismatch{
    .id = "endpoint-bind-mismatch",
    .family = Family::socket,
    .severity = Severity::error,
    .summary = "nginx connects to an address at which the known backend does not listen",
    .why = R"(The pool's `listen` and nginx's pass must name the same thing: the same port, the same
address family (a pool at `[::1]:9000` does not take connections to 127.0.0.1), and both a port or
both a unix socket. Otherwise every request gets 502:

    connect() failed (111: Connection refused) while connecting to upstream

gatelint reports an address of this host if a pool listens at the same port of another address, or
if it is the only address without a pool while there is just one pool without an address. Where only
a part of the host is in sight, as in a repository, it is a warning or a note, and port 9000 is left
alone: images override it.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules
