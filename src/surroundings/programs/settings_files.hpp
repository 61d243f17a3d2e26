#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/programs/listening.hpp"

namespace gatelint {

/// Whether a file of this name may be a program's own settings, which tell where it listens:
/// `gunicorn.conf.py`, `uwsgi.ini`, `puma.rb`, `server.xml`.
bool is_settings_name(std::string_view name);

/// Where the programs listen whose settings the file is, though no command led to it.
std::vector<Listening> listen_by_settings(const std::string& path, const FileReader& files,
                                          Reading& reading);

}  // namespace gatelint
