#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "source/disk.hpp"
#include "source/file_reader.hpp"
#include "source/tree.hpp"

namespace gatelint {

/// Where host paths lie on this disk: the longest matching prefix wins.
struct PathMap {
    struct Entry {
        std::string host;  ///< absolute, without a trailing slash; "" is the root
        std::string disk;

        auto operator<=>(const Entry&) const = default;
    };
    std::vector<Entry> entries;

    auto operator<=>(const PathMap&) const = default;

    void add(std::string host, std::string disk);

    /// The place on disk, or "" where nothing is mapped.
    std::string to_disk(std::string_view host) const;

    /// The host path of a file on disk, or "" where nothing is mapped.
    std::string to_host(std::string_view disk) const;
};

/// The files on this machine's disk.
class DiskReader final : public FileReader {
  public:
    /// `complete`: the map's root shows the whole host (--root, or this machine itself).
    /// `disk`: what is remembered of it, for all readers of a run.
    DiskReader(PathMap map, bool complete, std::shared_ptr<Disk> disk = std::make_shared<Disk>())
        : map_(std::move(map)), complete_(complete), disk_(std::move(disk)) {}

    ReadResult read(const std::string& path) const override;
    std::vector<std::string> list(const std::string& directory) const override;
    std::shared_ptr<const Tree> tree(const std::string& top) const override;
    bool complete() const override { return complete_; }

  private:
    /// Where a host path leads.
    struct Resolved {
        ReadStatus status = ReadStatus::ok;
        std::string host;        ///< without links
        std::string disk;        ///< the same, or the first part of it that is not there
        bool ends = false;       ///< nothing can lie below
        int links = 0;           ///< that were followed
        std::uint32_t mode = 0;  ///< of what is there
        std::uint64_t size = 0;
    };

    Resolved resolve(const std::string& path) const;
    Resolved walk_to(const std::string& path, int links) const;
    Resolved step(const Resolved& from, std::string_view part, int links) const;
    std::shared_ptr<const Tree> make_tree(const std::string& host) const;
    bool lies_as_on_disk(const Resolved& place) const;

    /// The folders to which links in a tree lead.
    struct Linked {
        std::set<std::string> folders;                 ///< all, by their names in the tree
        std::map<std::string, std::string> elsewhere;  ///< those outside of it: place and name
    };
    Linked follow(const std::vector<std::string>& links, const std::string& host,
                  const std::string& disk) const;

    PathMap map_;
    bool complete_;
    std::shared_ptr<Disk> disk_;
    mutable std::mutex mutex_;
    mutable std::unordered_map<std::string, Resolved> resolved_;  ///< directories and links
    mutable std::map<std::string, std::shared_ptr<const Tree>> trees_;
};

}  // namespace gatelint
