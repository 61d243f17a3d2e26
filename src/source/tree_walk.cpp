#include "source/tree_walk.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "source/text.hpp"

namespace gatelint {

namespace {

constexpr std::size_t max_walked_names = 20'000;
constexpr int max_depth = 12;

constexpr std::array<std::string_view, 11> skipped_names = {
    "node_modules", "vendor",      ".git",   ".svn", ".hg",          ".venv",
    ".cache",       "__pycache__", "target", "dist", "site-packages"};
constexpr std::array<std::string_view, 3> skipped_folders = {"/dev", "/proc", "/sys"};

}  // namespace

const std::vector<std::string>& TreeWalk::files_below(const std::string& tree) {
    const std::string top = absolute_path("", tree);
    const auto [known, is_new] = known_.try_emplace(top);
    std::vector<std::string>& paths = known->second;
    if (!is_new) return paths;
    std::deque<std::pair<std::string, int>> to_do = {{top, 0}};
    for (; !to_do.empty(); to_do.pop_front()) {
        const auto [folder, depth] = to_do.front();
        for (std::string& name : files_.list(folder)) {
            if (++names_ > max_walked_names) return paths;
            const bool is_folder = name.ends_with('/');
            if (is_folder) name.pop_back();
            std::string path = absolute_path(folder, name);
            if (!is_folder) {
                paths.push_back(std::move(path));
            } else if (depth < max_depth && !is_among(name, skipped_names) &&
                       !is_among(path, skipped_folders)) {
                to_do.emplace_back(std::move(path), depth + 1);
            }
        }
    }
    return paths;
}

}  // namespace gatelint
