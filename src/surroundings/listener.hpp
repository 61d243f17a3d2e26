#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nginx/address.hpp"
#include "nginx/protocol.hpp"
#include "source/span.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/place.hpp"

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
    enum class Program : std::uint8_t {
        nginx,
        php_fpm,
        gunicorn,
        uvicorn,
        hypercorn,
        daphne,
        uwsgi,
        node,
        puma,
        unicorn,
        tomcat,
        other,
    };

    Program program = Program::nginx;
    std::string name;  ///< "php-fpm pool www", "nginx server block"
    Protocol speaks = Protocol::http;
    Address at;
    bool ipv6_only = false;              ///< an IPv6 wildcard that leaves IPv4 alone
    Span where;                          ///< of the address
    Span section;                        ///< the heading of the pool: settings are added after it
    std::optional<SocketAccess> access;  ///< of a unix socket, where it can be told
    std::string_view user;               ///< as whom the program works, "" if nothing says so
    const Place* place = nullptr;        ///< where it runs; null: nobody knows, as of a file that
                                         ///< lies in a repository
    bool is_default = false;             ///< nothing says so: it is where the program listens by
                                         ///< itself
    std::optional<Limit> kill_timeout;   ///< milliseconds after which a request's worker is killed;
                                         ///< none: never
    std::optional<Limit> idle_timeout;   ///< milliseconds for which a kept connection stays open
    std::optional<Limit> header_limit;   ///< bytes of a request's head or variables
    std::optional<Limit> children;       ///< requests that are served at one time
    std::optional<Limit> backlog;        ///< of listen(2)
    std::optional<Value>
        allowed_clients;  ///< addresses from which connections are taken; none: all
};

/// Permission bits as chmod(1) writes them, in octal digits alone; nothing for any other text.
std::optional<std::uint32_t> parse_permissions(std::string_view text);

/// Whether the listener speaks what is spoken to it, TLS or not.
bool is_of_kind(Protocol spoken, const Listener& listener);

/// Whether a connection to an address reaches a listener on the same host.
enum class Reach : std::uint8_t { yes, no, unknown };

Reach reaches(const Address& target, const Listener& listener);

}  // namespace gatelint
