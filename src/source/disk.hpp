#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
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

    /// What lies at a path itself: a link is not followed.
    struct Node {
        int error = 0;           ///< why nothing can be said of it, else 0
        std::uint32_t mode = 0;  ///< as stat(2) has it
        std::uint64_t size = 0;
        std::string target = {};  ///< of a link
    };
    Node look(const std::string& path);

    /// Reads a regular file's text of so many bytes. The error, else 0. What is read again and
    /// again, as for each of many configurations of one repository, is kept.
    int read(const std::string& path, std::size_t size, std::string& text);

  private:
    struct Kept {
        bool was_read = false;
        std::shared_ptr<const std::string> text;  ///< once it was read a second time
    };

    std::mutex mutex_;
    std::unordered_map<std::string, Node> nodes_;
    std::unordered_map<std::string, Kept> texts_;
    std::size_t kept_ = 0;  ///< bytes of them
    std::map<std::string, std::shared_ptr<const std::vector<std::string>>> lists_;
    std::map<std::string, std::shared_ptr<const Below>> below_;
};

}  // namespace gatelint
