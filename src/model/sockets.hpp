#pragma once

#include <string>
#include <vector>

#include "model/model.hpp"

namespace gatelint {

/// An address that nginx binds, with everything that listens on it: nginx puts the servers that
/// share an address together and checks them against one another (ngx_http_add_addresses).
struct Socket {
    struct Use {
        const Server* server;
        const Listen* listen;
    };

    std::vector<Use> uses;  ///< in the order in which nginx reads them; at least one

    /// As nginx writes it: `0.0.0.0:80`.
    std::string text() const { return socket_text(uses.front().listen->address); }
};

/// The sockets of http or of stream, in the order of their first use. Names of hosts and ranges of
/// ports are not among them: what they are, only nginx's host knows, or too many.
std::vector<Socket> sockets_of(const Model& model, bool stream);

}  // namespace gatelint
