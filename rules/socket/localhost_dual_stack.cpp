#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::localhost_dual_stack {

namespace {

/// An address of localhost with the endpoint's port.
Address loopback(std::string_view host, const Endpoint& endpoint) {
    return parse_host(host).at_port(endpoint.address.port);
}

bool never_fails(const Endpoint& endpoint) {
    const auto args = endpoint.written->args();
    return std::any_of(args.begin(), args.end(),
                       [](const Word& word) { return word.text == "max_fails=0"; });
}

void report_endpoint(const Pass& pass, const Endpoint& endpoint, std::string_view dead,
                     const Listener& listener, const Subject& subject, Report& report) {
    const Address alive = loopback(dead == "::1" ? "127.0.0.1" : "::1", endpoint);
    const std::string written = to_string(loopback(dead, endpoint));
    Draft draft = report(*endpoint.written, endpoint.span,
                         "localhost resolves to two servers, and nothing listens on {}: after one "
                         "failure of {} {} {} for 10 seconds",
                         written, to_string(alive), requests_to(pass), failure_of(pass));
    draft.note(listener.where, "{} listens here", listener.name);
    for (const Hosts::Entry& entry : subject.surroundings.hosts().find("localhost")) {
        if (entry.address.kind == parse_host(dead).kind) {
            draft.note(entry.span, "localhost also resolves to this address");
            break;
        }
    }
    draft.note(
        "connect() failed (111: Connection refused) while connecting to upstream, then: no "
        "live upstreams while connecting to upstream");
    const bool is_ipv6 = alive.kind == Address::Kind::ipv6;
    const auto edit =
        report.replace_in(endpoint.span, endpoint.address.host, is_ipv6 ? "[::1]" : "127.0.0.1");
    if (edit) draft.fix(Applicability::unsafe, "use the backend's address", {*edit});
}

void check(const Subject& subject, Report& report) {
    const Surroundings& surroundings = subject.surroundings;
    // In a container the hosts file is the engine's.
    const bool is_host = surroundings.nginx_on_host() == OnHost::yes;
    if (!is_host || !surroundings.hosts().is_dual_stack("localhost")) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        // Datagrams are not refused; what a variable holds is the resolver's business.
        const bool is_of_variable = endpoint.group == nullptr && pass.has_variables;
        if (is_of_variable || endpoint.protocol == Protocol::udp) continue;
        if (!endpoint.address.is_name() ||
            !equals_ignoring_case(endpoint.address.host, "localhost") || never_fails(endpoint))
            continue;
        for (const std::string_view dead : {"::1", "127.0.0.1"}) {
            const std::string_view alive = dead == "::1" ? "127.0.0.1" : "::1";
            const auto listeners = surroundings.reached_by(loopback(alive, endpoint));
            if (listeners.empty() || subject.may_be_served(loopback(dead, endpoint))) continue;
            report_endpoint(pass, endpoint, dead, *listeners.front(), subject, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "localhost-dual-stack",
    .family = Family::socket,
    .severity = Severity::warning,
    .precision = Precision::medium,
    .summary = "localhost resolves to two addresses, and the backend only listens on one of them",
    .why =
        R"(If /etc/hosts has `::1 localhost` next to `127.0.0.1 localhost`, as on Debian and
macOS, nginx treats the name as an upstream of two servers. If the backend only listens on one,
nginx tries the other in vain, marks it failed for 10 seconds, and continues with the one that
works. But unlike a single server, either of two servers can be marked failed: if one request
fails on the working server as well, because the backend is too slow or closes a connection, no
server is left, and all requests get 502 for 10 seconds:

    connect() failed (111: Connection refused) while connecting to upstream
    no live upstreams while connecting to upstream

This does not happen on a machine whose only IPv6 address is the loopback one. Name the address on
which the backend listens.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#max_fails",
    .check = check,
};

}  // namespace gatelint::rules::localhost_dual_stack
