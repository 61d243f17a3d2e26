#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "surroundings/containers/compose.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/place.hpp"

namespace gatelint {

/// Who listens where, seen from nginx: the two may run in places of their own, with names for each
/// other and volumes that they share. Made once and never changed; what is asked is looked up by
/// port, by path and by place, however many listeners there are.
class Reachability {
  public:
    Reachability() = default;

    /// `listeners` must outlive this and stay where they are. `nginx`: where it runs, or null.
    Reachability(const std::vector<Listener>& listeners, const Place* nginx);

    /// Whether the listener runs where nginx does: its 127.0.0.1 is nginx's.
    bool is_beside(const Listener& listener) const;

    /// Whether a connection that nginx makes to `target` reaches the listener.
    Reach reach(const Address& target, const Listener& listener) const;

    /// Those that a connection of nginx's to `target` reaches for certain. Here and below they are
    /// in the order of the listeners.
    std::vector<const Listener*> reached_by(const Address& target) const;

    /// Whether such a connection may reach any of them.
    bool may_be_served(const Address& target) const;

    /// Those beside nginx that such a connection may reach.
    std::vector<const Listener*> neighbours_at(const Address& target) const;

    /// Those of any place that have a TCP port.
    const std::vector<const Listener*>& at_port(std::uint16_t port) const;

    /// Those in the network namespace of the service.
    const std::vector<const Listener*>& of(const ComposeService& service) const;

    /// Whether one of this program is beside nginx.
    bool has_neighbour(Listener::Program program) const { return neighbours_.contains(program); }

  private:
    using Listeners = std::vector<const Listener*>;

    void add(const Listener& listener);
    void add_of_service(const Listener& listener, const ComposeService& service);
    Reach reach_service(const Address& target, const ComposeService& service,
                        const Listener& listener) const;
    Listeners candidates(const Address& target) const;
    bool is_unclear(const Address& target) const;

    const Place* nginx_ = nullptr;
    const ComposeService* from_ = nullptr;         ///< the service in which nginx runs
    const ComposeService* own_network_ = nullptr;  ///< the one whose network namespace it has
    std::unordered_map<std::string, Listeners> by_path_;    ///< sockets beside nginx
    std::unordered_map<std::string, Listeners> by_shared_;  ///< by where they lie for all to see
    std::unordered_map<std::uint16_t, Listeners> by_port_;
    std::unordered_map<std::uint16_t, Listeners> beside_by_port_;
    std::unordered_map<std::uint16_t, Listeners> by_published_;  ///< by the port of the host
    std::unordered_map<const ComposeService*, Listeners> by_network_;
    std::map<std::pair<const ComposeService*, std::uint16_t>, Listeners> by_network_and_port_;
    Listeners guests_;  ///< of other services in nginx's network namespace
    std::set<Listener::Program> neighbours_;

    // Whether there are some of a kind that may answer where no look-up tells.
    bool has_distant_ = false;         ///< in a place of which nobody knows how it is reached
    bool has_other_project_ = false;   ///< of a project that nginx's service is not in
    bool has_other_service_ = false;   ///< of another service of nginx's own project
    bool has_remote_service_ = false;  ///< and not in nginx's network namespace
    bool has_unclear_volume_ = false;  ///< and nobody knows what that one shares
    bool has_contained_ = false;       ///< in a container, with nginx on the host
    bool has_contained_socket_ = false;
};

}  // namespace gatelint
