#include "own_listeners.hpp"

#include <algorithm>

namespace gatelint {

OwnListeners::OwnListeners(const Model& model) {
    for (const Server& server : model.servers()) {
        for (const Listen& listen : server.listens) {
            // QUIC and other UDP are no streams that a pass could connect to.
            if (listen.quic || listen.udp) continue;
            OwnListener& own = listener_at(listen, server);
            own.known = own.known && listen.known;
            own.listener.ipv6_only = own.listener.ipv6_only && listen.ipv6_only;
            own.ssl = own.ssl || listen.ssl;
            own.http2 = own.http2 || listen.http2;
            own.proxy_protocol = own.proxy_protocol || listen.proxy_protocol;
            own.servers.push_back(&server);
            if (listen.default_server || own.default_server == nullptr) {
                own.default_server = &server;
            }
        }
    }
    // Where a server listens that a template fills in, it may share any address.
    const bool known = std::all_of(model.servers().begin(), model.servers().end(),
                                   [](const Server& server) { return server.listens_known; });
    for (OwnListener& own : all_) {
        own.known = own.known && known;
        own.listener.speaks = own.stream ? Protocol::tcp
                              : own.ssl  ? Protocol::https
                                         : Protocol::http;
        by_port_.emplace(own.listener.at.port, &own);
    }
}

std::vector<const OwnListener*> OwnListeners::reached_by(const Address& target) const {
    std::vector<const OwnListener*> reached;
    const auto [begin, end] = by_port_.equal_range(target.port);
    for (auto it = begin; it != end; ++it) {
        if (reaches(target, it->second->listener) == Reach::yes) reached.push_back(it->second);
    }
    return reached;
}

OwnListener& OwnListeners::listener_at(const Listen& listen, const Server& server) {
    OwnListener*& own = by_address_[to_string(listen.address)];
    if (own == nullptr) {
        own = &all_.emplace_back();
        own->listener.name = "nginx server";
        own->listener.at = listen.address;
        own->listener.ipv6_only = listen.ipv6_only;
        own->listener.where = listen.directive->span();
        own->stream = server.stream;
        own->listen = listen.directive;
    }
    return *own;
}

}  // namespace gatelint
