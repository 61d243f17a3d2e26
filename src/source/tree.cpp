#include "source/tree.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "source/text.hpp"

namespace gatelint {

namespace {

constexpr std::array<std::string_view, 9> skipped_names = {
    "node_modules", "vendor", ".git", ".svn", ".hg", ".venv", ".cache", "__pycache__", "target"};
constexpr std::array<std::string_view, 3> skipped_folders = {"/dev", "/proc", "/sys"};
constexpr std::array<std::string_view, 2> built_names = {"dist", "site-packages"};

}  // namespace

const std::vector<std::string>& Tree::named(bool (*is_of_kind)(std::string_view name)) const {
    const auto [known, is_new] = by_kind_.try_emplace(is_of_kind);
    if (is_new) {
        std::copy_if(files_.begin(), files_.end(), std::back_inserter(known->second),
                     [is_of_kind](std::string_view path) {
                         return is_of_kind(path.substr(path.rfind('/') + 1));
                     });
    }
    return known->second;
}

const std::vector<const std::string*>& Tree::called(std::string_view name) const {
    if (by_name_.empty()) {
        for (const std::string& file : files_) {
            by_name_[std::string_view(file).substr(file.rfind('/') + 1)].push_back(&file);
        }
    }
    static const std::vector<const std::string*> none;
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? none : found->second;
}

Tree Tree::moved(const std::string& top, const std::string& other) const {
    Tree tree;
    tree.is_whole_ = is_whole_;
    tree.files_.reserve(files_.size());
    for (const std::string& file : files_) {
        tree.files_.push_back(other + file.substr(top.size()));
    }
    return tree;
}

void Tree::add(const Tree& other) {
    if (files_.size() + other.files_.size() > max_names) {
        is_whole_ = false;
        return;
    }
    files_.insert(files_.end(), other.files_.begin(), other.files_.end());
    is_whole_ = is_whole_ && other.is_whole_;
    forget_orders();
}

void Tree::add(std::string file) {
    files_.push_back(std::move(file));
    forget_orders();
}

void Tree::remove(const std::set<std::string>& names) {
    std::erase_if(files_, [&](const std::string& file) { return names.contains(file); });
    forget_orders();
}

void Tree::forget_orders() {
    by_kind_.clear();
    by_name_.clear();
}

bool Tree::is_skipped(std::string_view name, std::string_view path) {
    return is_among(name, skipped_names) || is_among(path, skipped_folders);
}

bool is_built(std::string_view path, std::string_view top) {
    if (top == "/") top = "";
    path.remove_prefix(std::min(top.size(), path.size()));
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;) {
        const std::size_t next = path.find('/', slash + 1);
        if (next == std::string_view::npos) break;
        if (is_among(path.substr(slash + 1, next - slash - 1), built_names)) return true;
        slash = next;
    }
    return false;
}

}  // namespace gatelint
