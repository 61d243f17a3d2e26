#include "nginx/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// 1 to 65535, in digits (ngx_atoi and the check after it).
std::optional<std::uint16_t> parse_port(std::string_view text) {
    const std::optional<std::uint64_t> port = parse_number(text);
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*port);
}

Url refused(const char* why) {
    return {{}, {}, why};
}

/// ngx_parse_unix_domain_url(): where a URI may follow, the path ends at the next colon; elsewhere
/// all the rest is the path.
Url parse_unix_url(std::string_view path, bool uri_part) {
    constexpr std::size_t longest = 108;  // sizeof(sockaddr_un.sun_path)
    Url url;
    url.address.kind = Address::Kind::unix_socket;
    url.address.host = path;
    if (uri_part) {
        const std::size_t colon = path.find(':');
        url.address.host = path.substr(0, colon);
        if (colon != std::string_view::npos) url.uri = path.substr(colon + 1);
    }
    if (url.address.host.empty()) return refused("no path in the unix domain socket");
    if (url.address.host.size() + 1 > longest) {
        return refused("too long path in the unix domain socket");
    }
    return url;
}

/// ngx_parse_inet_url() and ngx_parse_inet6_url().
Url parse_inet_url(std::string_view text, bool uri_part) {
    Url url;
    // After an IPv6 address only `/` begins a URI.
    const std::size_t end =
        std::min(text.find_first_of(text.starts_with('[') ? "/" : "/?"), text.size());
    std::string_view authority = text.substr(0, end);
    url.uri = text.substr(end);
    std::string_view host = authority;
    std::optional<std::string_view> port;
    if (authority.starts_with('[')) {
        const std::size_t bracket = authority.find(']');
        if (bracket == std::string_view::npos) return refused("invalid host");
        host = authority.substr(0, bracket + 1);
        const std::string_view rest = authority.substr(bracket + 1);
        if (!rest.empty() && rest.front() != ':') return refused("invalid host");
        if (!rest.empty()) port = rest.substr(1);
    } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
        host = authority.substr(0, colon);
        port = authority.substr(colon + 1);
    }
    if (!url.uri.empty() && !uri_part) return refused("invalid host");
    if (port) {
        const std::optional<std::uint16_t> number = parse_port(*port);
        if (!number) return refused("invalid port");
        url.address.port = *number;
    }
    if (host.empty() || host == "[]") return refused("no host");
    const std::uint16_t number = url.address.port;
    url.address = parse_host(host);
    url.address.port = number;
    if (host.starts_with('[') && url.address.kind != Address::Kind::ipv6) {
        return refused("invalid IPv6 address");
    }
    return url;
}

}  // namespace

bool Address::is_loopback() const {
    constexpr std::array<unsigned char, 16> v6_loopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                           0, 0, 0, 0, 0, 0, 0, 1};
    if (kind == Kind::ipv4) return ip[0] == 127;
    if (kind == Kind::ipv6) return ip == v6_loopback;
    return kind == Kind::name && equals_ignoring_case(host, "localhost");
}

bool Address::is_wildcard() const {
    return is_literal_ip() && ip == std::array<unsigned char, 16>{};
}

Address parse_host(std::string_view host) {
    Address address;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    address.host = host;
    const std::string text(host);
    if (::inet_pton(AF_INET, text.c_str(), address.ip.data()) == 1) {
        address.kind = Address::Kind::ipv4;
    } else if (::inet_pton(AF_INET6, text.c_str(), address.ip.data()) == 1) {
        address.kind = Address::Kind::ipv6;
    }
    return address;
}

std::string to_string(const Address& address) {
    if (address.is_unix()) return "unix:" + std::string(address.host);
    std::string text(address.host);
    if (address.kind == Address::Kind::ipv6) text = '[' + text + ']';
    if (address.port != 0) text += ':' + std::to_string(address.port);
    return text;
}

std::string socket_text(const Address& address) {
    if (!address.is_literal_ip()) return to_string(address);
    const bool v6 = address.kind == Address::Kind::ipv6;
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(v6 ? AF_INET6 : AF_INET, address.ip.data(), text.data(), text.size());
    const std::string host = v6 ? '[' + std::string(text.data()) + ']' : std::string(text.data());
    return host + ':' + std::to_string(address.port);
}

std::string normal_socket_path(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
        if (part.empty() || part == ".") continue;
        if (part == ".." && !parts.empty()) {
            parts.pop_back();
        } else {
            parts.push_back(part);
        }
    }
    if (parts.size() > 2 && parts[0] == "var" && parts[1] == "run") parts.erase(parts.begin());
    std::string normal;
    for (const std::string_view part : parts) {
        normal += '/';
        normal += part;
    }
    return normal;
}

Url parse_url(std::string_view text, bool uri_part) {
    if (text.size() >= 5 && equals_ignoring_case(text.substr(0, 5), "unix:")) {
        return parse_unix_url(text.substr(5), uri_part);
    }
    return parse_inet_url(text, uri_part);
}

}  // namespace gatelint
