#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/programs/listening.hpp"

namespace gatelint {

/// One setting of uWSGI: `--socket :3031` of a command line, `socket = :3031` of a file. The name
/// has no dashes before it; a flag has no text, or "true". Short options have their long names.
struct UwsgiOption {
    std::string name;
    Value value;
    Span section = {};  ///< the heading in an INI file: settings are added after it
};

/// Where uWSGI listens with these options, in their order. Files that they name (`ini`, `yaml`,
/// `json`, `xml`) are taken in where they stand, from `process.files`, and so are placeholders.
/// `process` tells what the options do not: user, umask, environment, working directory.
Listening listen_as_uwsgi(const std::vector<UwsgiOption>& options, const Process& process,
                          Reading& reading);

/// The options of a file's text, as it stands there: `[uwsgi]` or `section` of an INI file, the
/// mapping `uwsgi` of YAML and JSON, the element of XML. The ending of `path` tells which it is;
/// nothing where it is none of them or cannot be understood. Placeholders stay.
std::optional<std::vector<UwsgiOption>> parse_uwsgi_file(std::string_view path, SourceId source,
                                                         std::string_view section,
                                                         Reading& reading);

/// The same of an INI file, whatever it is called: `conf.uwsgi` is common.
std::vector<UwsgiOption> parse_uwsgi_ini(std::string_view text, SourceId source,
                                         std::string_view section);

}  // namespace gatelint
