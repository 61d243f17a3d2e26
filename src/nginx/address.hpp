#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nginx/ip_address.hpp"

namespace gatelint {

/// An end of a connection: a unix socket, or a host and a port. Views point into whatever text it
/// was parsed from.
struct Address {
    enum class Kind : std::uint8_t { unix_socket, ipv4, ipv6, name };

    Kind kind = Kind::name;
    std::string_view host;   ///< without brackets; for a unix socket its path
    std::uint16_t port = 0;  ///< 0: none was written
    IpBytes ip{};

    bool is_unix() const { return kind == Kind::unix_socket; }
    bool is_name() const { return kind == Kind::name; }
    bool is_literal_ip() const { return kind == Kind::ipv4 || kind == Kind::ipv6; }

    /// 127.0.0.0/8, ::1, or the name `localhost`.
    bool is_loopback() const;

    /// The same host at another port.
    Address at_port(std::uint16_t other) const {
        Address address = *this;
        address.port = other;
        return address;
    }

    /// 0.0.0.0 or ::, which as a bind address mean every address of the host.
    bool is_wildcard() const;
};

/// Whether two addresses are one, port included, as far as can be told without a resolver: IP
/// addresses by their bytes, names without regard to letter case, paths as they are written.
struct SameAddress {
    bool operator()(const Address& a, const Address& b) const;
};
struct AddressHash {
    std::size_t operator()(const Address& address) const;
};

/// An IPv4 or IPv6 literal (the latter with or without brackets), or a name.
Address parse_host(std::string_view host);

/// 1 to 65535, in digits (ngx_atoi and the check after it).
std::optional<std::uint16_t> parse_port(std::string_view text);

/// As people write it: `unix:/run/a.sock`, `127.0.0.1:80`, `[::1]:80`, `app:3000`, `app`.
std::string to_string(const Address& address);

/// The address of a socket as nginx writes it in its messages (ngx_sock_ntop): `0.0.0.0:80`,
/// `[::]:80`, `unix:/run/a.sock`. Of literal addresses only: two of them are one socket if and only
/// if their texts are the same.
std::string socket_text(const Address& address);

/// A socket's path in one form: slashes collapsed, `.` and `..` removed, /var/run is /run (on every
/// distribution since 2012 a link).
std::string normal_socket_path(std::string_view path);

/// The argument of a *_pass or of an upstream's `server`, taken apart as ngx_parse_url() does.
struct Url {
    Address address;
    std::string_view uri;  ///< from the first `/` or `?`; for unix: what follows the second `:`
    std::string error;     ///< nginx's own words when it refuses, else empty
};

/// `text` has no scheme. `uri_part`: whether a URI may follow, as in proxy_pass. No variables.
Url parse_url(std::string_view text, bool uri_part);

/// The same for `listen`: an address, a port or both; a port may be a range.
struct ListenUrl {
    Address address;              ///< `*` and a bare port are 0.0.0.0; port 0: none was written
    std::uint16_t last_port = 0;  ///< of a range, else 0
    std::string error;
};

ListenUrl parse_listen_url(std::string_view text);

}  // namespace gatelint
