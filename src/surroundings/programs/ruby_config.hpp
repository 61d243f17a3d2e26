#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "surroundings/formats/reading.hpp"
#include "surroundings/programs/listening.hpp"

namespace gatelint {

/// Where Puma listens by its config/puma.rb, at host path `file`. `version` is Puma's, "" if
/// unknown: it decides some defaults. A default of ENV counts as one (Listener::is_default) unless
/// the process's environment is known, and then there may be others.
Listening listen_as_puma(const std::string& file, SourceId source, std::string_view version,
                         const Process& process, Reading& reading);

/// The same for Unicorn and its config/unicorn.rb.
Listening listen_as_unicorn(const std::string& file, SourceId source, const Process& process,
                            Reading& reading);

/// The version of a gem in a Gemfile.lock.
std::optional<std::string> locked_gem_version(std::string_view lock_file, std::string_view gem);

}  // namespace gatelint
