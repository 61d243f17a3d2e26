#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::k8s_service_port_mismatch {

namespace {

/// Nothing but the name of a Service ends so, wherever nginx runs.
bool is_cluster_name(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    return host.ends_with(".svc") || host.ends_with(".svc.cluster.local");
}

/// Whether the name of the endpoint is asked from the cluster's DNS.
bool asks_cluster(std::string_view host, const KubernetesPod* nginx) {
    if (nginx == nullptr) return is_cluster_name(host);
    const auto& aliases = nginx->host_aliases;
    return nginx->uses_cluster_names &&
           std::find(aliases.begin(), aliases.end(), host) == aliases.end();
}

/// Whether connections to its name meet its ports, and all of these are known.
bool has_ports_of_its_own(const KubernetesService& service) {
    return service.is_whole && !service.is_headless && !service.external_name &&
           service.type != "ExternalName" && !service.ports.empty();
}

/// The Services that the name may mean; none where one of them is not what it seems.
std::vector<const KubernetesService*> services_meant(const Endpoint& endpoint,
                                                     const Subject& subject) {
    const KubernetesPod* nginx = subject.surroundings.nginx_pod();
    const std::string_view host = endpoint.address.host;
    if (!asks_cluster(host, nginx)) return {};
    const std::string_view space = nginx == nullptr ? "" : std::string_view(nginx->name.space);
    auto services = subject.surroundings.kubernetes().resolve_service(host, space).services;
    const bool are_known = std::all_of(
        services.begin(), services.end(),
        [](const KubernetesService* service) { return has_ports_of_its_own(*service); });
    return are_known ? services : std::vector<const KubernetesService*>();
}

std::string ports_of(const KubernetesService& service) {
    std::vector<std::uint16_t> ports;
    for (const ServicePort& port : service.ports) {
        if (port.is_tcp) ports.push_back(port.port);
    }
    return fmt::format("port{} {}", ports.size() == 1 ? "" : "s", fmt::join(ports, ", "));
}

/// The port of the Service that is meant: the one that leads to what is asked for, or the only one.
const ServicePort* port_meant(const KubernetesService& service, std::uint16_t asked) {
    const auto& ports = service.ports;
    const auto leads_there = [asked](const ServicePort& port) {
        return port.is_tcp && port.target == asked;
    };
    const auto found = std::find_if(ports.begin(), ports.end(), leads_there);
    if (found != ports.end()) return &*found;
    return ports.size() == 1 && ports.front().is_tcp ? &ports.front() : nullptr;
}

void note_pass(Draft& draft, const Endpoint& endpoint, const Pass& pass) {
    if (endpoint.written == pass.directive) return;
    draft.note(pass.target_span(), "the request is proxied here");
}

std::string requests_of(const Endpoint& endpoint, const Pass& pass) {
    return requests_by(pass, endpoint);
}

void report_port(const Endpoint& endpoint, const Pass& pass,
                 const std::vector<const KubernetesService*>& services, Report& report) {
    const KubernetesService& service = *services.front();
    const std::uint16_t asked = endpoint.address.port;
    Draft draft = report(*endpoint.written, endpoint.span,
                         "service {} has no port {}: {} get 502, or 504 after a timeout",
                         service.name.name, asked, requests_of(endpoint, pass));
    const ServicePort* meant = port_meant(service, asked);
    draft.unless_others_answer(endpoint);
    if (meant == nullptr) {
        draft.note(service.name.span, "the service has {}", ports_of(service));
    } else if (meant->target == asked) {
        draft.note(
            meant->span,
            "its port {} forwards to port {} of the pods, which is not a port of the service",
            meant->port, asked);
    } else {
        draft.note(meant->span, "the service only has port {}", meant->port);
    }
    note_pass(draft, endpoint, pass);
    draft.note(
        "connect() failed (111: Connection refused) while connecting to upstream, or upstream "
        "timed out (110: Connection timed out)");
    if (meant == nullptr || services.size() != 1) return;
    const std::string mended = fmt::format("{}:{}", endpoint.address.host, meant->port);
    if (const std::optional<Edit> edit = report.replace_address(endpoint, mended)) {
        draft.fix(Applicability::unsafe, "connect to the service's port", {*edit});
    }
}

bool is_declared(const ServicePort& port, const KubernetesPod& pod) {
    return std::any_of(
        pod.containers.begin(), pod.containers.end(), [&](const KubernetesContainer& container) {
            return std::any_of(container.ports.begin(), container.ports.end(),
                               [&](const KubernetesContainer::Port& one) {
                                   if (one.is_tcp != port.is_tcp) return false;
                                   return port.target == 0 ? one.name == port.target_name
                                                           : one.number == port.target;
                               });
        });
}

/// Whether the pod may have the port all the same: a declaration is but a remark, unless the port
/// is meant by its name.
bool may_have(const ServicePort& port, const KubernetesPod& pod, const Subject& subject) {
    if (pod.has_init_containers || is_declared(port, pod)) return true;
    if (port.target == 0) return false;
    const auto& listeners = subject.surroundings.listeners();
    const bool listens = std::any_of(listeners.begin(), listeners.end(), [&](const Listener& one) {
        return one.place == &pod.place && one.at.port == port.target;
    });
    return listens || std::any_of(pod.containers.begin(), pod.containers.end(),
                                  [](const KubernetesContainer& container) {
                                      return container.ports.empty();
                                  });
}

void check_target(const Endpoint& endpoint, const Pass& pass, const KubernetesService& service,
                  const Subject& subject, Report& report) {
    const auto port = std::find_if(
        service.ports.begin(), service.ports.end(),
        [&](const ServicePort& one) { return one.is_tcp && one.port == endpoint.address.port; });
    const auto pods = subject.surroundings.kubernetes().pods_of(service);
    const bool is_lost =
        !pods.empty() && std::none_of(pods.begin(), pods.end(), [&](const KubernetesPod* pod) {
            return may_have(*port, *pod, subject);
        });
    if (!is_lost) return;
    const KubernetesPod& pod = *pods.front();
    const std::string target =
        port->target == 0 ? '"' + port->target_name + '"' : std::to_string(port->target);
    const std::string requests = requests_of(endpoint, pass);
    Draft draft =
        port->target == 0
            ? report(*endpoint.written, endpoint.span,
                     "service {} forwards port {} to a port that its pods do not have: {} get 502",
                     service.name.name, port->port, requests)
            : report(*endpoint.written, endpoint.span,
                     "service {} forwards port {} to {}, which its pods do not declare: {} get 502 "
                     "unless something listens there",
                     service.name.name, port->port, target, requests);
    draft.severity(Severity::warning);
    draft.unless_others_answer(endpoint);
    draft.note(port->target_span, "the target port is {}", target);
    for (const KubernetesContainer& container : pod.containers) {
        for (const KubernetesContainer::Port& one : container.ports) {
            if (one.name.empty()) {
                draft.note(one.span, "container {} has port {}", container.name.text, one.number);
            } else {
                draft.note(one.span, "container {} has port {}, \"{}\"", container.name.text,
                           one.number, one.name);
            }
        }
    }
    note_pass(draft, endpoint, pass);
    draft.note("connect() failed (111: Connection refused) while connecting to upstream");
}

void check_endpoint(const Endpoint& endpoint, const Pass& pass, const Subject& subject,
                    Report& report) {
    if (!endpoint.address.is_name() || endpoint.address.port == 0) return;
    if (endpoint.protocol == Protocol::udp) return;
    const std::vector<const KubernetesService*> services = services_meant(endpoint, subject);
    if (services.empty()) return;
    const bool has_port =
        std::any_of(services.begin(), services.end(), [&](const KubernetesService* service) {
            return service->has_tcp_port(endpoint.address.port);
        });
    if (!has_port) {
        report_port(endpoint, pass, services, report);
    } else if (services.size() == 1 && subject.surroundings.kubernetes().is_whole) {
        check_target(endpoint, pass, *services.front(), subject, report);
    }
}

void check(const Subject& subject, Report& report) {
    if (subject.surroundings.kubernetes().services.empty()) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        check_endpoint(endpoint, pass, subject, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "k8s-service-port-mismatch",
    .family = Family::containers,
    .severity = Severity::error,
    .summary = "nginx connects to a Kubernetes Service on a port that it does not have",
    .why =
        R"(A Service has its own address, and only accepts connections on the ports of
`spec.ports[].port`: `port: 80` with `targetPort: 8080` accepts connections on 80 and forwards
them to 8080 of the pods. Nothing answers on 8080 of the Service. Depending on kube-proxy, the
connection is refused or its packets are dropped, so requests get 502 at once, or 504 after
`proxy_connect_timeout`:

    connect() failed (111: Connection refused) while connecting to upstream
    upstream timed out (110: Connection timed out) while connecting to upstream

The severity is warning if the Service has the port but forwards it to one that none of its pods
declares: a named `targetPort` that no container port has leads nowhere; a number only works if a
program listens there, declared or not.

gatelint reads the manifests around the configuration if nginx itself runs in one of their pods,
or if the name ends in `.svc.cluster.local`. It reports nothing for headless Services, whose name
resolves to the pods themselves, for `externalName`, or if one of several manifests of that name
is a patch, is filled in by another tool, or has the port.)",
    .reference =
        "https://kubernetes.io/docs/concepts/services-networking/service/"
        "#field-spec-ports",
    .check = check,
};

}  // namespace gatelint::rules::k8s_service_port_mismatch
