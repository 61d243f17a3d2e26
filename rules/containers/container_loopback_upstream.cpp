#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::container_loopback_upstream {

namespace {

/// A service that has the port which nginx asks for in vain, and how nginx would reach it.
struct Meant {
    const ComposeService* service;
    std::uint16_t port;  ///< in its container
    Span span;
};

/// Whether nginx itself may have servers that are out of sight: in a volume, or in an include that
/// could not be read.
bool hides_servers(const ComposeService& service, const Config& config) {
    const std::string& folder = config.directory();
    const bool in_volume =
        std::any_of(service.mounts.begin(), service.mounts.end(), [&](const Mount& mount) {
            const bool is_unseen = mount.kind != Mount::Kind::bind || is_unknown(mount.source);
            return is_unknown(mount.target) || (is_unseen && mount.target.starts_with(folder));
        });
    const auto& blocks = config.main().children;
    return in_volume || config.main().opaque ||
           std::any_of(blocks.begin(), blocks.end(),
                       [](const Directive* block) { return block->opaque; });
}

/// Whether something in nginx's own container may answer; what is found nowhere in particular may
/// lie in its image.
bool may_answer(const Address& target, const ComposeService& service, const Subject& subject) {
    if (!subject.own_listeners.reached_by(target).empty()) return true;
    const auto& listeners = subject.surroundings.listeners_at_port(target.port);
    return std::any_of(listeners.begin(), listeners.end(), [&](const Listener* listener) {
        const Place* place = listener->place;
        const bool elsewhere =
            place != nullptr &&
            (place->kind == Place::Kind::host ||
             (place->service != nullptr && namespace_of(*place->service) != &service));
        return !elsewhere && reaches(target, *listener) != Reach::no;
    });
}

/// Where the services of nginx's project take connections from others, by the port that nginx asks
/// for: theirs, or the one of the host.
class Services {
  public:
    Services(const ComposeService& nginx, const Subject& subject) : nginx_(nginx) {
        for (const ComposeService& service : nginx.project->services) add(service, subject);
    }

    /// The one service that has the port, of those that nginx's service can reach.
    std::optional<Meant> find(std::uint16_t port) const {
        std::optional<Meant> found;
        const auto owners = by_port_.find(port);
        if (owners == by_port_.end()) return std::nullopt;
        for (const Meant& meant : owners->second) {
            if (service_named(nginx_, meant.service->name) != meant.service) continue;
            if (found) return std::nullopt;
            found = meant;
        }
        return found;
    }

  private:
    /// What listens counts more than what is declared, and that more than what is published.
    void add(const ComposeService& service, const Subject& subject) {
        std::set<std::uint16_t> known;
        const auto put = [&](std::uint16_t asked, const Meant& meant) {
            if (known.insert(asked).second) by_port_[asked].push_back(meant);
        };
        for (const Listener* listener : subject.surroundings.listeners_of(service)) {
            if (listener->at.is_unix() || listener->at.is_loopback()) continue;
            put(listener->at.port, {&service, listener->at.port, listener->where});
        }
        const std::vector<ContainerPort> ports = container_ports(service);
        for (const ContainerPort& one : ports) put(one.port, {&service, one.port, one.span});
        for (const ContainerPort& one : ports) {
            if (one.published != nullptr) {
                put(one.published->host, {&service, one.port, one.span});
            }
        }
    }

    const ComposeService& nginx_;
    std::map<std::uint16_t, std::vector<Meant>> by_port_;
};

void report_endpoint(const Endpoint& endpoint, const Pass& pass, const ComposeService& nginx,
                     const Services& services, Report& report) {
    const Address& target = endpoint.address;
    Draft draft = report(*endpoint.written, endpoint.span,
                         "nothing listens on {} in the container of service {}: {} get 502",
                         to_string(target), nginx.name, requests_by(pass, endpoint));
    draft.unless_others_answer(endpoint);
    draft.note(nginx.span, "nginx runs in this service, which has its own loopback interface");
    draft.note_pass(pass, endpoint);
    const std::optional<Meant> meant = services.find(target.port);
    if (meant) {
        draft.note(meant->span, "service {} has port {} in its own container", meant->service->name,
                   meant->port);
    }
    draft.note("connect() failed (111: Connection refused) while connecting to upstream");
    if (!meant) return;

    const std::string mended = fmt::format("{}:{}", meant->service->name, meant->port);
    if (const std::optional<Edit> edit = report.replace_address(endpoint, mended)) {
        draft.fix(Applicability::unsafe, fmt::format("connect to service {}", meant->service->name),
                  {*edit});
    }
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr || !runs_only_nginx(*nginx)) return;
    if (hides_servers(*nginx, subject.config)) return;
    const Services services(*nginx, subject);
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        const Address& target = endpoint.address;
        if (target.is_unix() || !target.is_loopback()) continue;
        // Datagrams are not refused, they are lost.
        if (endpoint.protocol == Protocol::udp || may_answer(target, *nginx, subject)) continue;
        report_endpoint(endpoint, pass, *nginx, services, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "container-loopback-upstream",
    .family = Family::containers,
    .severity = Severity::error,
    .summary = "nginx in a container connects to 127.0.0.1, where only nginx runs",
    .why =
        R"(Each container has its own loopback interface: in nginx's container, `127.0.0.1`
and `localhost` are that container, not the host and not another service, whatever ports those
publish. Every request gets 502:

    connect() failed (111: Connection refused) while connecting to upstream

Use the name of the other service and its container port. gatelint reports this if the
configuration is mounted into a compose service that runs the official nginx image unchanged. It
reports nothing if the service has `network_mode`, if another service joins its network, or if its
image, its command or its entrypoint scripts may start other programs.)",
    .reference = "https://docs.docker.com/compose/how-tos/networking/",
    .check = check,
};

}  // namespace gatelint::rules::container_loopback_upstream
