#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::selinux_denies_upstream {

namespace {

constexpr std::string_view network_connect = "httpd_can_network_connect";

/// Ports to which httpd_t may connect as the policy comes: http_port_t.
constexpr std::array<std::uint16_t, 8> http_ports = {80, 81, 443, 488, 8008, 8009, 8443, 9000};

/// Ports to which booleans of their own let it connect: http_cache_port_t and the like
/// (httpd_can_network_relay), databases, memcached, LDAP, mail, FTP.
constexpr std::array<std::uint16_t, 32> other_ports = {
    3128, 3401, 4827,  8080,  8118,  8123,  10001, 10002, 10003, 10004, 10005,
    21,   25,   70,    110,   143,   389,   465,   587,   636,   1433,  1521,
    3306, 5432, 11211, 11212, 10006, 10007, 10008, 10009, 10010, 27017};

/// What somebody told of a boolean, or nothing.
std::optional<bool> told(const Selinux& selinux, std::string_view name) {
    const auto found = selinux.booleans.find(name);
    return found == selinux.booleans.end() ? std::nullopt : std::optional(found->second);
}

/// Whether the policy refuses for certain: as the host is set up by the user's own word.
bool is_denied(const Address& address, const Selinux& selinux) {
    if (address.is_unix() || address.port == 0) return false;
    if (is_among(address.port, http_ports) || selinux.http_ports.count(address.port) != 0) {
        return false;
    }
    return !is_among(address.port, other_ports);
}

void check(const Subject& subject, Report& report) {
    const Selinux& selinux = subject.surroundings.selinux();
    // In a container nginx is confined as every container is.
    if (subject.surroundings.nginx_on_host() == OnHost::no) return;
    if (selinux.mode != Selinux::Mode::enforcing) return;
    if (told(selinux, network_connect) != false) return;
    if (told(selinux, "nis_enabled").value_or(false)) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!is_denied(endpoint.address, selinux)) continue;
        Draft draft = report(*endpoint.written, endpoint.span,
                             "SELinux does not let nginx connect to port {}: {} get 502",
                             endpoint.address.port, requests_by(pass, endpoint));
        draft.unless_others_answer(endpoint);
        draft.note(selinux.span, "SELinux is enforcing, and {} is off", network_connect);
        draft.note_pass(pass, endpoint);
        draft.note("connect() to {} failed (13: Permission denied) while connecting to upstream",
                   to_string(endpoint.address));
        draft.note(
            "to allow this port: \"semanage port -a -t http_port_t -p tcp {}\"; to allow all "
            "ports: \"setsebool -P {} on\"",
            endpoint.address.port, network_connect);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "selinux-denies-upstream",
    .family = Family::permission,
    .severity = Severity::error,
    .summary = "SELinux does not let nginx connect to the backend's port",
    .why =
        R"(With SELinux enforcing, nginx (httpd_t) may only connect to a few ports: 80, 81,
443, 488, 8008, 8009, 8443 and 9000, the type http_port_t. Connections to other ports are denied,
and every request gets 502:

    connect() to 127.0.0.1:3000 failed (13: Permission denied) while connecting to upstream

Over TCP, "Permission denied" rarely means anything else.
`setsebool -P httpd_can_network_connect on` allows all ports,
`semanage port -a -t http_port_t -p tcp 3000` a single one.

gatelint only reports this if gatelint.toml says that the boolean is off; the mode may also come
from /etc/selinux/config:

    [selinux]
    mode = "enforcing"
    ports = [3000]
    booleans = { httpd_can_network_connect = false }

gatelint does not report ports that have a boolean of their own, such as those of databases or
8080.)",
    .reference =
        "https://docs.nginx.com/nginx/admin-guide/installing-nginx/"
        "installing-nginx-open-source/",
    .check = check,
};

}  // namespace gatelint::rules::selinux_denies_upstream
