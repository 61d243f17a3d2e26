#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::socket_unshared_volume {

namespace {

/// Whether two mounts show the same folder of the host or the same volume.
bool same_source(const Mount& a, const Mount& b) {
    return a.kind == b.kind && a.kind != Mount::Kind::tmpfs && !a.source.empty() &&
           (a.source == b.source || is_unknown(a.source) || is_unknown(b.source));
}

/// Whether another service sees what nginx's mount holds.
bool is_shared(const Mount& mount, const ComposeService& nginx) {
    const auto& services = nginx.project->services;
    return std::any_of(services.begin(), services.end(), [&](const ComposeService& service) {
        return &service != &nginx &&
               (!service.is_whole || !service.volumes_from.empty() ||
                std::any_of(service.mounts.begin(), service.mounts.end(),
                            [&](const Mount& other) { return same_source(mount, other); }));
    });
}

/// The folders and sockets around nginx's container.
class Sockets {
  public:
    Sockets(const ComposeService& nginx, const Surroundings& surroundings) : nginx_(nginx) {
        hides_places_ = std::any_of(nginx.mounts.begin(), nginx.mounts.end(),
                                    [](const Mount& mount) { return is_unknown(mount.target); });
        for (const Listener& listener : surroundings.listeners()) {
            if (listener.at.is_unix()) add(listener);
        }
    }

    /// Whether only nginx's own container sees the folder in which the socket should lie. A folder
    /// of the host may have a socket of the host.
    bool is_private(std::string_view path) {
        if (!nginx_.volumes_from.empty() || hides_places_) return false;
        const Mount* mount = mount_of(nginx_, path);
        if (mount == nullptr || mount->kind == Mount::Kind::tmpfs) return true;
        if (mount->kind != Mount::Kind::volume || !nginx_.project->is_whole) return false;
        const auto [known, is_new] = shared_.try_emplace(mount);
        if (is_new) known->second = is_shared(*mount, nginx_);
        return !known->second;
    }

    /// The socket of another service that is meant: the first one of this path, or of this name.
    const Listener* find_meant(std::string_view path) const {
        const std::string wanted = normal_socket_path(path);
        const auto same = by_path_.find(wanted);
        if (same != by_path_.end()) return same->second;
        const auto alike = by_name_.find(name_of(wanted));
        return alike == by_name_.end() ? nullptr : alike->second;
    }

    /// Whether something in nginx's container may make the socket; what is found nowhere in
    /// particular may lie in its image.
    bool may_be_made_here(std::string_view path) const {
        return own_.contains(normal_socket_path(path));
    }

  private:
    static std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

    void add(const Listener& listener) {
        const std::string path = normal_socket_path(listener.at.host);
        const ComposeService* service =
            listener.place == nullptr ? nullptr : listener.place->service;
        if (listener.place == nullptr || service == &nginx_) {
            own_.insert(path);
        } else if (service != nullptr && service->project == nginx_.project) {
            by_path_.try_emplace(path, &listener);
            by_name_.try_emplace(name_of(path), &listener);
        }
    }

    const ComposeService& nginx_;
    bool hides_places_ = false;
    std::set<std::string> own_;
    std::map<std::string, const Listener*> by_path_;
    std::map<std::string, const Listener*> by_name_;
    std::map<const Mount*, bool> shared_;
};

void report_endpoint(const Endpoint& endpoint, const Pass& pass, const ComposeService& nginx,
                     const Listener* meant, Report& report) {
    const std::string_view path = endpoint.address.host;
    Draft draft =
        report(*endpoint.written, endpoint.span,
               "{} is not in a volume that service {} shares with another service: {} get 502",
               to_string(endpoint.address), nginx.name, requests_by(pass, endpoint));
    const Mount* mount = mount_of(nginx, path);
    draft.unless_others_answer(endpoint);
    if (mount == nullptr) {
        draft.note(nginx.span, "nginx runs in this service, which has no volume there");
    } else {
        draft.note(mount->span, "no other service mounts this volume");
    }
    draft.note_pass(pass, endpoint);
    if (meant != nullptr) {
        draft.note(meant->where, "{} listens on {} in its own container", meant->name,
                   meant->at.host);
    }
    draft.note("connect() to {} failed (2: No such file or directory) while connecting to upstream",
               to_string(endpoint.address));
    draft.note("mount one volume into both services to share the socket");
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr || !runs_only_nginx(*nginx)) return;
    Sockets sockets(*nginx, subject.surroundings);
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        const Address& address = endpoint.address;
        if (!address.is_unix() || !sockets.is_private(address.host)) continue;
        if (!subject.own_listeners.reached_by(address).empty()) continue;
        if (sockets.may_be_made_here(address.host)) continue;
        // A volume may be another project's too.
        const Listener* meant = sockets.find_meant(address.host);
        const Mount* mount = mount_of(*nginx, address.host);
        const bool is_volume = mount != nullptr && mount->kind == Mount::Kind::volume;
        if (is_volume && meant == nullptr) continue;
        report_endpoint(endpoint, pass, *nginx, meant, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "socket-unshared-volume",
    .family = Family::containers,
    .severity = Severity::error,
    .summary = "a unix socket is in a directory that nginx's container shares with no other",
    .why =
        R"(A unix socket is a file, and each container has its own files. A socket that a
backend creates in its container only exists for nginx if its directory is a volume that both
services mount (on whatever paths). Otherwise every request gets 502:

    connect() to unix:/run/app/app.sock failed (2: No such file or directory) while connecting to
    upstream

gatelint reports this if nginx's service has no mount there, a tmpfs, or a volume that no other
service mounts. It does not report directories of the host, where a program of the host may create
the socket, or images that may run the backend alongside nginx.)",
    .reference = "https://docs.docker.com/reference/compose-file/volumes/",
    .check = check,
};

}  // namespace gatelint::rules::socket_unshared_volume
