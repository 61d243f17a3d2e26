#include "input/locate.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "config/config.hpp"

namespace gatelint {

namespace fs = std::filesystem;

namespace {

/// Where packages put nginx's configuration.
constexpr std::array<std::string_view, 5> configuration_directories = {
    "/etc/nginx", "/usr/local/nginx/conf", "/usr/local/etc/nginx",
    "/usr/local/openresty/nginx/conf", "/opt/bitnami/nginx/conf"};

constexpr std::array<std::string_view, 4> usual_files = {"nginx.conf", "etc/nginx/nginx.conf",
                                                         "nginx/nginx.conf", "conf/nginx.conf"};

/// What marks the top of a project, which its services' files lie below.
constexpr std::string_view repository_mark = ".git";
constexpr std::array<std::string_view, 7> project_marks = {
    "gatelint.toml",       "compose.yaml",       "compose.yml",
    "docker-compose.yaml", "docker-compose.yml", "docker-compose.sample.yml",
    "composer.json"};

/// Longer files tell nothing of projects.
constexpr std::uint64_t max_looked_into = std::uint64_t{1} << 18U;

/// How far up to look where nothing marks the top.
constexpr int max_above = 4;

bool is_below(std::string_view path, std::string_view directory) {
    return directory.empty() ||
           (path.starts_with(directory) && path.substr(directory.size()).starts_with('/'));
}

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

std::string real_directory(const std::string& path) {
    std::error_code error;
    const fs::path directory = fs::weakly_canonical(path, error);
    std::string text = error ? path : directory.string();
    while (text.ends_with('/')) text.pop_back();
    return text;
}

bool is_installed(const std::string& main) {
    return main.starts_with("/etc/") ||
           std::any_of(configuration_directories.begin(), configuration_directories.end(),
                       [&](std::string_view place) { return is_below(main, place); });
}

}  // namespace

bool is_directory(const std::string& path) {
    std::error_code error;
    return fs::is_directory(path, error);
}

std::string find_main(const std::string& directory) {
    for (const std::string_view name : usual_files) {
        const fs::path file = fs::path(directory) / name;
        if (is_there(file) && !is_directory(file.string())) return file.string();
    }
    return {};
}

Locator::Locator(const std::string& root, const std::vector<std::string>& maps)
    : has_root_(!root.empty()), root_(root.empty() ? root : real_directory(root)) {
    for (const std::string& map : maps) {
        const std::size_t equals = map.find('=');
        maps_.add(map.substr(0, equals), real_directory(map.substr(equals + 1)));
    }
}

const std::string& Locator::real_directory_of(const std::string& directory) {
    const auto [known, is_new] = real_directories_.try_emplace(directory);
    if (is_new) {
        std::error_code error;
        const fs::path real = fs::weakly_canonical(directory, error);
        known->second = error ? directory : real.string();
    }
    return known->second;
}

std::string Locator::real_place(const std::string& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error).lexically_normal();
    const std::string& directory = real_directory_of(absolute.parent_path().string());
    return absolute.has_filename() ? (fs::path(directory) / absolute.filename()).string()
                                   : directory;
}

std::string Locator::real_file(const std::string& path) {
    std::string place = real_place(path);
    std::error_code error;
    if (!fs::is_symlink(place, error)) return place;
    const fs::path real = fs::weakly_canonical(place, error);
    return error ? place : real.string();
}

const Locator::Marks& Locator::marks_of(const std::string& directory) {
    const auto [known, is_new] = marks_.try_emplace(directory);
    if (is_new) {
        Marks& marks = known->second;
        const fs::path at = directory;
        marks.is_repository = is_there(at / repository_mark);
        marks.any = marks.is_repository ||
                    std::any_of(project_marks.begin(), project_marks.end(),
                                [&](std::string_view mark) { return is_there(at / mark); });
    }
    return known->second;
}

/// The nearest directory from `directory` upward that bears a mark of a project's top, or "".
std::string Locator::find_project(const std::string& directory) {
    for (fs::path at = directory; at.has_relative_path(); at = at.parent_path()) {
        if (marks_of(at.string()).any) return at.string();
    }
    return {};
}

/// The top of the repository that holds `directory` or, without one, the highest directory near it
/// that bears a mark of a project's top.
std::string Locator::find_top(const std::string& directory) {
    std::string top = directory;
    int above = 0;
    for (fs::path at = directory; at.has_relative_path(); at = at.parent_path()) {
        const Marks& marks = marks_of(at.string());
        if (marks.is_repository) return at.string();
        if (++above <= max_above && marks.any) top = at.string();
    }
    return top;
}

std::vector<std::string> Locator::directories_above(const std::string& file) {
    const fs::path directory = fs::path(file).parent_path();
    std::string top = has_root_ ? root_ : find_project(directory.string());
    for (const std::string_view place : configuration_directories) {
        if (!has_root_ && is_below(file, place)) top = place;
    }
    if (!is_below(file, top)) top.clear();
    std::vector<std::string> directories;
    for (fs::path at = directory; at.has_relative_path(); at = at.parent_path()) {
        directories.push_back(at.string());
        const bool far = top.empty() && directories.size() > max_above;
        if (at == top || far) break;
    }
    return directories;
}

std::vector<std::string> Locator::compose_directories_beside(const std::string& file) {
    const std::string directory(directory_of(file));
    const std::string top = find_project(directory);
    if (has_root_ || top.empty() || is_installed(file)) return {};
    return projects_below(top).compose_directories_of(directory);
}

/// A file of a repository: `directory` holds its configuration.
void Locator::locate_in_repository(const std::string& directory, Sight& sight) {
    // files/etc/nginx/nginx.conf: the tree is laid out as on the host.
    if (directory.ends_with("/etc/nginx")) {
        const std::string root = directory.substr(0, directory.size() - 10);
        sight.map.add("", root);
        sight.area.trees = {"/etc"};
        return;
    }
    for (const std::string_view host : configuration_directories) {
        sight.map.add(std::string(host), directory);
    }
    sight.map.add(directory, directory);
    const std::string top = find_project(directory);
    if (!top.empty() && top != directory) sight.map.add(top, top);
    sight.area = projects_below(top.empty() ? directory : top).area_of(directory);
}

/// The projects in a directory, told by what lies below it.
const Projects& Locator::projects_below(const std::string& top) {
    auto& known = projects_[top];
    if (known == nullptr) {
        const auto read = [this](const std::string& path) {
            std::string text;
            const Disk::Node node = disk_->look(path);
            if (node.error == 0 && S_ISREG(node.mode) && node.size <= max_looked_into) {
                disk_->read(path, node.size, text);
            }
            return text;
        };
        known = std::make_unique<Projects>(top, disk_->below(top)->tree, read);
    }
    return *known;
}

Located Locator::locate(const std::string& path) {
    Located located;
    std::string main = real_place(path);
    if (is_directory(main)) {
        const std::string file = find_main(main);
        if (file.empty()) {
            located.error = fmt::format("cannot read {}: no nginx.conf found in it", path);
            return located;
        }
        main = real_place(file);
    }
    Sight& sight = located.sight;
    sight.map = maps_;
    const std::string directory = configuration_directory(main);
    if (has_root_) {
        sight.map.add("", root_);
        sight.complete = true;
        if (!is_below(main, root_)) sight.map.add(directory, directory);
    } else if (is_installed(main)) {
        sight.map.add("", "");
        sight.complete = true;
    } else {
        locate_in_repository(directory, sight);
    }
    located.main = sight.map.to_host(main);
    if (sight.complete) sight.area.trees = {configuration_directory(located.main)};
    return located;
}

Located Locator::locate_project(const std::string& path) {
    Located located;
    const std::string file = real_place(path);
    const std::string top = has_root_ ? root_ : find_top(std::string(directory_of(file)));
    Sight& sight = located.sight;
    sight.map = maps_;
    sight.map.add(has_root_ ? "" : top, top);
    located.main = sight.map.to_host(file);
    const std::string directory(directory_of(file));
    sight.area = projects_below(directory).area_of_compose(directory);
    for (std::string& tree : sight.area.trees) tree = sight.map.to_host(tree);
    for (std::string& other : sight.area.others) other = sight.map.to_host(other);
    return located;
}

std::optional<std::string> usual_configuration() {
    const std::string here = find_main(".");
    if (!here.empty()) return here;
    constexpr std::array<const char*, 4> projects = {"compose.yaml", "compose.yml",
                                                     "docker-compose.yaml", "docker-compose.yml"};
    const auto* const project = std::find_if(projects.begin(), projects.end(), is_there);
    if (project != projects.end()) return *project;
    const std::string own = "/etc/nginx/nginx.conf";
    return is_there(own) ? std::optional(own) : std::nullopt;
}

}  // namespace gatelint
