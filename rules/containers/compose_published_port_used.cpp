#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::compose_published_port_used {

namespace {

/// The ports that a service publishes on the host as the one that nginx asks for.
std::vector<ContainerPort> published_as(std::uint16_t port, const ComposeService& service) {
    std::vector<ContainerPort> found = container_ports(service);
    std::erase_if(found, [port](const ContainerPort& one) {
        return one.published == nullptr || !one.published->is_known || one.published->host != port;
    });
    return found;
}

/// Whether anything says that the container has the port.
bool has_port(const ComposeService& service, std::uint16_t port, const Subject& subject) {
    const std::vector<ContainerPort> ports = container_ports(service);
    const auto& listeners = subject.surroundings.listeners_of(service);
    return may_expose(service, port) ||
           std::any_of(ports.begin(), ports.end(),
                       [port](const ContainerPort& one) { return one.port == port; }) ||
           std::any_of(listeners.begin(), listeners.end(),
                       [port](const Listener* one) { return one->at.port == port; });
}

/// Whether a program listens there, and none is out of sight.
bool listens(const ComposeService& service, std::uint16_t port, const Subject& subject) {
    const auto& listeners = subject.surroundings.listeners_of(service);
    return subject.surroundings.knows_all_of(service) &&
           std::any_of(listeners.begin(), listeners.end(),
                       [port](const Listener* one) { return one->at.port == port; });
}

void report_endpoint(const Endpoint& endpoint, const Pass& pass, const ComposeService& service,
                     const Subject& subject, Report& report) {
    const std::uint16_t asked = endpoint.address.port;
    const std::vector<ContainerPort> meant = published_as(asked, service);
    const std::uint16_t port = meant.front().port;
    const bool certain = listens(service, port, subject);
    const std::string requests = requests_by(pass, endpoint);
    const std::string address = to_string(endpoint.address);
    Draft draft =
        certain
            ? report(*endpoint.written, endpoint.span,
                     "nothing listens on {}, because {} is only published on the host: {} get 502",
                     address, asked, requests)
            : report(*endpoint.written, endpoint.span,
                     "{} uses the port published on the host instead of the container's: {} get "
                     "502 unless service {} also listens on it",
                     address, requests, service.name);
    if (!certain) draft.severity(Severity::warning);
    draft.unless_others_answer(endpoint);
    draft.note(
        meant.front().span,
        "port {} of the container is published as {} on the host; between containers, use {}", port,
        asked, port);
    draft.note_pass(pass, endpoint);
    draft.note("connect() failed (111: Connection refused) while connecting to upstream");
    if (meant.size() != 1) return;
    const std::string mended = fmt::format("{}:{}", endpoint.address.host, port);
    if (const std::optional<Edit> edit = report.replace_address(endpoint, mended)) {
        draft.fix(certain ? Applicability::safe : Applicability::unsafe,
                  "connect to the container's port", {*edit});
    }
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_name() || endpoint.protocol == Protocol::udp) continue;
        const ComposeService* service = service_named(*nginx, endpoint.address.host);
        if (service == nullptr || has_port(*service, endpoint.address.port, subject)) continue;
        if (published_as(endpoint.address.port, *service).empty()) continue;
        report_endpoint(endpoint, pass, *service, subject, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "compose-published-port-used",
    .family = Family::containers,
    .severity = Severity::error,
    .summary = "nginx connects to a service on the port that is published on the host",
    .why =
        R"(`ports: ["8080:3000"]` forwards port 8080 of the *host* to port 3000 of the
container. Between containers on one network nothing is published: a service is reached by its
name and the port on which its program listens, 3000. Nothing listens on 8080 there, and every
request gets 502:

    connect() failed (111: Connection refused) while connecting to upstream

The severity is error if a program is known to listen on the container's port, and warning
otherwise, because the image may listen on both. gatelint reports nothing if `expose`, EXPOSE,
another entry of `ports` or a known program has the port.)",
    .reference = "https://docs.docker.com/compose/how-tos/networking/",
    .check = check,
};

}  // namespace gatelint::rules::compose_published_port_used
