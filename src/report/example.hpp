#pragma once

#include <span>
#include <string_view>

namespace gatelint {

/// The first fixture of a rule, compiled in by CMake: what its page shows.
struct Example {
    struct File {
        std::string_view name;
        std::string_view bad;
        std::string_view good;
    };
    std::string_view rule;
    std::span<const File> files;  ///< those in which bad and good differ
    std::string_view expected;    ///< what gatelint says about the bad side
    std::string_view proof;       ///< what a real nginx does with both
};

std::span<const Example> all_examples();

}  // namespace gatelint
