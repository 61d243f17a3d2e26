#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gatelint {

/// The files below a directory, for all who look for files of some kind: a directory is walked
/// once. Other people's code and file systems that are none are left out. Bounded: 200,000 names,
/// 12 folders deep.
class Tree {
  public:
    /// What a walk asks of those who know the disk: the names in a folder, sorted bytewise, those
    /// of folders with '/' at their ends.
    template <typename List>
    static Tree walk(const std::string& top, List list);

    /// Paths, those of the upper folders first.
    const std::vector<std::string>& files() const { return files_; }

    /// Those whose name is of a kind.
    const std::vector<std::string>& named(bool (*is_of_kind)(std::string_view name)) const;

    /// Those of one name.
    const std::vector<const std::string*>& called(std::string_view name) const;

    /// Whether there were not too many names.
    bool is_whole() const { return is_whole_; }

    /// The same files as somebody else calls them, for whom `top` lies at `other`.
    Tree moved(const std::string& top, const std::string& other) const;

    /// Takes in the files of another tree.
    void add(const Tree& other);
    void add(std::string file);

    /// Leaves out what is no file after all.
    void remove(const std::set<std::string>& names);

    /// Whether a folder is left out.
    static bool is_skipped(std::string_view name, std::string_view path);

  private:
    static constexpr std::size_t max_names = 200'000;
    static constexpr int max_depth = 12;

    void forget_orders();

    std::vector<std::string> files_;
    bool is_whole_ = true;
    mutable std::map<bool (*)(std::string_view), std::vector<std::string>> by_kind_;
    /// Backed by `files_`, and made when it is first asked for.
    mutable std::unordered_map<std::string_view, std::vector<const std::string*>> by_name_;
};

/// Whether a file lies among what a build or an installer made below `top`: what is written there
/// is a copy.
bool is_built(std::string_view path, std::string_view top);

template <typename List>
Tree Tree::walk(const std::string& top, List list) {
    Tree tree;
    std::size_t names = 0;
    std::deque<std::pair<std::string, int>> to_do = {{top == "/" ? "" : top, 0}};
    for (; !to_do.empty(); to_do.pop_front()) {
        const auto [folder, depth] = to_do.front();
        for (std::string_view name : list(folder.empty() ? "/" : folder)) {
            if (++names > max_names) {
                tree.is_whole_ = false;
                return tree;
            }
            const bool is_folder = name.ends_with('/');
            if (is_folder) name.remove_suffix(1);
            std::string path;
            path.reserve(folder.size() + 1 + name.size());
            path.append(folder).append("/").append(name);
            if (!is_folder) {
                tree.files_.push_back(std::move(path));
            } else if (depth < max_depth && !is_skipped(name, path)) {
                to_do.emplace_back(std::move(path), depth + 1);
            }
        }
    }
    return tree;
}

}  // namespace gatelint
