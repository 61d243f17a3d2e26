#pragma once

#include <set>
#include <string>

#include "config/config.hpp"
#include "source/file_reader.hpp"
#include "surroundings/around.hpp"

namespace gatelint {

/// One configuration to judge: all that a run on it needs to know. A view: whoever made it owns
/// what it points to.
struct Target {
    std::string name;                   ///< as the user knows it
    std::string main;                   ///< host path of the main file, or of a fragment
    const FileReader* files = nullptr;  ///< what nginx sees
    LoadOptions load;                   ///< what is known beside the files: which nginx loads it,
                                        ///< the blocks around a fragment, what fills in templates
    std::set<std::string> only;  ///< the files (ReadResult::file) whose findings are wanted; empty:
                                 ///< of all
    Around* around = nullptr;    ///< the other side, with the place in which nginx runs
};

}  // namespace gatelint
