#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/place.hpp"
#include "surroundings/process.hpp"

namespace gatelint {

/// A unit of systemd, its drop-ins taken together: a service that keeps a command running, or a
/// socket that systemd opens for one.
struct SystemdUnit {
    enum class Kind : std::uint8_t { service, socket };

    Kind kind = Kind::service;
    std::string name;         ///< "app.service"; "app@.service" for every instance
    std::string file;         ///< host path of the unit itself
    Span section;             ///< the heading [Service] or [Socket]: settings are added after it
    bool is_of_user = false;  ///< of some user's own manager

    std::optional<Value> user;  ///< of who works, or of who owns the socket
    std::optional<Value> group;
    std::optional<Value> mode;  ///< UMask of a service, SocketMode of a socket
    std::optional<Value> working_directory;
    std::vector<Value> runtime_directories;  ///< below /run: "app"
    std::optional<Value> runtime_directory_mode;
    std::optional<Value> runtime_directory_preserve;
    std::vector<Value> starts;             ///< the text of each ExecStart
    std::vector<Value> starts_before;      ///< of each ExecStartPre
    std::optional<Value> private_tmp;      ///< if it is in force: /tmp and /var/tmp are its own
    std::optional<Value> private_network;  ///< if it is in force
    std::optional<Value> protect_home;     ///< if it is in force: "yes", "tmpfs", "read-only"
    std::vector<Value> bind_paths;         ///< BindPaths, BindReadOnlyPaths: "/a" or "/a:/b"
    std::vector<Value> joins_namespace_of;
    std::vector<Value> required;  ///< Requires, BindsTo and Wants
    std::vector<Value> after;
    std::optional<Limit> descriptors;  ///< LimitNOFILE, soft
    std::vector<Value> streams;        ///< ListenStream of a socket
    std::string service;               ///< of a socket: the unit that it is for

    std::vector<Process> processes;  ///< of a service: each ExecStart
    std::vector<PassedSocket>
        sockets;                       ///< of a service those that it is given, of a socket its own
    bool requires_its_socket = false;  ///< the service does not start without one that is for it

    /// What listens because of this unit, once its programs were asked (service_managers.hpp). A
    /// socket's are those of its service, if that is known.
    std::vector<Listener> listeners;

    /// Whether it lies where systemd looks; otherwise somebody will install it, or not.
    bool is_installed() const;
};

/// The units that were found, and what listens because of them.
struct Systemd {
    const Place* host = nullptr;    ///< where services run that have no network of their own; null:
                                    ///< nobody knows
    std::deque<SystemdUnit> units;  ///< in the order of their paths; they never move
    std::deque<Place> places;       ///< of services that have a network of their own
    std::vector<Listener> listeners;
    std::set<Listener::Program> half_known;  ///< some of these listen where it cannot be told

    /// The unit that runs nginx, if there is one that is it for certain; or null.
    const SystemdUnit* find_nginx() const;
};

/// Reads services and sockets with their drop-ins; a path that has drop-ins alone is a unit too. Of
/// two files of one name in the directories of systemd the one in /etc counts. What listens is not
/// asked yet.
Systemd read_systemd(const std::vector<std::string>& paths, const FileReader& files,
                     const Place* host, Reading& reading);

}  // namespace gatelint
