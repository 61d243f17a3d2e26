#pragma once

#include <optional>
#include <string>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

/// How a PATH of the command line is to be read: which file is the main configuration, where the
/// host's files lie on this disk, and where to look for the other side.
struct Located {
    std::string main;  ///< host path
    PathMap map;
    bool complete = false;                  ///< the whole host is in sight
    std::vector<std::string> search_trees;  ///< host directories, narrow ones first
    std::string error;                      ///< why it cannot be judged, else empty
};

/// `root`: "" or the directory that is the host's root. `maps`: `HOST=DIR` each, HOST absolute.
///
/// Without a root, a file below /etc or another place where nginx is installed is this machine's
/// own. Any other is a file of a repository: its directory stands for /etc/nginx and the like, and
/// what lies outside its project is not in sight.
Located locate(const std::string& path, const std::string& root,
               const std::vector<std::string>& maps);

/// The same for a compose file: `main` is its host path. Without a root, the files of its
/// repository are in sight; without a repository, those of the highest directory near it that bears
/// a mark of a project's top.
Located locate_project(const std::string& path, const std::string& root,
                       const std::vector<std::string>& maps);

/// Absolute, with the links of its directory resolved; the last part is left as it is, so that what
/// it is can be said.
std::string real_place(const std::string& path);

bool is_directory(const std::string& path);

/// The main configuration in the usual places below a directory, or "".
std::string find_main(const std::string& directory);

/// Where a main configuration may lie that includes the file: its directory and those above, up to
/// the top of its project, nginx's own directory or the root. `file` and `root` are absolute.
std::vector<std::string> directories_above(const std::string& file, const std::string& root);

/// The first configuration in the usual places of a repository, else this machine's own.
std::optional<std::string> usual_configuration();

}  // namespace gatelint
