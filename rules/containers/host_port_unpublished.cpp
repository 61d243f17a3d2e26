#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::host_port_unpublished {

namespace {

/// Whether everything that the project may do to the host's ports is known, and the configuration
/// is surely not for a service of it.
bool is_clear(const ComposeProject& project, bool nginx_is_on_host) {
    return project.is_whole &&
           std::all_of(project.services.begin(), project.services.end(),
                       [&](const ComposeService& service) {
                           const bool may_be_nginx =
                               service.base_image().empty() ||
                               service.base_image().find("nginx") != std::string_view::npos ||
                               service.base_image().find("openresty") != std::string_view::npos;
                           return service.is_whole && service.profiles.empty() &&
                                  !service.network_mode && (nginx_is_on_host || !may_be_nginx);
                       });
}

/// A service that has the port in its container, and where that is written.
struct Found {
    const ComposeService* service;
    ContainerPort port;
};

/// The ports of all services: in their containers, and on the host.
class Ports {
  public:
    explicit Ports(const Surroundings& surroundings) {
        for (const auto& project : surroundings.compose_projects()) {
            for (const ComposeService& service : project->services) add(service, surroundings);
        }
    }

    bool may_be_published(std::uint16_t port) const {
        return may_publish_any_ || published_.contains(port);
    }

    /// The one service that has the port, or null.
    const Found* owner(std::uint16_t port) const {
        const auto found = owners_.find(port);
        return found != owners_.end() && found->second.size() == 1 ? &found->second.front()
                                                                   : nullptr;
    }

  private:
    /// What is declared counts more than what listens.
    void add(const ComposeService& service, const Surroundings& surroundings) {
        std::set<std::uint16_t> known;
        const auto put = [&](const ContainerPort& port) {
            if (known.insert(port.port).second) owners_[port.port].push_back({&service, port});
        };
        for (const ContainerPort& port : container_ports(service)) put(port);
        for (const Listener* listener : surroundings.listeners_of(service)) {
            if (listener->at.is_unix() || listener->at.is_loopback()) continue;
            put({listener->at.port, nullptr, listener->where});
        }
        for (const PublishedPort& port : service.ports) {
            if (!port.is_known || port.host == 0) may_publish_any_ = true;
            if (!port.is_udp) published_.insert(port.host);
        }
    }

    std::map<std::uint16_t, std::vector<Found>> owners_;
    std::set<std::uint16_t> published_;
    bool may_publish_any_ = false;
};

/// Whether a program that is in no container may answer.
bool may_answer(const Address& target, const Subject& subject) {
    if (!subject.own_listeners.reached_by(target).empty()) return true;
    const auto& listeners = subject.surroundings.listeners_at_port(target.port);
    return std::any_of(listeners.begin(), listeners.end(), [&](const Listener* listener) {
        const bool contained =
            listener->place != nullptr && listener->place->kind != Place::Kind::host;
        return !contained && reaches(target, *listener) != Reach::no;
    });
}

void fix(const Found& found, const Endpoint& endpoint, const Report& report, Draft& draft) {
    const ComposeService& service = *found.service;
    const std::uint16_t port = found.port.port;
    const PublishedPort* published = found.port.published;
    if (published != nullptr) {
        const std::string mended = fmt::format("{}:{}", endpoint.address.host, published->host);
        if (const std::optional<Edit> edit = report.replace_address(endpoint, mended)) {
            draft.fix(Applicability::unsafe, "connect to the published port", {*edit});
        }
        return;
    }
    const std::string line = fmt::format("\"127.0.0.1:{0}:{0}\"", port);
    std::optional<Edit> edit;
    if (!service.ports.empty()) {
        edit = report.item_after(service.ports.back().span, line);
    } else if (service.image && service.image->span.known()) {
        edit = report.lines_after(service.image->span, {"ports:", "  - " + line});
    }
    if (edit) draft.fix(Applicability::unsafe, "publish the port on the host", {*edit});
}

void report_endpoint(const Endpoint& endpoint, const Pass& pass, const Found& found,
                     Report& report) {
    const std::uint16_t port = found.port.port;
    const PublishedPort* published = found.port.published;
    Draft draft = report(*endpoint.written, endpoint.span,
                         "port {} of service {} is not published as {} on the host: {} get 502",
                         port, found.service->name, port, requests_by(pass, endpoint));
    draft.unless_others_answer(endpoint);
    if (published == nullptr) {
        draft.note(found.port.span, "the port is only open to other containers");
    } else {
        draft.note(found.port.span, "it is published as port {} on the host", published->host);
    }
    draft.note_pass(pass, endpoint);
    draft.note("connect() failed (111: Connection refused) while connecting to upstream");
    fix(found, endpoint, report, draft);
}

void check(const Subject& subject, Report& report) {
    const Surroundings& surroundings = subject.surroundings;
    const OnHost on_host = surroundings.nginx_on_host();
    if (on_host == OnHost::no || surroundings.compose_projects().empty()) return;
    const auto& projects = surroundings.compose_projects();
    // Which of several projects is the one beside this nginx, nobody knows.
    if (on_host == OnHost::unknown && projects.size() != 1) return;
    const bool clear = std::all_of(projects.begin(), projects.end(), [&](const auto& project) {
        return is_clear(*project, on_host == OnHost::yes);
    });
    if (!clear) return;
    const Ports ports(surroundings);
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        const Address& target = endpoint.address;
        if (target.is_unix() || !target.is_loopback()) continue;
        if (endpoint.protocol == Protocol::udp || may_answer(target, subject)) continue;
        if (ports.may_be_published(target.port)) continue;
        const Found* owner = ports.owner(target.port);
        if (owner != nullptr) report_endpoint(endpoint, pass, *owner, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "host-port-unpublished",
    .family = Family::containers,
    .severity = Severity::warning,
    .precision = Precision::medium,
    .summary = "nginx on the host connects to a container port that is not published",
    .why =
        R"(`expose`, EXPOSE and the ports on which programs listen only concern a container's
networks. On the host, 127.0.0.1 leads to a container only through the ports that `ports`
publishes, by the number on the *left*: `"8080:3000"` is 8080 there. On any other port, every
request gets 502:

    connect() failed (111: Connection refused) while connecting to upstream

gatelint reports this for a configuration that no service mounts, if exactly one service has the
port in its container, nothing publishes it, and no other program is known that may listen on it.
The severity is warning, because gatelint may not see every program of the host.)",
    .reference = "https://docs.docker.com/reference/compose-file/services/#ports",
    .check = check,
};

}  // namespace gatelint::rules::host_port_unpublished
