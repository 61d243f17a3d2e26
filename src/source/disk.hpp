#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "source/tree.hpp"

namespace gatelint {

/// This machine's disk as a run sees it: what was looked at once is not looked at again, whoever
/// asks. May be asked by several threads.
class Disk {
  public:
    /// The names in a directory, without . and .., sorted bytewise; none if it cannot be listed.
    /// Names of directories, and of links to them, end in '/'.
    std::shared_ptr<const std::vector<std::string>> list(const std::string& directory);

    /// The files below a directory, with the links to directories that were met and not followed.
    struct Below {
        Tree tree;
        std::vector<std::string> links;
    };
    std::shared_ptr<const Below> below(const std::string& directory);

  private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const std::vector<std::string>>> lists_;
    std::map<std::string, std::shared_ptr<const Below>> below_;
};

}  // namespace gatelint
