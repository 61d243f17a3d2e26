#pragma once

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace gatelint {

/// The part of a host's directories in which one project lies: where its files are looked for. A
/// repository may hold several projects, which have nothing to do with one another.
struct SearchArea {
    std::vector<std::string> trees;   ///< to walk: the configuration's directory, then wider ones
    std::vector<std::string> shared;  ///< above them: only the files that lie in them directly
    std::vector<std::string> others;  ///< in the trees, sorted: what is below is another project's

    /// Whether a file below one of the trees is this project's.
    bool has(std::string_view path) const {
        if (others.empty()) return true;
        for (std::size_t slash = path.rfind('/'); slash != 0 && slash != std::string_view::npos;
             slash = path.rfind('/', slash - 1)) {
            if (std::binary_search(others.begin(), others.end(), path.substr(0, slash))) {
                return false;
            }
        }
        return true;
    }

    auto operator<=>(const SearchArea&) const = default;
};

}  // namespace gatelint
