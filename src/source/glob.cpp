#include "source/glob.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace gatelint {

namespace {

/// Names that one pattern may make us look at: `/*/*/*` comes from strangers too.
constexpr std::size_t max_names = 1'000'000;

/// Whether a directory has an entry of this name, be it a link that leads nowhere.
bool has_entry(const std::string& directory, const std::string& name, const FileReader& files) {
    const std::vector<std::string> names = files.list(directory.empty() ? "/" : directory);
    return std::binary_search(names.begin(), names.end(), name) ||
           std::binary_search(names.begin(), names.end(), name + '/');
}

}  // namespace

bool is_glob(const std::string& path) {
    return path.find_first_of("*?[") != std::string::npos;
}

Matches glob(const std::string& pattern, const FileReader& files) {
    std::vector<std::string> found = {""};
    std::size_t at = 1;
    std::size_t names = 0;
    bool searched = false;  // a part before was a pattern
    while (at <= pattern.size()) {
        const std::size_t slash = std::min(pattern.find('/', at), pattern.size());
        const std::string part = pattern.substr(at, slash - at);
        const bool last = slash == pattern.size();
        at = slash + 1;
        std::vector<std::string> next;
        for (const std::string& directory : found) {
            if (!is_glob(part)) {
                // sites/*/nginx.conf matches only where there is one.
                if (!searched || !last || has_entry(directory, part, files)) {
                    next.push_back(absolute_path(directory, part));
                }
                continue;
            }
            for (std::string& name : files.list(directory.empty() ? "/" : directory)) {
                if (++names > max_names) break;
                const bool is_directory = name.ends_with('/');
                if (is_directory) name.pop_back();
                if (!is_directory && !last) continue;
                if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) {
                    next.push_back(absolute_path(directory, name));
                }
            }
        }
        searched = searched || is_glob(part);
        found = std::move(next);
    }
    std::sort(found.begin(), found.end());
    return {std::move(found), names <= max_names};
}

}  // namespace gatelint
