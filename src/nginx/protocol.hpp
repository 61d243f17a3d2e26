#pragma once

#include <cstdint>
#include <string_view>

namespace gatelint {

/// What one side of a connection speaks.
enum class Protocol : std::uint8_t {
    http,
    https,
    fastcgi,
    uwsgi,
    suwsgi,  ///< uwsgi in TLS
    scgi,
    grpc,
    grpcs,
    memcached,
    tcp,
    udp,
};

/// As people write it: "HTTP", "FastCGI", "gRPC over TLS".
std::string_view name_of(Protocol protocol);

/// Whether the connection begins with a TLS handshake.
bool is_tls(Protocol protocol);

}  // namespace gatelint
