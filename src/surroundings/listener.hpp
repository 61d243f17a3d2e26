#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nginx/address.hpp"
#include "nginx/protocol.hpp"
#include "source/span.hpp"

namespace gatelint {

/// Who may connect to a unix socket: the owner, group and mode that the program which makes it
/// gives it. connect(2) wants write permission.
struct SocketAccess {
    std::string_view owner;     ///< who owns it: what is written, else who makes it
    std::string_view group;     ///< what is written, else "" for the owner's own group
    std::uint32_t mode = 0660;  ///< permission bits
    bool has_acl = false;       ///< an access control list decides instead
    bool is_written = false;    ///< an owner or a group is written
    Span span;                  ///< where owner or group is written, else Listener::where
    Span mode_span;             ///< where the mode is written; unknown for the default
};

/// Something that answers connections, and where that is written. Views point into Sources or into
/// Surroundings.
struct Listener {
    enum class Program : std::uint8_t { php_fpm, nginx };

    Program program = Program::nginx;
    std::string name;  ///< "php-fpm pool www", "nginx server block"
    Protocol speaks = Protocol::http;
    Address at;
    bool ipv6_only = false;              ///< an IPv6 wildcard that leaves IPv4 alone
    Span where;                          ///< of the address
    Span section;                        ///< the heading of the pool: settings are added after it
    std::optional<SocketAccess> access;  ///< of a unix socket, where it can be told
    std::string_view user;               ///< as whom the program works, "" if nothing says so
};

/// Whether a connection to an address reaches a listener on the same host.
enum class Reach : std::uint8_t { yes, no, unknown };

Reach reaches(const Address& target, const Listener& listener);

}  // namespace gatelint
