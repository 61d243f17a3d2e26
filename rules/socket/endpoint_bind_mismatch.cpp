#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::endpoint_bind_mismatch {

namespace {

/// An address of a pass at which nothing known listens.
struct Unserved {
    const Pass* pass;
    const Endpoint* endpoint;
};

/// Only addresses of this host can be judged: sockets, and the loopback network.
bool is_local(const Address& address) {
    return address.is_unix() || address.is_loopback();
}

/// The ports that containers have, published or not: what nginx reaches there is another rule's
/// matter (host-port-unpublished).
class PortsOfContainers {
  public:
    explicit PortsOfContainers(const Surroundings& surroundings) {
        for (const auto& project : surroundings.compose_projects()) {
            for (const ComposeService& service : project->services) add(service);
        }
    }

    bool may_have(std::uint16_t port) const { return may_be_any_ || ports_.contains(port); }

  private:
    void add(const ComposeService& service) {
        for (const ContainerPort& port : container_ports(service)) ports_.insert(port.port);
        for (const PublishedPort& port : service.ports) {
            if (!port.is_known || port.host == 0) may_be_any_ = true;
            ports_.insert(port.host);
        }
    }

    std::set<std::uint16_t> ports_;
    bool may_be_any_ = false;
};

std::vector<Unserved> find_unserved(const Subject& subject) {
    std::vector<Unserved> unserved;
    std::set<std::string> seen;
    const PortsOfContainers ports(subject.surroundings);
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (pass.stream) continue;
        const Address& address = endpoint.address;
        if (!is_local(address) || subject.may_be_served(address)) continue;
        if (!address.is_unix() && ports.may_have(address.port)) continue;
        const std::string key =
            fmt::format("{} {}", name_of(endpoint.protocol), to_string(address));
        if (seen.insert(key).second) unserved.push_back({&pass, &endpoint});
    }
    return unserved;
}

/// Listeners beside nginx to which no pass may lead, of programs that are known as a whole.
std::vector<const Listener*> find_unused(const Subject& subject) {
    const Surroundings& surroundings = subject.surroundings;
    std::set<const Listener*> used;
    std::set<Protocol> anywhere;  // spoken where only run time or a template knows the host
    std::set<std::string> seen;
    for (const Pass& pass : subject.model.passes()) {
        for (const PassTarget& target : pass.targets) {
            if (!target.host_known) anywhere.insert(target.protocol);
        }
    }
    for (const Connection& connection : subject.model.connections()) {
        const Address& address = connection.endpoint.address;
        if (!seen.insert(to_string(address)).second) continue;
        const auto reached = surroundings.neighbours_at(address);
        used.insert(reached.begin(), reached.end());
    }
    std::vector<const Listener*> unused;
    for (const Listener& listener : surroundings.listeners()) {
        if (used.contains(&listener) || !surroundings.is_beside_nginx(listener)) continue;
        const bool may_be_meant =
            std::any_of(anywhere.begin(), anywhere.end(),
                        [&listener](Protocol spoken) { return is_of_kind(spoken, listener); });
        if (!may_be_meant && surroundings.knows(listener.program)) unused.push_back(&listener);
    }
    return unused;
}

/// Units of packages that answer requests, or start what does.
bool may_serve(std::string_view unit) {
    constexpr std::array<std::string_view, 12> names = {
        "docker", "containerd", "podman", "apache2", "httpd",   "lighttpd",
        "caddy",  "haproxy",    "tomcat", "jenkins", "varnish", "grafana-server"};
    return std::any_of(names.begin(), names.end(),
                       [unit](std::string_view name) { return unit.starts_with(name); });
}

/// Whether a unit's program is one of which nobody knows where it listens.
bool has_unknown_program(const Subject& subject) {
    const auto& units = subject.surroundings.units();
    return std::any_of(units.begin(), units.end(), [](const SystemdUnit& unit) {
        const bool is_packaged =
            unit.file.starts_with("/lib/") || unit.file.starts_with("/usr/lib/");
        return unit.kind == SystemdUnit::Kind::service && unit.listeners.empty() &&
               (!is_packaged || may_serve(unit.name));
    });
}

/// php's official image sets `listen = 9000` for the pool www in a file of its own, after all that
/// a repository says of it: a pool's file that no service mounts may be meant for it.
bool may_be_overridden(const Endpoint& endpoint, const Listener& listener, const Subject& subject) {
    constexpr std::uint16_t image_port = 9000;
    return listener.program == Listener::Program::php_fpm && listener.place == nullptr &&
           !subject.surroundings.sees_whole_host() && endpoint.address.port == image_port;
}

/// The listener of its kind at the same port that does not take the target's address, or null.
const Listener* find_deaf(const Endpoint& endpoint, const Subject& subject) {
    if (endpoint.address.is_unix()) return nullptr;
    const Surroundings& surroundings = subject.surroundings;
    for (const Listener* listener : surroundings.listeners_at_port(endpoint.address.port)) {
        if (!surroundings.is_beside_nginx(*listener)) continue;
        if (!is_of_kind(endpoint.protocol, *listener)) continue;
        if (surroundings.knows(listener->program) && listener->at.is_literal_ip()) return listener;
    }
    return nullptr;
}

/// One address without a listener and one listener without an address belong together, if they are
/// the only ones of their kind.
class Partners {
  public:
    Partners(const std::vector<Unserved>& unserved, const Subject& subject)
        : unserved_(unserved), subject_(subject), unused_(find_unused(subject)) {}

    /// Null where there is none.
    const Listener* of(const Unserved& missing) {
        const Endpoint& endpoint = *missing.endpoint;
        const auto [known, is_new] = by_protocol_.try_emplace(endpoint.protocol);
        if (is_new) known->second = find(endpoint.protocol);
        const Listener* partner = known->second;
        // Two paths of sockets are compared by socket-path-mismatch.
        const bool is_path =
            partner != nullptr && endpoint.address.is_unix() && partner->at.is_unix();
        return is_path ? nullptr : partner;
    }

  private:
    const Listener* find(Protocol spoken) const {
        const Listener* partner = nullptr;
        for (const Listener* listener : unused_) {
            if (!is_of_kind(spoken, *listener)) continue;
            if (partner != nullptr) return nullptr;
            partner = listener;
        }
        return partner != nullptr && is_sure(*partner) ? partner : nullptr;
    }

    bool is_sure(const Listener& partner) const {
        const auto rivals = std::count_if(
            unserved_.begin(), unserved_.end(),
            [&](const Unserved& other) { return is_of_kind(other.endpoint->protocol, partner); });
        if (rivals != 1) return false;
        const Surroundings& surroundings = subject_.surroundings;
        if (surroundings.is_complete() || partner.program == Listener::Program::php_fpm) {
            return true;
        }
        // Any program may speak HTTP: a repository has but some of them.
        const bool speaks_http =
            partner.speaks == Protocol::http || partner.speaks == Protocol::https;
        return !partner.is_default && !has_unknown_program(subject_) &&
               (!speaks_http || surroundings.sees_whole_host());
    }

    const std::vector<Unserved>& unserved_;
    const Subject& subject_;
    std::vector<const Listener*> unused_;
    std::map<Protocol, const Listener*> by_protocol_;
};

/// How much a difference says. What a repository shows may belong to several deployments, and any
/// program may speak HTTP.
Severity severity_of(const Unserved& missing, const Listener& listener, const Subject& subject) {
    const Address& target = missing.endpoint->address;
    if (subject.surroundings.is_complete()) return Severity::error;
    const bool same_port = !target.is_unix() && target.port == listener.at.port;
    const bool is_whole = subject.surroundings.sees_whole_host();
    if (!is_whole) return same_port ? Severity::warning : Severity::note;
    const bool is_fpm = listener.program == Listener::Program::php_fpm;
    return is_fpm ? Severity::error : Severity::warning;
}

Draft begin(const Unserved& missing, Report& report) {
    const Endpoint& endpoint = *missing.endpoint;
    const Pass& pass = *missing.pass;
    return report(*endpoint.written, endpoint.span, "nothing listens on {}: {} {}",
                  to_string(endpoint.address), requests_by(pass, endpoint), failure_of(pass));
}

void explain(const Unserved& missing, const Listener& listener, Draft& draft) {
    const Endpoint& endpoint = *missing.endpoint;
    draft.unless_others_answer(endpoint);
    draft.note_listener(listener);
    draft.note_pass(*missing.pass, endpoint);
    if (endpoint.address.is_unix()) {
        draft.note(
            "connect() to {} failed (2: No such file or directory) while connecting to upstream",
            to_string(endpoint.address));
    } else {
        draft.note("connect() failed (111: Connection refused) while connecting to upstream");
    }
}

void report_mismatch(const Unserved& missing, const Listener& listener, const Subject& subject,
                     Report& report) {
    Draft draft = begin(missing, report);
    draft.severity(severity_of(missing, listener, subject));
    explain(missing, listener, draft);
    const bool is_fpm = listener.program == Listener::Program::php_fpm;
    const Address address =
        listener.at.is_wildcard() ? parse_host("127.0.0.1").at_port(listener.at.port) : listener.at;
    const auto edit = report.replace_address(*missing.endpoint, to_string(address));
    if (edit) {
        draft.fix(Applicability::unsafe, is_fpm ? "connect to the pool" : "connect to the backend",
                  {*edit});
    }
}

/// An address at which nobody's listener is meant, where the user says that all are described.
void report_alone(const Unserved& missing, const Subject& subject, Report& report) {
    const Address& address = missing.endpoint->address;
    // Paths of sockets are compared by socket-path-mismatch.
    if (address.is_unix() || !subject.surroundings.is_complete()) return;
    Draft draft = begin(missing, report);
    draft.note_pass(*missing.pass, *missing.endpoint);
    draft.note("gatelint.toml says that it describes all backends");
    draft.note("connect() failed (111: Connection refused) while connecting to upstream");
}

/// Passes to this host, or to nginx's own container.
void check_local(const Subject& subject, Report& report) {
    const std::vector<Unserved> unserved = find_unserved(subject);
    if (unserved.empty()) return;
    Partners partners(unserved, subject);
    for (const Unserved& missing : unserved) {
        const Listener* meant = find_deaf(*missing.endpoint, subject);
        if (meant == nullptr) meant = partners.of(missing);
        if (meant == nullptr) {
            report_alone(missing, subject, report);
        } else if (!may_be_overridden(*missing.endpoint, *meant, subject)) {
            report_mismatch(missing, *meant, subject, report);
        }
    }
}

/// Whether `ports`, `expose` or EXPOSE speak of the port.
bool is_declared(std::uint16_t port, const ComposeService& service) {
    const std::vector<ContainerPort> ports = container_ports(service);
    return may_expose(service, port) ||
           std::any_of(ports.begin(), ports.end(),
                       [port](const ContainerPort& one) { return one.port == port; });
}

/// The port on the host that is taken for the container's is compose-published-port-used's matter.
bool is_port_on_host(std::uint16_t port, const ComposeService& service) {
    return !is_declared(port, service) &&
           std::any_of(service.ports.begin(), service.ports.end(), [&](const PublishedPort& one) {
               return !one.is_known || one.host == 0 || one.host == port;
           });
}

/// What the service listens on, if all is known and nothing of it may be at the port; else none.
std::vector<const Listener*> find_elsewhere(const ComposeService& service, std::uint16_t port,
                                            const Subject& subject) {
    if (!subject.surroundings.knows_all_of(service) || !service.is_whole) return {};
    const std::vector<const Listener*>& listeners = subject.surroundings.listeners_of(service);
    const bool declares = is_declared(port, service);
    for (const Listener* listener : listeners) {
        const bool is_tcp = !listener->at.is_unix();
        if (is_tcp && listener->at.port == port) return {};
        // Where both ports are spoken of, the program may have a second one of its own accord.
        if (is_tcp && declares && is_declared(listener->at.port, service)) return {};
    }
    return listeners;
}

/// Passes to another service of nginx's project.
void check_services(const ComposeService& nginx, const Subject& subject, Report& report) {
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        const Address& address = endpoint.address;
        if (!address.is_name() || endpoint.protocol == Protocol::udp) continue;
        // Port 80 for what is not HTTP is implicit-port-80's matter.
        if (endpoint.protocol != Protocol::http && endpoint.has_implied_port()) continue;
        const ComposeService* service = service_named(nginx, address.host);
        if (service == nullptr || is_port_on_host(address.port, *service)) continue;
        const auto listeners = find_elsewhere(*service, address.port, subject);
        if (listeners.empty()) continue;
        const Unserved missing{&pass, &endpoint};
        const Listener& meant = *listeners.front();
        Draft draft = begin(missing, report);
        if (meant.is_default) draft.severity(Severity::warning);
        explain(missing, meant, draft);
        const bool is_single = listeners.size() == 1 && !meant.at.is_unix();
        if (!is_single || meant.at.is_loopback()) continue;
        const auto edit =
            report.replace_address(endpoint, fmt::format("{}:{}", address.host, meant.at.port));
        if (edit) draft.fix(Applicability::unsafe, "connect to the backend's port", {*edit});
    }
}

void check(const Subject& subject, Report& report) {
    check_local(subject, report);
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx != nullptr) check_services(*nginx, subject, report);
}

}  // namespace

extern constinit const Rule rule{
    .id = "endpoint-bind-mismatch",
    .family = Family::socket,
    .severity = Severity::error,
    .summary = "nginx connects to an address on which the backend does not listen",
    .why =
        R"(nginx's pass must name exactly what the backend listens on: the same port, the same
address family (a pool on `[::1]:9000` does not accept connections to 127.0.0.1), and on both
sides a port or a unix socket. Otherwise every request gets 502:

    connect() failed (111: Connection refused) while connecting to upstream

gatelint compares passes with backends of the same kind. For an address of this host it reports a
backend that listens on the same port of another address, or the only backend that no pass uses if
exactly one pass has no backend. The severity is error for php-fpm if the whole host is visible,
so that all pools are known, or if `gatelint.toml` says that it describes all backends; warning
for other backends; and warning or note for what was found in a repository.

For a compose service the severity is error if everything that listens in its container is known
and nothing listens on that port, and warning if this follows from the program's default.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::endpoint_bind_mismatch
