#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "source/file_reader.hpp"

namespace gatelint {

/// The files below a tree, for those who look for files of some kind: the tree is walked once,
/// other people's code, build results and file systems that are none left out. Bounded: 20,000
/// names in all, 12 folders deep.
class TreeWalk {
  public:
    explicit TreeWalk(const FileReader& files) : files_(files) {}

    /// Host paths, those of the upper folders first.
    const std::vector<std::string>& files_below(const std::string& tree);

  private:
    const FileReader& files_;
    std::map<std::string, std::vector<std::string>> known_;
    std::size_t names_ = 0;
};

}  // namespace gatelint
