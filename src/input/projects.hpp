#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "source/search_area.hpp"
#include "source/tree.hpp"

namespace gatelint {

/// The projects that share a directory, as those of a monorepo do. A project's top is found from
/// what lies in it, a compose file or a configuration of nginx: it is the nearest directory above
/// that is not named for what it holds, as `nginx`, `docker/web` or `deploy` are. So `nginx`, `php`
/// and `systemd` side by side are one project, and `shop/nginx`, `blog/php` and `wiki` are three.
class Projects {
  public:
    /// The text of a file, or "" where it cannot be read or is long.
    using Read = std::function<std::string(const std::string& path)>;

    /// `files` lie below `top`. Those that bear nginx's name are not read.
    Projects(std::string top, const Tree& files, const Read& read);

    /// What belongs to the project of the configuration in `directory`, which is below the top or
    /// the top itself.
    SearchArea area_of(const std::string& directory) const;

    /// The same for a compose project in `directory`: what it does not mention may still be its
    /// own, but not what has a compose file of its own.
    SearchArea area_of_compose(const std::string& directory) const;

    /// Where compose files of the same project lie, beside those in directories above.
    std::vector<std::string> compose_directories_of(const std::string& directory) const;

  private:
    struct Project {
        bool has_compose_file = false;
        bool has_nginx = false;  ///< and is no example or test
    };

    std::string top_of(std::string directory) const;
    void add_compose_files(const Tree& files, const Read& read);
    void add_configurations(const Tree& files, const Read& read);
    std::set<std::string> others_below(const std::string& top, bool is_shared,
                                       const std::string& own) const;

    std::string top_;
    std::set<std::string, std::less<>> directories_;  ///< that have files
    std::set<std::string, std::less<>> compose_directories_;
    std::map<std::string, Project> projects_;  ///< by their tops
};

}  // namespace gatelint
