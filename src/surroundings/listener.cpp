#include "surroundings/listener.hpp"

#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// Whether a socket's path is surely in its normal form (normal_socket_path).
bool is_plain(std::string_view path) {
    return path.find("//") == std::string_view::npos && path.find("/.") == std::string_view::npos &&
           !path.starts_with("/var/") && !path.ends_with('/');
}

bool same_path(std::string_view a, std::string_view b) {
    if (a == b) return true;
    if (is_plain(a) && is_plain(b)) return false;
    return normal_socket_path(a) == normal_socket_path(b);
}

bool same_host(const Address& a, const Address& b) {
    if (a.is_name() && b.is_name()) return equals_ignoring_case(a.host, b.host);
    return a.kind == b.kind && a.ip == b.ip;
}

/// Whether a wildcard takes connections of the target's family.
bool takes_family(const Address& target, const Listener& listener) {
    if (listener.at.kind == Address::Kind::ipv4) return target.kind != Address::Kind::ipv6;
    return target.kind != Address::Kind::ipv4 || !listener.ipv6_only;
}

}  // namespace

std::optional<std::uint32_t> parse_permissions(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::uint32_t bits = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '7' || bits > 07777) return std::nullopt;
        bits = bits * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    return bits & 0777;
}

bool is_of_kind(Protocol spoken, const Listener& listener) {
    const Protocol speaks = listener.speaks;
    switch (spoken) {
        case Protocol::http:
        case Protocol::https:
            return speaks == Protocol::http || speaks == Protocol::https;
        case Protocol::uwsgi:
        case Protocol::suwsgi:
            return speaks == Protocol::uwsgi || speaks == Protocol::suwsgi;
        case Protocol::fastcgi:
        case Protocol::scgi:
            return speaks == spoken;
        default:
            return false;
    }
}

Reach reaches(const Address& target, const Listener& listener) {
    const Address& at = listener.at;
    if (target.is_unix() != at.is_unix()) return Reach::no;
    if (target.is_unix()) {
        return same_path(target.host, at.host) ? Reach::yes : Reach::no;
    }
    if (target.port != at.port) return Reach::no;
    if (same_host(target, at)) return Reach::yes;
    // Other hosts, and names that somebody else resolves, may be this host or not.
    if (!target.is_loopback()) return Reach::unknown;
    if (at.is_wildcard()) return takes_family(target, listener) ? Reach::yes : Reach::no;
    if (target.is_name() || at.is_name()) return at.is_loopback() ? Reach::yes : Reach::unknown;
    return Reach::no;
}

}  // namespace gatelint
