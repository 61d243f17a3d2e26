#include "surroundings/programs/php_fpm_search.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace gatelint {

namespace {

/// Whether a file's name or that of its folder is worth a look for php-fpm's settings.
bool may_be_php_fpm(const std::string& path) {
    const std::string name(base_name(path));
    if (!name.ends_with(".conf")) return false;
    const std::string folder(base_name(directory_of(path)));
    const auto fits = [](const std::string& text, const char* pattern) {
        return ::fnmatch(pattern, text.c_str(), 0) == 0;
    };
    return fits(folder, "php*") || fits(folder, "*fpm*") || folder == "pool.d" ||
           name == "www.conf" || name == "zz-docker.conf" || fits(name, "*fpm*.conf") ||
           fits(name, "*pool*.conf");
}

}  // namespace

void PhpFpmSearch::search_system() {
    search_place("/etc", "php-fpm.d");            // Fedora
    search_place("/usr/local/etc", "php-fpm.d");  // the official image, FreeBSD
    for (const std::string& folder : folders("/etc/php", "")) {
        search_place(folder + "/fpm", "pool.d");  // Debian
    }
    for (const std::string& folder : folders("/etc", "php")) {
        search_place(folder, "php-fpm.d");           // Alpine
        search_place(folder + "/fpm", "php-fpm.d");  // openSUSE
    }
    for (const std::string& folder : folders("/etc/opt/remi", "php")) {
        search_place(folder, "php-fpm.d");
    }
}

bool PhpFpmSearch::search_tree(const std::vector<std::string>& paths) {
    std::vector<std::string> mains;
    std::map<std::string_view, Folder> folders;
    for (const std::string& path : paths) {
        const PhpFpmFile kind = may_be_php_fpm(path) ? classify(path) : PhpFpmFile::none;
        if (kind == PhpFpmFile::main) mains.push_back(path);
        if (kind == PhpFpmFile::pool || kind == PhpFpmFile::part) {
            Folder& folder = folders[directory_of(path)];
            folder.files.push_back(path);
            if (kind == PhpFpmFile::pool) folder.listens = true;
        }
    }
    bool found = false;
    for (const std::string& main : mains) found = read_master({main}) || found;
    for (auto& [name, folder] : folders) {
        if (folder.listens) found = read_master(std::move(folder.files)) || found;
    }
    return found;
}

void PhpFpmSearch::search_place(const std::string& folder, const std::string& pools) {
    const std::string main = folder + "/php-fpm.conf";
    if (ini_.read(main) != nullptr) {
        read_master({main});
        return;
    }
    const std::string pool_folder = folder + '/' + pools;
    std::vector<std::string> paths;
    for (const std::string& name : files_.list(pool_folder)) {
        if (name.ends_with(".conf")) paths.push_back(absolute_path(pool_folder, name));
    }
    read_master(std::move(paths));
}

std::vector<std::string> PhpFpmSearch::folders(const std::string& parent,
                                               std::string_view prefix) const {
    std::vector<std::string> found;
    for (const std::string& name : files_.list(parent)) {
        if (!name.ends_with('/') || !name.starts_with(prefix)) continue;
        found.push_back(absolute_path(parent, name));
    }
    return found;
}

/// Before the file is taken among the Sources: most of those that are looked at are not meant.
PhpFpmFile PhpFpmSearch::classify(const std::string& path) {
    const ReadResult file = files_.read(path);
    if (file.status != ReadStatus::ok || reading_.is_too_long(file)) return PhpFpmFile::none;
    Arena scratch;
    return classify_php_fpm(parse_ini(file.text, SourceId::none, scratch));
}

/// Without the files that another master has read. Whether it has pools, or that other has.
bool PhpFpmSearch::read_master(std::vector<std::string> paths) {
    const std::size_t all = paths.size();
    std::erase_if(
        paths, [this](const std::string& path) { return used_.contains(files_.read(path).file); });
    const bool known = paths.size() != all;
    PhpFpm master = read_php_fpm(paths, files_, ini_, accounts_, reading_.arena());
    const bool found = !master.pools.empty() || !master.is_whole;
    for (const IniFile* file : master.files) used_.insert(reading_.sources().path(file->source));
    masters_.push_back(std::move(master));
    return known || found;
}

}  // namespace gatelint
