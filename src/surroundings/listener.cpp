#include "surroundings/listener.hpp"

#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// The last part of a socket's path; "" where `.`, `..` or a slash ends it.
std::string_view last_part(std::string_view path) {
    const std::string_view part = path.substr(path.rfind('/') + 1);
    return part == "." || part == ".." ? std::string_view() : part;
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

Reach reaches(const Address& target, const Listener& listener) {
    const Address& at = listener.at;
    if (target.is_unix() != at.is_unix()) return Reach::no;
    if (target.is_unix()) {
        // Nearly all paths differ in their last parts already.
        const std::string_view here = last_part(target.host);
        const std::string_view there = last_part(at.host);
        if (here != there && !here.empty() && !there.empty()) return Reach::no;
        const bool same = normal_socket_path(target.host) == normal_socket_path(at.host);
        return same ? Reach::yes : Reach::no;
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
