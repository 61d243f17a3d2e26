#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
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
    OwnListeners(const OwnListeners&) = delete;
    OwnListeners& operator=(const OwnListeners&) = delete;

    /// Those that a connection to `target` reaches for certain.
    std::span<const OwnListener* const> reached_by(const Address& target) const;

  private:
    using List = std::vector<const OwnListener*>;
    using ByAddress = std::unordered_map<Address, std::size_t, AddressHash, SameAddress>;

    /// What is at one port, for the addresses of this host at which nothing listens by itself.
    struct Port {
        List wildcards;
        List loopback;  ///< 127.0.0.0/8, ::1 and the name
        List reached_by_ipv4;
        List reached_by_ipv6;
        List reached_by_name;
    };

    void collect(const Model& model);
    void add(const Listen& listen, const Server& server, ByAddress& known);
    void index();
    void index_host(const OwnListener& own);
    static List reached_of(List candidates, const Address& target);

    std::vector<OwnListener> all_;
    std::unordered_map<std::string, List> by_path_;  ///< in its normal form
    std::unordered_map<std::uint16_t, Port> by_port_;
    /// Of the addresses and names at which something listens.
    std::unordered_map<Address, List, AddressHash, SameAddress> by_host_;
};

}  // namespace gatelint
