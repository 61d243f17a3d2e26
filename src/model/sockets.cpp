#include "model/sockets.hpp"

#include <unordered_map>

namespace gatelint {

std::vector<Socket> sockets_of(const Model& model, bool stream) {
    std::vector<Socket> sockets;
    std::unordered_map<std::string, std::size_t> known;
    for (const Server& server : model.servers()) {
        if (server.stream != stream) continue;
        for (const Listen& listen : server.listens) {
            if (listen.address.is_name()) continue;
            std::string text = socket_text(listen.address);
            const bool datagrams = listen.udp || listen.quic;
            const auto [at, added] = known.emplace((datagrams ? 'u' : 't') + text, sockets.size());
            if (added) sockets.push_back({std::move(text), {}});
            sockets[at->second].uses.push_back({&server, &listen});
        }
    }
    return sockets;
}

}  // namespace gatelint
