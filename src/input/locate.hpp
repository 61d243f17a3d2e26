#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input/projects.hpp"
#include "source/disk_reader.hpp"
#include "source/search_area.hpp"

namespace gatelint {

/// What of a host is in sight: where its files lie on this disk, and where to look for the other
/// side.
struct Sight {
    PathMap map;
    bool complete = false;  ///< the whole host
    SearchArea area;        ///< host directories

    auto operator<=>(const Sight&) const = default;
};

/// How a PATH of the command line is to be read.
struct Located {
    std::string main;  ///< host path of the main configuration
    Sight sight;
    std::string error;  ///< why it cannot be judged, else empty
};

/// Works out which file a PATH means and which host it belongs to. What it sees of the disk on its
/// way, it remembers: many PATHs lie in one repository.
class Locator {
  public:
    /// `root`: "" or the directory that is the host's root. `maps`: `HOST=DIR` each, HOST absolute.
    explicit Locator(const std::string& root = {}, const std::vector<std::string>& maps = {});

    /// Without a root, a file below /etc or another place where nginx is installed is this
    /// machine's own. Any other is a file of a repository: its directory stands for /etc/nginx and
    /// the like, and what lies outside its project is not in sight.
    Located locate(const std::string& path);

    /// The same for a compose file: `main` is its host path. Without a root, the files of its
    /// repository are in sight; without a repository, those of the highest directory near it that
    /// bears a mark of a project's top.
    Located locate_project(const std::string& path);

    /// The files that are in sight.
    std::unique_ptr<DiskReader> open(const Sight& sight) const {
        return std::make_unique<DiskReader>(sight.map, sight.complete, disk_);
    }

    Disk& disk() const { return *disk_; }

    /// Where a main configuration may lie that includes the file: its directory and those above, up
    /// to the top of its project, nginx's own directory or the root. `file` is absolute.
    std::vector<std::string> directories_above(const std::string& file);

    /// Where else compose files lie that may be of the file's project. `file` is absolute.
    std::vector<std::string> compose_directories_beside(const std::string& file);

    /// Absolute, with the links of its directory resolved; the last part is left as it is, so that
    /// what it is can be said.
    std::string real_place(const std::string& path);

    /// The same with all links resolved: one name for each file.
    std::string real_file(const std::string& path);

  private:
    /// What in a directory marks the top of a project.
    struct Marks {
        bool any = false;
        bool is_repository = false;
    };

    const Marks& marks_of(const std::string& directory);
    const std::string& real_directory_of(const std::string& directory);
    std::string find_project(const std::string& directory);
    std::string find_top(const std::string& directory);
    void locate_in_repository(const std::string& directory, Sight& sight);
    const Projects& projects_below(const std::string& top);

    bool has_root_;
    std::string root_;  ///< links resolved; "" is also the root itself
    PathMap maps_;      ///< what the user maps
    std::shared_ptr<Disk> disk_ = std::make_shared<Disk>();
    std::map<std::string, Marks> marks_;
    std::map<std::string, std::string> real_directories_;
    std::map<std::string, std::unique_ptr<Projects>>
        projects_;  ///< by the directory that they share
};

bool is_directory(const std::string& path);

/// The main configuration in the usual places below a directory, or "".
std::string find_main(const std::string& directory);

/// The first configuration in the usual places of a repository, else this machine's own.
std::optional<std::string> usual_configuration();

}  // namespace gatelint
