#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/place.hpp"
#include "surroundings/programs/php_fpm_pool.hpp"

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
};

/// Where a process listens, as far as its command, its environment and its own files tell.
struct Listening {
    bool is_known_program = false;  ///< gatelint knows how to ask this program
    Listener::Program program = Listener::Program::other;  ///< of a known one
    std::vector<Listener> listeners;
    bool is_whole = true;  ///< false: it may listen elsewhere too, or instead
    std::vector<PhpFpmPool> php_fpm_pools;
    std::vector<std::string> files;  ///< identities (ReadResult::file) of php-fpm's files
};

/// A listener speaks Protocol::tcp where it cannot be told what it speaks. Wrappers (`sh -c`,
/// `exec`, `env`, `poetry run`, `npx`, `python -m`, `sudo -u`, `tini --`) are looked through.
Listening listen(const Process& process, Reading& reading);

}  // namespace gatelint
