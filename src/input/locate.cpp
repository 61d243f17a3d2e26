#include "input/locate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
constexpr std::array<std::string_view, 8> project_marks = {
    "gatelint.toml",      "compose.yaml",
    "compose.yml",        "docker-compose.yaml",
    "docker-compose.yml", "docker-compose.sample.yml",
    "composer.json",      ".git"};

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

/// The nearest directory from `directory` upward that bears a mark of a project's top, or "".
std::string find_project(const std::string& directory) {
    for (fs::path at = directory; at.has_relative_path(); at = at.parent_path()) {
        const bool marked = std::any_of(project_marks.begin(), project_marks.end(),
                                        [&](std::string_view mark) { return is_there(at / mark); });
        if (marked) return at.string();
    }
    return {};
}

/// How far up to look where nothing marks the top.
constexpr int max_above = 4;

/// The top of the repository that holds `directory` or, without one, the highest directory near it
/// that bears a mark of a project's top.
std::string find_top(const std::string& directory) {
    std::string top = directory;
    int above = 0;
    for (fs::path at = directory; at.has_relative_path(); at = at.parent_path()) {
        if (is_there(at / ".git")) return at.string();
        if (++above > max_above) continue;
        const bool marked = std::any_of(project_marks.begin(), project_marks.end(),
                                        [&](std::string_view mark) { return is_there(at / mark); });
        if (marked) top = at.string();
    }
    return top;
}

/// A file of a repository: `directory` holds its configuration.
void locate_in_repository(const std::string& directory, Located& located) {
    // files/etc/nginx/nginx.conf: the tree is laid out as on the host.
    if (directory.ends_with("/etc/nginx")) {
        const std::string root = directory.substr(0, directory.size() - 10);
        located.map.add("", root);
        located.search_trees = {"/etc"};
        return;
    }
    for (const std::string_view host : configuration_directories) {
        located.map.add(std::string(host), directory);
    }
    located.map.add(directory, directory);
    located.search_trees.push_back(directory);
    const std::string project = find_project(directory);
    if (!project.empty() && project != directory) {
        located.map.add(project, project);
        located.search_trees.push_back(project);
    }
}

bool is_installed(const std::string& main) {
    return main.starts_with("/etc/") ||
           std::any_of(configuration_directories.begin(), configuration_directories.end(),
                       [&](std::string_view place) { return is_below(main, place); });
}

}  // namespace

std::string real_place(const std::string& path) {
    std::error_code error;
    const fs::path absolute = fs::absolute(path, error).lexically_normal();
    const fs::path directory = fs::weakly_canonical(absolute.parent_path(), error);
    if (error) return absolute.string();
    return absolute.has_filename() ? (directory / absolute.filename()).string()
                                   : directory.string();
}

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

std::vector<std::string> directories_above(const std::string& file, const std::string& root) {
    const fs::path directory = fs::path(file).parent_path();
    std::string top = root.empty() ? find_project(directory.string()) : real_directory(root);
    for (const std::string_view place : configuration_directories) {
        if (root.empty() && is_below(file, place)) top = place;
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

Located locate(const std::string& path, const std::string& root,
               const std::vector<std::string>& maps) {
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
    for (const std::string& map : maps) {
        const std::size_t equals = map.find('=');
        located.map.add(map.substr(0, equals), real_directory(map.substr(equals + 1)));
    }
    const std::string directory = configuration_directory(main);
    if (!root.empty()) {
        const std::string disk = real_directory(root);
        located.map.add("", disk);
        located.complete = true;
        if (!is_below(main, disk)) located.map.add(directory, directory);
    } else if (is_installed(main)) {
        located.map.add("", "");
        located.complete = true;
    } else {
        locate_in_repository(directory, located);
    }
    located.main = located.map.to_host(main);
    if (located.complete) located.search_trees = {configuration_directory(located.main)};
    return located;
}

Located locate_project(const std::string& path, const std::string& root,
                       const std::vector<std::string>& maps) {
    Located located;
    const std::string file = real_place(path);
    const std::string directory(directory_of(file));
    for (const std::string& map : maps) {
        const std::size_t equals = map.find('=');
        located.map.add(map.substr(0, equals), real_directory(map.substr(equals + 1)));
    }
    const std::string top = root.empty() ? find_top(directory) : real_directory(root);
    located.map.add(root.empty() ? top : "", top);
    located.main = located.map.to_host(file);
    located.search_trees = {std::string(directory_of(located.main))};
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
