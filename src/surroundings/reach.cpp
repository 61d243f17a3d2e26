#include <algorithm>
#include <utility>

#include "surroundings/surroundings.hpp"

// Whether a connection that nginx makes reaches a listener, when the two may run in places of their
// own: network namespaces with names for each other, and volumes that they share.

namespace gatelint {

namespace {

bool is_within(std::string_view path, std::string_view folder) {
    while (folder.ends_with('/')) folder.remove_suffix(1);
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// What a normal path of the service is outside of its container: a volume's or a host's path;
/// nothing if it is the container's own.
std::optional<std::string> shared_path(const ComposeService& service, std::string_view path) {
    const Mount* best = nullptr;
    std::string folder;
    for (const Mount& mount : service.mounts) {
        std::string target = normal_socket_path(mount.target);
        while (target.ends_with('/')) target.pop_back();
        if (!is_within(path, target)) continue;
        if (best != nullptr && target.size() < folder.size()) continue;
        best = &mount;
        folder = std::move(target);
    }
    if (best == nullptr || best->kind == Mount::Kind::tmpfs || best->source.empty()) {
        return std::nullopt;
    }
    const std::string kind = best->kind == Mount::Kind::bind ? "bind:" : "volume:";
    std::string source = best->source;
    while (source.ends_with('/')) source.pop_back();
    return kind + source + std::string(path.substr(folder.size()));
}

/// A socket that a service makes, for nginx in another one of the same project.
Reach reach_socket(const ComposeService& from, const Address& target, const ComposeService& service,
                   const Listener& listener) {
    if (!from.volumes_from.empty() || !service.volumes_from.empty()) return Reach::unknown;
    if (!from.is_whole || !service.is_whole) return Reach::unknown;
    const auto here = shared_path(from, normal_socket_path(target.host));
    const auto there = shared_path(service, normal_socket_path(listener.at.host));
    return here && here == there ? Reach::yes : Reach::no;
}

/// What a listener takes that comes from another container.
Reach reach_port(const Address& target, const Listener& listener) {
    if (listener.at.is_unix() || target.port != listener.at.port) return Reach::no;
    if (listener.at.is_wildcard()) return Reach::yes;
    return listener.at.is_loopback() ? Reach::no : Reach::unknown;
}

/// A container's listener, for nginx on the host: through a published port.
Reach reach_published(const Address& target, const ComposeService& service,
                      const Listener& listener) {
    if (target.is_unix() || listener.at.is_unix()) return Reach::unknown;
    if (!target.is_loopback()) return Reach::unknown;
    const bool is_published =
        std::any_of(service.ports.begin(), service.ports.end(), [&](const PublishedPort& port) {
            return port.host == target.port && port.container == listener.at.port && !port.is_udp;
        });
    if (!is_published) return Reach::no;
    return listener.at.is_loopback() ? Reach::no : Reach::yes;
}

bool is_host(const Place* place) {
    return place == nullptr || place->kind == Place::Kind::host;
}

/// The service whose network namespace the place is, or null.
const ComposeService* network_of(const Place* place) {
    return place == nullptr || place->service == nullptr ? nullptr : namespace_of(*place->service);
}

}  // namespace

bool Surroundings::is_beside_nginx(const Listener& listener) const {
    if (is_host(nginx_place_) && is_host(listener.place)) return true;
    if (nginx_place_ == listener.place) return true;
    const ComposeService* own = network_of(nginx_place_);
    return own != nullptr && own == network_of(listener.place);
}

const Resolution& Surroundings::resolved(const ComposeService& from, std::string_view name) const {
    const auto known = resolved_.find(name);
    if (known != resolved_.end()) return known->second;
    return resolved_.emplace(name, resolve(from, name)).first->second;
}

Reach Surroundings::reach(const Address& target, const Listener& listener) const {
    const ComposeService* from = nginx_service();
    const ComposeService* to = listener.place == nullptr ? nullptr : listener.place->service;
    if (target.is_unix() && from != nullptr && to != nullptr && from != to) {
        return from->project == to->project ? reach_socket(*from, target, *to, listener)
                                            : Reach::unknown;
    }
    if (is_beside_nginx(listener)) return reaches(target, listener);
    if (to == nullptr) return Reach::unknown;
    if (from == nullptr) {
        return is_host(nginx_place_) ? reach_published(target, *to, listener) : Reach::unknown;
    }
    if (from->project != to->project || target.is_literal_ip()) {
        return target.is_loopback() ? Reach::no : Reach::unknown;
    }
    const Resolution& resolution = resolved(*from, target.host);
    if (resolution.kind == Resolution::Kind::unknown) return Reach::unknown;
    const auto is_meant = [&](const ComposeService* service) {
        return namespace_of(*service) == namespace_of(*to);
    };
    const bool meant =
        std::any_of(resolution.services.begin(), resolution.services.end(), is_meant);
    return meant ? reach_port(target, listener) : Reach::no;
}

std::vector<const Listener*> Surroundings::reached_by(const Address& target) const {
    const auto [known, is_new] = reached_.try_emplace(to_string(target));
    std::vector<const Listener*>& reached = known->second;
    if (!is_new) return reached;
    for (const Listener& listener : listeners_) {
        if (reach(target, listener) == Reach::yes) reached.push_back(&listener);
    }
    return reached;
}

std::vector<const Listener*> Surroundings::listeners_of(const ComposeService& service) const {
    const ComposeService* owner = namespace_of(service);
    std::vector<const Listener*> found;
    for (const Listener& listener : listeners_) {
        if (owner != nullptr && network_of(listener.place) == owner) found.push_back(&listener);
    }
    return found;
}

bool Surroundings::knows_all_of(const ComposeService& service) const {
    return !half_known_services_.contains(&service) && !listeners_of(service).empty();
}

bool Surroundings::knows(Listener::Program program) const {
    if (std::find(half_known_.begin(), half_known_.end(), program) != half_known_.end()) {
        return false;
    }
    return std::any_of(listeners_.begin(), listeners_.end(), [&](const Listener& one) {
        return one.program == program && is_beside_nginx(one);
    });
}

}  // namespace gatelint
