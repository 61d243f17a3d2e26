#include "nginx/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

Url refused(std::string why) {
    return {{}, {}, std::move(why)};
}

bool starts_with_unix(std::string_view text) {
    return text.size() >= 5 && equals_ignoring_case(text.substr(0, 5), "unix:");
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

/// A host, a port after a colon, and a URI, not yet judged.
struct Parts {
    std::string_view host;
    std::optional<std::string_view> port;
    std::string_view uri;
    bool ipv6 = false;  ///< the host stood in brackets
};

/// ngx_parse_inet6_url(): after the brackets only `/` begins a URI.
std::optional<Parts> split_inet6_url(std::string_view text) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    Parts parts{text.substr(1, bracket - 1), {}, {}, true};
    std::string_view rest = text.substr(bracket + 1);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    parts.uri = rest.substr(slash);
    rest = rest.substr(0, slash);
    if (rest.empty()) return parts;
    if (rest.front() != ':') return std::nullopt;
    parts.port = rest.substr(1);
    return parts;
}

/// ngx_parse_inet_url().
Parts split_inet_url(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    const std::string_view authority = text.substr(0, end);
    const std::size_t colon = authority.find(':');
    Parts parts{authority.substr(0, colon), {}, text.substr(end), false};
    if (colon != std::string_view::npos) parts.port = authority.substr(colon + 1);
    return parts;
}

std::optional<Parts> split_url(std::string_view text) {
    return text.starts_with('[') ? split_inet6_url(text) : split_inet_url(text);
}

/// Takes the host of `parts`; what nginx has against it, or "".
std::string take_host(const Parts& parts, Address& address) {
    if (parts.host.empty()) return "no host";
    const std::uint16_t port = address.port;
    address = Address{Address::Kind::name, parts.host, port, {}};
    const std::optional<IpBytes> ip = parts.ipv6 ? parse_ipv6(parts.host) : parse_ipv4(parts.host);
    if (ip) {
        address.kind = parts.ipv6 ? Address::Kind::ipv6 : Address::Kind::ipv4;
        address.ip = *ip;
    }
    return parts.ipv6 && !ip ? "invalid IPv6 address" : "";
}

Url parse_inet_url(std::string_view text, bool uri_part) {
    const std::optional<Parts> parts = split_url(text);
    if (!parts || (!parts->uri.empty() && !uri_part)) return refused("invalid host");
    Url url;
    url.uri = parts->uri;
    if (parts->port) {
        const std::optional<std::uint16_t> port = parse_port(*parts->port);
        if (!port) return refused("invalid port");
        url.address.port = *port;
    }
    url.error = take_host(*parts, url.address);
    if (!url.error.empty()) return refused(std::move(url.error));
    return url;
}

/// One port or a range of them; what nginx has against it, or "".
std::string take_ports(std::string_view text, ListenUrl& url) {
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        const std::optional<std::uint16_t> last = parse_port(text.substr(dash + 1));
        if (!last) return "invalid port";
        url.last_port = *last;
    }
    const std::optional<std::uint16_t> first = parse_port(text.substr(0, dash));
    if (!first) return "invalid port";
    url.address.port = *first;
    return url.last_port != 0 && *first > url.last_port ? "invalid port range" : "";
}

/// Whether a text without a colon is a port or a range for ngx_parse_inet_url(), however wrong.
bool is_bare_port(std::string_view text) {
    const std::size_t dash = text.find('-');
    return parse_number(text.substr(0, dash)) &&
           (dash == std::string_view::npos || parse_number(text.substr(dash + 1)));
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

bool SameAddress::operator()(const Address& a, const Address& b) const {
    if (a.kind != b.kind || a.port != b.port) return false;
    if (a.is_literal_ip()) return a.ip == b.ip;
    return a.is_unix() ? a.host == b.host : equals_ignoring_case(a.host, b.host);
}

std::size_t AddressHash::operator()(const Address& address) const {
    const std::string_view bytes(reinterpret_cast<const char*>(address.ip.data()),
                                 address.ip.size());
    const std::size_t host = address.is_literal_ip() ? std::hash<std::string_view>()(bytes)
                                                     : HashIgnoringCase()(address.host);
    return (host ^ static_cast<std::size_t>(address.kind)) * 0x9e3779b97f4a7c15U + address.port;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const std::optional<std::uint64_t> port = parse_number(text);
    if (!port || *port < 1 || *port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(*port);
}

Address parse_host(std::string_view host) {
    Address address;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    address.host = host;
    if (const std::optional<IpBytes> ipv4 = parse_ipv4(host)) {
        address.kind = Address::Kind::ipv4;
        address.ip = *ipv4;
    } else if (const std::optional<IpBytes> ipv6 = parse_ipv6(host)) {
        address.kind = Address::Kind::ipv6;
        address.ip = *ipv6;
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
    if (starts_with_unix(text)) {
        return parse_unix_url(text.substr(5), uri_part);
    }
    return parse_inet_url(text, uri_part);
}

ListenUrl parse_listen_url(std::string_view text) {
    ListenUrl url;
    if (starts_with_unix(text)) {
        const Url unix_url = parse_unix_url(text.substr(5), false);
        return {unix_url.address, 0, unix_url.error};
    }
    const std::optional<Parts> parts = split_url(text);
    if (!parts || !parts->uri.empty()) return {{}, 0, "invalid host"};
    if (!parts->ipv6 && !parts->port && is_bare_port(text)) {
        url.address = parse_host("0.0.0.0");
        url.error = take_ports(text, url);
        return url;
    }
    if (parts->port) url.error = take_ports(*parts->port, url);
    if (!url.error.empty()) return url;
    if (parts->host == "*" && !parts->ipv6) {
        const std::uint16_t port = url.address.port;
        url.address = parse_host("0.0.0.0");
        url.address.port = port;
        return url;
    }
    url.error = take_host(*parts, url.address);
    return url;
}

}  // namespace gatelint
