#include "surroundings/reach.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace gatelint {

namespace {

using Listeners = std::vector<const Listener*>;

/// Whether what the service shares with others is out of sight.
bool shares_unclearly(const ComposeService& service) {
    return !service.volumes_from.empty() || !service.is_whole;
}

/// A socket that a service makes, for nginx in another one of the same project.
Reach reach_socket(const ComposeService& from, const Address& target, const ComposeService& service,
                   const Listener& listener) {
    if (shares_unclearly(from) || shares_unclearly(service)) return Reach::unknown;
    const auto here = shared_path(from, target.host);
    const auto there = shared_path(service, listener.at.host);
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

const ComposeService* service_of(const Place* place) {
    return place == nullptr ? nullptr : place->service;
}

/// The service whose network namespace the place is, or null.
const ComposeService* network_of(const Place* place) {
    const ComposeService* service = service_of(place);
    return service == nullptr ? nullptr : namespace_of(*service);
}

template <typename Map, typename Key>
const Listeners& find(const Map& map, const Key& key) {
    static const Listeners none;
    const auto found = map.find(key);
    return found == map.end() ? none : found->second;
}

void add_to(Listeners& all, const Listeners& more) {
    all.insert(all.end(), more.begin(), more.end());
}

/// In the order in which they lie, each once.
Listeners in_order(Listeners listeners) {
    std::sort(listeners.begin(), listeners.end(), std::less<>());
    listeners.erase(std::unique(listeners.begin(), listeners.end()), listeners.end());
    return listeners;
}

}  // namespace

Reachability::Reachability(const std::vector<Listener>& listeners, const Place* nginx)
    : nginx_(nginx), from_(service_of(nginx)), own_network_(network_of(nginx)) {
    for (const Listener& listener : listeners) add(listener);
}

void Reachability::add(const Listener& listener) {
    const ComposeService* service = service_of(listener.place);
    const bool is_neighbour = is_beside(listener);
    const bool is_of_other = from_ != nullptr && service != nullptr && service != from_;
    if (is_neighbour) neighbours_.insert(listener.program);
    if (is_neighbour && is_of_other) guests_.push_back(&listener);
    if (listener.at.is_unix()) {
        if (is_neighbour && !is_of_other) {
            by_path_[normal_socket_path(listener.at.host)].push_back(&listener);
        }
    } else {
        by_port_[listener.at.port].push_back(&listener);
        if (is_neighbour) beside_by_port_[listener.at.port].push_back(&listener);
    }
    if (service != nullptr) {
        add_of_service(listener, *service);
    } else if (!is_neighbour) {
        has_distant_ = true;
    }
}

void Reachability::add_of_service(const Listener& listener, const ComposeService& service) {
    const ComposeService* network = namespace_of(service);
    if (network != nullptr) by_network_[network].push_back(&listener);
    if (from_ == &service) return;
    if (from_ == nullptr) {
        if (!is_host(nginx_)) {
            has_distant_ = true;
            return;
        }
        has_contained_ = true;
        if (listener.at.is_unix()) {
            has_contained_socket_ = true;
            return;
        }
        for (const PublishedPort& port : service.ports) {
            if (port.container == listener.at.port) by_published_[port.host].push_back(&listener);
        }
        return;
    }
    if (from_->project != service.project) {
        has_other_project_ = true;
        return;
    }
    has_other_service_ = true;
    if (shares_unclearly(service)) has_unclear_volume_ = true;
    if (listener.at.is_unix()) {
        const std::optional<std::string> shared = shared_path(service, listener.at.host);
        if (shared) by_shared_[*shared].push_back(&listener);
    }
    if (is_beside(listener)) return;
    has_remote_service_ = true;
    if (!listener.at.is_unix()) {
        by_network_and_port_[{network, listener.at.port}].push_back(&listener);
    }
}

bool Reachability::is_beside(const Listener& listener) const {
    if (is_host(nginx_) && is_host(listener.place)) return true;
    if (nginx_ == listener.place) return true;
    return own_network_ != nullptr && own_network_ == network_of(listener.place);
}

Reach Reachability::reach(const Address& target, const Listener& listener) const {
    const ComposeService* to = service_of(listener.place);
    if (target.is_unix() && from_ != nullptr && to != nullptr && from_ != to) {
        return from_->project == to->project ? reach_socket(*from_, target, *to, listener)
                                             : Reach::unknown;
    }
    if (is_beside(listener)) return reaches(target, listener);
    if (to == nullptr) return Reach::unknown;
    if (from_ == nullptr) {
        return is_host(nginx_) ? reach_published(target, *to, listener) : Reach::unknown;
    }
    return reach_service(target, *to, listener);
}

/// Of another service than nginx's, over its network.
Reach Reachability::reach_service(const Address& target, const ComposeService& service,
                                  const Listener& listener) const {
    if (from_->project != service.project || target.is_literal_ip()) {
        return target.is_loopback() ? Reach::no : Reach::unknown;
    }
    const Resolution resolution = resolve(*from_, target.host);
    if (resolution.kind == Resolution::Kind::unknown) return Reach::unknown;
    const ComposeService* network = namespace_of(service);
    const bool is_meant =
        std::any_of(resolution.services.begin(), resolution.services.end(),
                    [network](const ComposeService* one) { return namespace_of(*one) == network; });
    return is_meant ? reach_port(target, listener) : Reach::no;
}

/// All that may be reached for certain, and others.
Listeners Reachability::candidates(const Address& target) const {
    if (target.is_unix()) {
        Listeners found = find(by_path_, normal_socket_path(target.host));
        if (from_ == nullptr) return found;
        const std::optional<std::string> shared = shared_path(*from_, target.host);
        if (shared) add_to(found, find(by_shared_, *shared));
        return in_order(std::move(found));
    }
    Listeners found = find(beside_by_port_, target.port);
    add_to(found, find(by_published_, target.port));
    if (from_ != nullptr && !target.is_literal_ip()) {
        for (const ComposeService* service : resolve(*from_, target.host).services) {
            add_to(found,
                   find(by_network_and_port_, std::pair(namespace_of(*service), target.port)));
        }
    }
    return in_order(std::move(found));
}

Listeners Reachability::reached_by(const Address& target) const {
    Listeners found = candidates(target);
    std::erase_if(found,
                  [&](const Listener* listener) { return reach(target, *listener) != Reach::yes; });
    return found;
}

/// Whether something in sight may answer whatever is asked for.
bool Reachability::is_unclear(const Address& target) const {
    if (has_distant_) return true;
    if (from_ == nullptr) {
        if (target.is_unix() || !target.is_loopback()) return has_contained_;
        return has_contained_socket_;
    }
    if (target.is_unix()) {
        return has_other_project_ || has_unclear_volume_ ||
               (has_other_service_ && shares_unclearly(*from_));
    }
    if (has_other_project_ && !target.is_loopback()) return true;
    if (!has_remote_service_) return false;
    if (target.is_literal_ip()) return !target.is_loopback();
    return resolve(*from_, target.host).kind == Resolution::Kind::unknown;
}

bool Reachability::may_be_served(const Address& target) const {
    if (is_unclear(target)) return true;
    const Listeners found = candidates(target);
    return std::any_of(found.begin(), found.end(), [&](const Listener* listener) {
        return reach(target, *listener) != Reach::no;
    });
}

Listeners Reachability::neighbours_at(const Address& target) const {
    Listeners found = candidates(target);
    if (target.is_unix()) {
        add_to(found, guests_);
        found = in_order(std::move(found));
    }
    std::erase_if(found, [&](const Listener* listener) {
        return !is_beside(*listener) || reach(target, *listener) == Reach::no;
    });
    return found;
}

const Listeners& Reachability::at_port(std::uint16_t port) const {
    return find(by_port_, port);
}

const Listeners& Reachability::of(const ComposeService& service) const {
    return find(by_network_, namespace_of(service));
}

}  // namespace gatelint
