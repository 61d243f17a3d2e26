#include "model/sockets.hpp"

#include <unordered_map>

namespace gatelint {

namespace {

/// An address of a socket, so that two of one socket are equal.
struct Key {
    Address::Kind kind;
    bool datagrams;
    std::uint16_t port;
    IpBytes ip;
    std::string_view path;  ///< of a unix socket

    friend bool operator==(const Key&, const Key&) = default;
};

Key key_of(const Listen& listen) {
    const Address& address = listen.address;
    const bool unix_socket = address.is_unix();
    return {address.kind, listen.udp || listen.quic, unix_socket ? std::uint16_t{0} : address.port,
            unix_socket ? IpBytes{} : address.ip, unix_socket ? address.host : std::string_view()};
}

struct Hash {
    std::size_t operator()(const Key& key) const {
        constexpr std::uint64_t prime = 1099511628211U;  // FNV's
        std::uint64_t hash = std::hash<std::string_view>()(key.path) + key.port;
        hash = hash * prime + static_cast<std::uint64_t>(key.kind) * 2 + (key.datagrams ? 1 : 0);
        for (const unsigned char byte : key.ip) hash = (hash ^ byte) * prime;
        return static_cast<std::size_t>(hash ^ (hash >> 32U));
    }
};

}  // namespace

std::vector<Socket> sockets_of(const Model& model, bool stream) {
    std::vector<Socket> sockets;
    std::unordered_map<Key, std::size_t, Hash> known;
    for (const Server& server : model.servers()) {
        if (server.stream != stream) continue;
        for (const Listen& listen : server.listens) {
            if (listen.address.is_name()) continue;
            const auto [at, added] = known.try_emplace(key_of(listen), sockets.size());
            if (added) sockets.emplace_back();
            sockets[at->second].uses.push_back({&server, &listen});
        }
    }
    return sockets;
}

}  // namespace gatelint
