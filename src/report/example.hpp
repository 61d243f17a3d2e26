#pragma once

#include <span>
#include <string_view>

namespace gatelint {

/// The case among a rule's fixtures that its page shows, compiled in by CMake.
struct Example {
    struct File {
        std::string_view name;
        std::string_view bad;
        std::string_view good;

        bool is_changed() const { return bad != good; }
    };
    std::string_view rule;
    std::span<const File> files;  ///< those that are changed, or quoted in what gatelint says
    std::string_view expected;    ///< what gatelint says about the bad side
    std::string_view proof;       ///< what a real nginx does with both
};

std::span<const Example> all_examples();

}  // namespace gatelint
