#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/process_environment.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/place.hpp"

namespace gatelint {

/// A socket that a process is given ready, as by a .socket unit of systemd.
struct PassedSocket {
    Address at;  ///< backed by Reading
    Span where;
    bool ipv6_only = false;
    std::optional<SocketAccess> access;
};

/// A command that something keeps running, with what it runs in: a unit of systemd, a service of
/// compose, a program of supervisord, a script of package.json.
struct Process {
    std::string name;              ///< "unit app.service", "service app"
    std::vector<Value> arguments;  ///< argv; what a shell would expand stays as it is written
    std::map<std::string, Value> environment;
    bool knows_environment = false;     ///< nothing else is set; else any name may be
    std::string working_directory;      ///< host path in its place, "" if unknown
    const FileReader* files = nullptr;  ///< the files of its place; null: none is in sight
    const Place* place = nullptr;       ///< null: nobody knows
    std::string user;                   ///< "" if nothing says so
    std::string group;
    std::optional<std::uint32_t> umask;
    std::vector<PassedSocket> sockets;
    Span span;  ///< of the command

    /// For what it reads. Must not outlive it.
    ProcessEnvironment readers_environment() const {
        return {environment, knows_environment, working_directory};
    }
};

/// A variable of the environment, or null; whether it is not set is another matter
/// (Process::knows_environment).
const Value* find_variable(const Process& process, const std::string& name);

}  // namespace gatelint
