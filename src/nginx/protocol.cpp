#include "nginx/protocol.hpp"

namespace gatelint {

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::http:
            return "HTTP";
        case Protocol::https:
            return "HTTPS";
        case Protocol::fastcgi:
            return "FastCGI";
        case Protocol::uwsgi:
            return "uwsgi";
        case Protocol::suwsgi:
            return "uwsgi over TLS";
        case Protocol::scgi:
            return "SCGI";
        case Protocol::grpc:
            return "gRPC";
        case Protocol::grpcs:
            return "gRPC over TLS";
        case Protocol::memcached:
            return "memcached";
        case Protocol::tcp:
            return "TCP";
        case Protocol::udp:
            return "UDP";
    }
    return "";
}

bool is_tls(Protocol protocol) {
    return protocol == Protocol::https || protocol == Protocol::suwsgi ||
           protocol == Protocol::grpcs;
}

}  // namespace gatelint
