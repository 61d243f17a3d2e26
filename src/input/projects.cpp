#include "input/projects.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "source/file_reader.hpp"
#include "source/text.hpp"
#include "surroundings/containers/compose.hpp"

namespace gatelint {

namespace {

/// Directories that are named for a means of deployment, whatever it is that is deployed.
constexpr std::array<std::string_view, 82> means = {"alpine",
                                                    "ansible",
                                                    "build",
                                                    "ci",
                                                    "centos",
                                                    "chart",
                                                    "charts",
                                                    "compose",
                                                    "conf",
                                                    "config",
                                                    "configs",
                                                    "configuration",
                                                    "container",
                                                    "containers",
                                                    "contrib",
                                                    "d",
                                                    "debian",
                                                    "default",
                                                    "deploy",
                                                    "deployment",
                                                    "deployments",
                                                    "dev",
                                                    "develop",
                                                    "development",
                                                    "devops",
                                                    "docker",
                                                    "dockerfiles",
                                                    "enabled",
                                                    "available",
                                                    "env",
                                                    "environments",
                                                    "etc",
                                                    "file",
                                                    "files",
                                                    "fpm",
                                                    "fs",
                                                    "gunicorn",
                                                    "helm",
                                                    "host",
                                                    "hosts",
                                                    "http",
                                                    "image",
                                                    "images",
                                                    "infra",
                                                    "infrastructure",
                                                    "init",
                                                    "install",
                                                    "k8s",
                                                    "kubernetes",
                                                    "local",
                                                    "manifests",
                                                    "nginx",
                                                    "openresty",
                                                    "ops",
                                                    "package",
                                                    "packaging",
                                                    "php",
                                                    "pool",
                                                    "prod",
                                                    "production",
                                                    "puma",
                                                    "resources",
                                                    "role",
                                                    "roles",
                                                    "root",
                                                    "rootfs",
                                                    "script",
                                                    "scripts",
                                                    "server",
                                                    "setup",
                                                    "sites",
                                                    "snippets",
                                                    "stage",
                                                    "staging",
                                                    "supervisor",
                                                    "supervisord",
                                                    "system",
                                                    "systemd",
                                                    "template",
                                                    "templates",
                                                    "unit",
                                                    "uwsgi"};

/// Those that are named for a part that an application has.
constexpr std::array<std::string_view, 36> parts = {
    "admin",   "api",    "app",     "application", "apps",    "back",     "backend", "client",
    "core",    "edge",   "front",   "frontend",    "gateway", "lb",       "main",    "portal",
    "proxy",   "public", "reverse", "runtime",     "service", "services", "share",   "site",
    "source",  "src",    "static",  "ui",          "usr",     "var",      "web",     "webapp",
    "website", "worker", "workers", "www"};

/// What lies here is no deployment, but shows one.
constexpr std::array<std::string_view, 14> shows = {
    "demo", "demos", "doc",    "docs",    "example", "examples", "fixtures",
    "misc", "old",   "sample", "samples", "test",    "testdata", "tests"};

constexpr std::array<std::string_view, 5> fragment_directories = {
    "sites-enabled", "sites-available", "conf.d", "vhosts", "vhost.d"};

/// Files that are looked into to find configurations.
constexpr std::size_t max_peeks = 2'000;

bool is_version(std::string_view word) {
    return word.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether each word of a name is among those, or a number.
template <typename Words>
bool is_made_of(std::string_view name, const Words& words) {
    if (name.starts_with('.')) name.remove_prefix(1);
    while (true) {
        const std::size_t end = std::min(name.find_first_of("-_.@ "), name.size());
        std::string word(name.substr(0, end));
        std::transform(word.begin(), word.end(), word.begin(), [](char byte) {
            return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
        });
        const std::string_view stem =
            std::string_view(word).substr(0, word.find_last_not_of("0123456789") + 1);
        if (!is_version(word) && !words(word) && !words(stem)) return false;
        if (end == name.size()) return true;
        name.remove_prefix(end + 1);
    }
}

bool is_means(std::string_view name) {
    return is_made_of(name, [](std::string_view word) { return is_among(word, means); });
}

bool is_means_or_part(std::string_view name) {
    return is_made_of(name, [](std::string_view word) {
        return is_among(word, means) || is_among(word, parts) || is_among(word, shows);
    });
}

bool lies_below(std::string_view path, std::string_view directory) {
    return path.size() > directory.size() && path.starts_with(directory) &&
           path[directory.size()] == '/';
}

bool lies_in(std::string_view path, std::string_view directory) {
    return path == directory || lies_below(path, directory);
}

/// Whether a directory of examples or tests lies between a top and what is below it.
bool is_shown(std::string_view path, std::string_view top) {
    for (; path.size() > top.size(); path = directory_of(path)) {
        if (is_among(base_name(path), shows)) return true;
    }
    return false;
}

/// Whether a text has words that only nginx's files have.
bool speaks_of_requests(std::string_view text) {
    constexpr std::array<std::string_view, 6> words = {"proxy_pass",  "fastcgi_pass", "uwsgi_pass",
                                                       "server_name", "location /",   "try_files"};
    return std::any_of(words.begin(), words.end(), [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    });
}

/// Whether the name of a file shows that it is nginx's.
bool is_named_nginx(std::string_view path) {
    const std::string_view name = base_name(path);
    const bool is_configuration = name.find(".conf") != std::string_view::npos ||
                                  name.ends_with(".template") || name.ends_with(".nginx") ||
                                  name.ends_with(".vhost");
    if (is_configuration && name.find("nginx") != std::string_view::npos) return true;
    const std::string_view folder = base_name(directory_of(path));
    return is_configuration && (folder == "nginx" || folder.starts_with("sites-"));
}

}  // namespace

Projects::Projects(std::string top, const Tree& files, const Read& read) : top_(std::move(top)) {
    for (const std::string& path : files.files()) {
        directories_.insert(std::string(directory_of(path)));
    }
    add_compose_files(files, read);
    add_configurations(files, read);
}

void Projects::add_compose_files(const Tree& files, const Read& read) {
    for (const std::string& path : files.named(is_compose_name)) {
        compose_directories_.insert(std::string(directory_of(path)));
    }
    for (const std::string& path : files.named(is_compose_name)) {
        const std::string directory(directory_of(path));
        Project& project = projects_[top_of(directory)];
        project.has_compose_file = true;
        if (project.has_nginx || is_shown(directory, top_)) continue;
        project.has_nginx = read(path).find("nginx") != std::string::npos;
    }
}

void Projects::add_configurations(const Tree& files, const Read& read) {
    std::set<std::string, std::less<>> known;
    std::size_t peeks = 0;
    for (const std::string& path : files.files()) {
        const std::string_view directory = directory_of(path);
        if (known.contains(directory)) continue;
        const bool may_be_nginx =
            path.ends_with(".conf") || is_among(base_name(directory), fragment_directories);
        const bool is_found = is_named_nginx(path) || (may_be_nginx && ++peeks <= max_peeks &&
                                                       speaks_of_requests(read(path)));
        if (!is_found) continue;
        known.insert(std::string(directory));
        Project& project = projects_[top_of(std::string(directory))];
        project.has_nginx = project.has_nginx || !is_shown(directory, top_);
    }
}

/// The top of the project of which something lies in a directory.
std::string Projects::top_of(std::string directory) const {
    while (lies_below(directory, top_)) {
        const std::string_view name = base_name(directory);
        const bool goes_on =
            compose_directories_.contains(directory) ? is_means(name) : is_means_or_part(name);
        if (!goes_on) break;
        directory = directory_of(directory);
    }
    return directory;
}

/// Directories below `top` that others have: the topmost of them. `is_shared`: several projects
/// have theirs below it, and to it belongs only what is named for a part or a means, and what is in
/// `own`.
std::set<std::string> Projects::others_below(const std::string& top, bool is_shared,
                                             const std::string& own) const {
    std::set<std::string> others;
    for (const auto& [directory, project] : projects_) {
        if (lies_below(directory, top) && !lies_in(own, directory)) others.insert(directory);
    }
    if (!is_shared) return others;
    for (const std::string& each : directories_) {
        std::string_view other;
        for (std::string_view at = each; lies_below(at, top) && (own == top || !lies_in(at, own));
             at = directory_of(at)) {
            if (!is_means_or_part(base_name(at))) other = at;
        }
        if (!other.empty() && !lies_in(own, other)) others.emplace(other);
    }
    return others;
}

SearchArea Projects::area_of(const std::string& directory) const {
    const std::string own = top_of(directory);
    const auto is_gateway_elsewhere = [&](const std::string& top) {
        return std::any_of(projects_.begin(), projects_.end(), [&](const auto& project) {
            return project.second.has_nginx && project.first != own &&
                   !lies_below(project.first, own) && lies_in(project.first, top);
        });
    };
    SearchArea area;
    area.trees = {directory};
    // One gateway alone has all of its repository.
    const std::string& whole = is_gateway_elsewhere(top_) ? own : top_;
    if (whole != directory) area.trees.push_back(whole);
    const bool has_gateways_below =
        std::any_of(projects_.begin(), projects_.end(), [&](const auto& project) {
            return project.second.has_nginx && lies_below(project.first, whole) &&
                   !lies_in(directory, project.first);
        });
    const std::set<std::string> others = others_below(whole, has_gateways_below, directory);
    area.others.assign(others.begin(), others.end());
    for (std::string_view above = whole; lies_below(above, top_);) {
        above = directory_of(above);
        area.shared.emplace_back(above);
    }
    return area;
}

std::vector<std::string> Projects::compose_directories_of(const std::string& directory) const {
    const std::string own = top_of(directory);
    std::vector<std::string> found;
    for (const std::string& each : compose_directories_) {
        if (!lies_in(directory, each) && top_of(each) == own) found.push_back(each);
    }
    return found;
}

SearchArea Projects::area_of_compose(const std::string& directory) const {
    SearchArea area;
    area.trees = {directory};
    for (const auto& [other, project] : projects_) {
        if (project.has_compose_file && lies_below(other, directory)) area.others.push_back(other);
    }
    return area;
}

}  // namespace gatelint
