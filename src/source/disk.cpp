#include "source/disk.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace gatelint {

namespace {

bool leads_to_directory(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

struct CloseDirectory {
    void operator()(DIR* open) const { ::closedir(open); }
};

struct Entry {
    std::string name;  ///< of a directory, with '/' at its end
    bool is_link;
};

/// The entries of a directory, sorted by their names. What is what the directory itself says, where
/// its file system does.
std::vector<Entry> read_entries(const std::string& directory) {
    std::vector<Entry> entries;
    const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.c_str()));
    if (open == nullptr) return entries;
    while (const dirent* each = ::readdir(open.get())) {
        const std::string_view name = each->d_name;
        if (name == "." || name == "..") continue;
        Entry entry{std::string(name), each->d_type == DT_LNK};
        bool is_directory = each->d_type == DT_DIR;
        if (each->d_type == DT_LNK || each->d_type == DT_UNKNOWN) {
            const std::string path = directory + '/' + entry.name;
            is_directory = leads_to_directory(path);
            struct stat info {};
            if (each->d_type == DT_UNKNOWN && ::lstat(path.c_str(), &info) == 0) {
                entry.is_link = S_ISLNK(info.st_mode);
            }
        }
        if (is_directory) entry.name += '/';
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
}

}  // namespace

std::shared_ptr<const std::vector<std::string>> Disk::list(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    auto& known = lists_[directory];
    if (known != nullptr) return known;
    std::vector<std::string> names;
    for (Entry& entry : read_entries(directory)) names.push_back(std::move(entry.name));
    known = std::make_shared<const std::vector<std::string>>(std::move(names));
    return known;
}

std::shared_ptr<const Disk::Below> Disk::below(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const Below>& known = below_[directory];
    if (known != nullptr) return known;
    auto made = std::make_shared<Below>();
    made->tree = Tree::walk(directory, [&](const std::string& folder) {
        std::vector<std::string> names;
        for (Entry& entry : read_entries(folder)) {
            const bool is_linked_folder = entry.is_link && entry.name.ends_with('/');
            if (!is_linked_folder) {
                names.push_back(std::move(entry.name));
                continue;
            }
            entry.name.pop_back();
            std::string path = (folder == "/" ? "" : folder) + '/' + entry.name;
            if (!Tree::is_skipped(entry.name, path)) made->links.push_back(std::move(path));
        }
        return names;
    });
    known = std::move(made);
    return known;
}

}  // namespace gatelint
