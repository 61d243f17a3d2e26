#include <algorithm>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/programs/programs.hpp"
#include "surroundings/programs/service_managers.hpp"

namespace gatelint::programs {

namespace {

/// Where supervisord looks for its file by itself.
std::vector<std::string> default_files(const Process& process) {
    std::vector<std::string> paths;
    if (!process.working_directory.empty()) {
        paths.push_back(absolute_path(process.working_directory, "supervisord.conf"));
        paths.push_back(absolute_path(process.working_directory, "etc/supervisord.conf"));
    }
    paths.emplace_back("/etc/supervisord.conf");
    paths.emplace_back("/etc/supervisor/supervisord.conf");
    return paths;
}

}  // namespace

/// What all programs of a supervisord listen on.
Listening listen_supervisord(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process),
                              {{"configuration", 'c', OptionName::Takes::value},
                               {"user", 'u', OptionName::Takes::value}});
    Listening all;
    all.is_known_program = true;
    all.is_whole = false;
    // A supervisord below another might be the same one, without end.
    if (process.files == nullptr || process.name.starts_with("program ")) return all;
    std::vector<std::string> paths = default_files(process);
    if (const Value* file = command.last("configuration"); file != nullptr) {
        const bool is_told = !is_unknown(file->text) &&
                             (file->text.starts_with('/') || !process.working_directory.empty());
        paths.clear();
        if (is_told) paths.push_back(absolute_path(process.working_directory, file->text));
    }
    Supervisord found;
    for (const std::string& path : paths) {
        found = read_supervisord(path, process, *process.files, reading);
        if (!found.sources.empty()) break;
    }
    all.is_whole = !found.sources.empty();
    for (const SupervisedProgram& program : found.programs) {
        Listening one = listen_to(program, reading);
        if (!one.is_whole) all.is_whole = false;
        if (one.is_known_program && all.program == Listener::Program::other) {
            all.program = one.program;
        }
        for (Listener& each : one.listeners) {
            all.listeners.push_back(std::move(each));
        }
    }
    return all;
}

}  // namespace gatelint::programs
