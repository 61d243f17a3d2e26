#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/listener.hpp"
#include "surroundings/process.hpp"

namespace gatelint {

/// A program that supervisord keeps running, or supervisord itself with its own servers.
struct SupervisedProgram {
    std::string name;  ///< "program web"; "supervisord"
    Span section;      ///< its heading: settings are added after it
    Process process;
    bool is_command = false;  ///< `process` runs; else a socket is held open by supervisord
    std::optional<Listener> listener;  ///< of such a socket, where it can be told
};

/// A supervisord with its programs, as its files describe them.
struct Supervisord {
    std::vector<SourceId> sources;
    std::vector<SupervisedProgram> programs;
};

/// Reads a supervisord from its main file and what that includes. `parent` is the process of
/// supervisord: its place, user, environment and working directory are handed on.
Supervisord read_supervisord(const std::string& path, const Process& parent,
                             const FileReader& files, Reading& reading);

}  // namespace gatelint
