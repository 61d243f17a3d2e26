#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "input/locate.hpp"
#include "source/arena.hpp"
#include "source/disk.hpp"
#include "source/file_reader.hpp"
#include "source/sources.hpp"
#include "surroundings/containers/compose.hpp"
#include "surroundings/containers/nginx_image.hpp"

namespace gatelint {

/// A compose project as an input: what its services' mounts and Dockerfiles bring.
struct ComposeInput {
    std::string disk_path;  ///< of its first file
    Located located;        ///< `main` is the first file's host path
    std::unique_ptr<FileReader> files;
    Sources sources;  ///< of its own: the files are read again for what is reported
    Arena arena;
    std::unique_ptr<ComposeProject> project;  ///< null where the file is no compose file
};

/// A service that runs nginx with a configuration of which a part lies in the project.
struct NginxService {
    const ComposeInput* project = nullptr;
    const ComposeService* service = nullptr;
    std::string main;                   ///< path in the container
    const FileReader* files = nullptr;  ///< the container's
};

/// Whether a file that a user names is one of docker compose: by its name, or by what is in it.
bool is_compose_file(const std::string& path, std::string_view text);

/// The compose files in a directory on disk, the one that docker compose takes first.
std::vector<std::string> compose_files_in(const std::string& directory, Disk& disk);

/// The compose projects among the inputs, each read once.
class ComposeInputs {
  public:
    explicit ComposeInputs(Locator& locator) : locator_(locator) {}

    /// The services of the project whose first file lies at a path on disk; none where it is none.
    const std::vector<NginxService>& services_in(const std::string& disk_path);

    /// The first service of the project whose configuration loads the file (by its identity), or
    /// null.
    const NginxService* user_of(const std::string& disk_path, const std::string& file);

    /// Whether some service of the projects that were asked for loads the file.
    bool are_used(const std::string& file) const;

  private:
    struct Known {
        ComposeInput input;
        std::vector<std::unique_ptr<FileReader>> containers;
        std::vector<NginxService> services;
        std::vector<std::set<std::string>> files;  ///< that each service loads
    };

    Known& known(const std::string& disk_path);

    Locator& locator_;
    std::map<std::string, std::unique_ptr<Known>> projects_;
};

}  // namespace gatelint
