#pragma once

#include <string>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

/// Whether nginx would take the path for a pattern: any of `*?[` in it (ngx_conf_include).
bool is_glob(const std::string& path);

/// What a pattern matches.
struct Matches {
    std::vector<std::string> paths;
    bool is_whole = true;  ///< false: it would take a look at more than a million names
};

/// The host paths that match an absolute pattern, as glob(3) finds and sorts them: bytewise, names
/// that begin with a dot only where the pattern says so, directories too. A path without a pattern
/// is itself, whether it exists or not.
Matches glob(const std::string& pattern, const FileReader& files);

}  // namespace gatelint
