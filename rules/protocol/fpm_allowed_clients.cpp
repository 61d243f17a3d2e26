#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::fpm_allowed_clients {

namespace {

/// The addresses of the list, as php-fpm reads it: separated by commas, each in full. What is none,
/// such as a name or 10.0.0.0/8, is passed over, and lets nobody in (fcgi_set_allowed_clients).
std::vector<Address> parse_list(std::string_view text) {
    std::vector<Address> addresses;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const Address address = parse_host(text.substr(0, comma));
        if (address.is_literal_ip() && text.front() != '[') addresses.push_back(address);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return addresses;
}

bool holds(const std::vector<Address>& list, std::string_view ip) {
    const Address wanted = parse_host(ip);
    // An IPv4 client of an IPv6 socket may be written as what it looks like there.
    const Address mapped = parse_host("::ffff:" + std::string(ip));
    return std::any_of(list.begin(), list.end(), [&](const Address& one) {
        return (one.kind == wanted.kind && one.ip == wanted.ip) ||
               (mapped.kind == Address::Kind::ipv6 && one.kind == mapped.kind &&
                one.ip == mapped.ip);
    });
}

bool is_only_loopback(const std::vector<Address>& list) {
    return std::all_of(list.begin(), list.end(), [](const Address& one) {
        return one.is_loopback() || (one.kind == Address::Kind::ipv6 && holds({one}, "127.0.0.1"));
    });
}

/// Whether the pool runs in another container than nginx.
bool is_in_other_container(const Listener& pool, const Subject& subject) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    const ComposeService* other = pool.place == nullptr ? nullptr : pool.place->service;
    return nginx != nullptr && other != nullptr && namespace_of(*nginx) != namespace_of(*other);
}

/// From where the pool sees nginx's connections, in words, if the list does not let them in; ""
/// if it does, or if nobody knows.
std::string refused_client(const Address& target, const Listener& pool, const Subject& subject) {
    const std::vector<Address> list = parse_list(pool.allowed_clients->text);
    if (list.empty()) return "any address";
    if (is_in_other_container(pool, subject)) {
        return is_only_loopback(list) ? "another container" : "";
    }
    if (target.kind == Address::Kind::ipv4 && target.is_loopback()) {
        // The kernel connects from 127.0.0.1 to all of 127.0.0.0/8.
        return holds(list, "127.0.0.1") ? "" : "127.0.0.1";
    }
    if (target.kind == Address::Kind::ipv6 && target.is_loopback()) {
        return holds(list, "::1") ? "" : "::1";
    }
    if (target.is_loopback()) {
        return holds(list, "127.0.0.1") || holds(list, "::1") ? "" : "localhost";
    }
    // Nobody is 127.0.0.1 to a pool that is reached at an address of the network.
    return target.is_literal_ip() && is_only_loopback(list) ? "the network" : "";
}

void check_pool(const Pass& pass, const Endpoint& endpoint, const Listener& pool,
                const Subject& subject, Report& report) {
    if (pool.program != Listener::Program::php_fpm || pool.at.is_unix()) return;
    if (!pool.allowed_clients || is_unknown(pool.allowed_clients->text)) return;
    const std::string client = refused_client(endpoint.address, pool, subject);
    if (client.empty()) return;
    Draft draft =
        report(pool.allowed_clients->span, "{} accepts no connections from {}: {} get 502",
               pool.name, client, requests_to(pass));
    // In a repository the list may be that of another host.
    const bool certain =
        subject.surroundings.sees_whole_host() || is_in_other_container(pool, subject);
    if (!certain) draft.severity(Severity::note);
    draft.note(endpoint.span, "nginx connects to it here");
    draft.note(
        "the list must contain single addresses, separated by commas without spaces; names and "
        "networks are ignored");
    draft.note(
        "recv() failed (104: Connection reset by peer) while reading response header from "
        "upstream");
}

void check(const Subject& subject, Report& report) {
    SeenLists<> seen;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        const Setting bind = pass.effective(DirectiveId::fastcgi_bind);
        if (!bind.known || bind.is_set()) continue;  // another address than the kernel's choice
        for (const PassTarget& target : pass.targets) {
            if (target.protocol != Protocol::fastcgi || !seen.is_new(target.endpoints)) continue;
            for (const Endpoint& endpoint : target.endpoints) {
                if (endpoint.address.is_unix()) continue;
                for (const Listener* pool : subject.surroundings.reached_by(endpoint.address)) {
                    check_pool(pass, endpoint, *pool, subject, report);
                }
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "fpm-allowed-clients",
    .family = Family::protocol,
    .severity = Severity::error,
    .summary = "listen.allowed_clients of the pool excludes nginx",
    .why =
        R"(php-fpm accepts connections from any address unless the pool sets
`listen.allowed_clients`. If it does, php-fpm closes a connection from any other address at once,
and the request gets 502:

    recv() failed (104: Connection reset by peer) while reading response header from upstream
    upstream prematurely closed connection while reading response header from upstream

Which of the two nginx logs is a matter of timing; php-fpm logs
`Connection disallowed: IP address '172.18.0.3' has been dropped`. The list that packages suggest,
127.0.0.1, is only right for nginx on the same host: from another container, nginx connects with
that container's address. Names, networks such as 10.0.0.0/8, and `any` are not addresses and let
nobody in. A pool on a unix socket ignores the list.)",
    .reference =
        "https://www.php.net/manual/en/install.fpm.configuration.php"
        "#listen-allowed-clients",
    .check = check,
};

}  // namespace gatelint::rules::fpm_allowed_clients
