#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/reading.hpp"
#include "surroundings/process.hpp"

namespace gatelint {

/// What pm2 keeps running, by its ecosystem file.
struct Pm2 {
    std::vector<Process> processes;
    bool is_whole = true;  ///< false: there may be other processes, or these may differ
};

/// Whether a file's name is one that pm2 takes: `ecosystem.config.js`, `process.json`, ....
bool is_pm2_name(std::string_view name);

/// Reads an ecosystem file at host path `file`. `files` and `place` are those of the processes. A
/// variable that an `env_NAME` sets otherwise is unknown: somebody chooses at the start.
Pm2 read_pm2(const std::string& file, SourceId source, const FileReader* files, const Place* place,
             Reading& reading);

}  // namespace gatelint
