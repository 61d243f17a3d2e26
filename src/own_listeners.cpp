#include "own_listeners.hpp"

#include <algorithm>
#include <utility>

namespace gatelint {

OwnListeners::OwnListeners(const Model& model) {
    collect(model);
    index();
}

void OwnListeners::collect(const Model& model) {
    ByAddress known;
    for (const Server& server : model.servers()) {
        for (const Listen& listen : server.listens) {
            // QUIC and other UDP are no streams that a pass could connect to.
            if (!listen.quic && !listen.udp) add(listen, server, known);
        }
    }
    // Where a server listens that a template fills in, it may share any address.
    const bool are_known = std::all_of(model.servers().begin(), model.servers().end(),
                                       [](const Server& server) { return server.listens_known; });
    for (OwnListener& own : all_) {
        own.known = own.known && are_known;
        own.listener.speaks = own.stream ? Protocol::tcp
                              : own.ssl  ? Protocol::https
                                         : Protocol::http;
    }
}

void OwnListeners::add(const Listen& listen, const Server& server, ByAddress& known) {
    const auto [found, is_new] = known.try_emplace(listen.address, all_.size());
    if (is_new) {
        OwnListener& first = all_.emplace_back();
        first.listener.name = "nginx server";
        first.listener.at = listen.address;
        first.listener.ipv6_only = listen.ipv6_only;
        first.listener.where = listen.directive->span();
        first.stream = server.stream;
        first.listen = listen.directive;
    }
    OwnListener& own = all_[found->second];
    own.known = own.known && listen.known;
    own.listener.ipv6_only = own.listener.ipv6_only && listen.ipv6_only;
    own.ssl = own.ssl || listen.ssl;
    own.http2 = own.http2 || listen.http2;
    own.proxy_protocol = own.proxy_protocol || listen.proxy_protocol;
    own.servers.push_back(&server);
    if (listen.default_server || own.default_server == nullptr) own.default_server = &server;
}

/// Of several at one port, a connection reaches the one at its very address, and of those that
/// stand for more than one address a few at most; all of this host's for its name.
void OwnListeners::index() {
    for (const OwnListener& own : all_) {
        const Address& at = own.listener.at;
        if (at.is_unix()) {
            by_path_[normal_socket_path(at.host)].push_back(&own);
            continue;
        }
        Port& port = by_port_[at.port];
        if (at.is_wildcard()) port.wildcards.push_back(&own);
        if (at.is_loopback()) port.loopback.push_back(&own);
    }
    for (auto& [number, port] : by_port_) {
        List shared = port.wildcards;
        for (const OwnListener* own : port.loopback) {
            if (own->listener.at.is_name()) shared.push_back(own);
        }
        port.reached_by_ipv4 = reached_of(shared, parse_host("127.0.0.1").at_port(number));
        port.reached_by_ipv6 = reached_of(shared, parse_host("::1").at_port(number));
        List all = port.wildcards;
        all.insert(all.end(), port.loopback.begin(), port.loopback.end());
        port.reached_by_name = reached_of(std::move(all), parse_host("localhost").at_port(number));
    }
    for (const OwnListener& own : all_) {
        if (!own.listener.at.is_unix()) index_host(own);
    }
}

/// What a connection to the address of `own` reaches.
void OwnListeners::index_host(const OwnListener& own) {
    const Address& at = own.listener.at;
    List candidates = {&own};
    if (at.is_loopback()) {
        const Port& port = by_port_.at(at.port);
        const List& others = at.is_name()                     ? port.reached_by_name
                             : at.kind == Address::Kind::ipv4 ? port.reached_by_ipv4
                                                              : port.reached_by_ipv6;
        candidates.insert(candidates.end(), others.begin(), others.end());
    }
    by_host_.emplace(at, reached_of(std::move(candidates), at));
}

/// In the order in which nginx reads them, each once.
OwnListeners::List OwnListeners::reached_of(List candidates, const Address& target) {
    std::sort(candidates.begin(), candidates.end());
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
    std::erase_if(candidates, [&](const OwnListener* own) {
        return reaches(target, own->listener) != Reach::yes;
    });
    return candidates;
}

std::span<const OwnListener* const> OwnListeners::reached_by(const Address& target) const {
    if (target.is_unix()) {
        if (by_path_.empty()) return {};
        const auto found = by_path_.find(normal_socket_path(target.host));
        return found == by_path_.end() ? std::span<const OwnListener* const>() : found->second;
    }
    const auto port = by_port_.find(target.port);
    if (port == by_port_.end()) return {};
    const auto exact = by_host_.find(target);
    if (exact != by_host_.end()) return exact->second;
    if (!target.is_loopback()) return {};
    return target.is_name()                     ? port->second.reached_by_name
           : target.kind == Address::Kind::ipv4 ? port->second.reached_by_ipv4
                                                : port->second.reached_by_ipv6;
}

}  // namespace gatelint
