#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "surroundings/listener.hpp"

namespace gatelint {

/// One address at which the nginx configuration itself listens, with all servers that share it.
/// Whatever one `listen` says of TLS and protocols holds for all at the address
/// (ngx_http_add_addresses).
struct OwnListener {
    Listener listener;  ///< program nginx
    bool stream = false;
    bool ssl = false;
    bool http2 = false;
    bool proxy_protocol = false;
    bool known = true;  ///< false: a template has a say in what it speaks and which servers it has
    std::vector<const Server*> servers;  ///< in order; the default server is `default_server`
    const Server* default_server = nullptr;
    const Directive* listen = nullptr;  ///< the first, or its server where none is written
};

/// Where nginx itself listens: a pass may lead back into the same configuration.
class OwnListeners {
  public:
    explicit OwnListeners(const Model& model);

    /// Those that a connection to `target` reaches for certain.
    std::vector<const OwnListener*> reached_by(const Address& target) const;

  private:
    OwnListener& listener_at(const Listen& listen, const Server& server);

    std::deque<OwnListener> all_;
    std::map<std::string, OwnListener*> by_address_;
    std::multimap<std::uint16_t, const OwnListener*> by_port_;  ///< 0 for unix sockets
};

}  // namespace gatelint
