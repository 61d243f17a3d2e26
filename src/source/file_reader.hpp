#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatelint {

class Tree;

/// What became of a wish to read a file. Everything but `ok` is something to tell the user.
enum class ReadStatus : std::uint8_t {
    ok,
    missing,
    dangling_link,
    unreadable,  ///< permission or I/O error
    directory,
    not_a_file,  ///< a pipe, a socket, a device: never opened
    too_large,
    outside,  ///< not under the root nor anything that the user mapped
};

/// "No such file or directory" and the like, as a clause for a message.
std::string_view describe(ReadStatus status);

struct ReadResult {
    ReadStatus status = ReadStatus::missing;
    std::string text;
    std::string file;  ///< the file on disk, links resolved: its identity, and its name in reports;
                       ///< of a dangling link the host path that it leads to
    std::string shown = {};  ///< its name in reports where that is another: of a part of a file
};

/// The files of the host on which nginx runs, as far as they can be seen: by **host paths**, the
/// absolute paths that nginx itself would use. Where a host path lies on this disk is the reader's
/// business (--root, --map), and so is refusing to leave the root.
class FileReader {
  public:
    /// Files longer than this are not read.
    static constexpr std::size_t max_size = std::size_t{512} * 1024 * 1024;

    FileReader() = default;
    FileReader(const FileReader&) = delete;
    FileReader& operator=(const FileReader&) = delete;
    virtual ~FileReader() = default;

    virtual ReadResult read(const std::string& path) const = 0;

    /// Names in a directory, without . and .., sorted bytewise; none if it cannot be listed.
    /// Names of directories end in '/'.
    virtual std::vector<std::string> list(const std::string& directory) const = 0;

    /// The files below a directory: what list() shows, all the way down.
    virtual std::shared_ptr<const Tree> tree(const std::string& top) const;

    /// Whether the host's whole file system is in sight, so that what is not seen does not exist.
    virtual bool complete() const = 0;

    /// Whether every file that nginx includes is in sight, if nothing else of the host is.
    virtual bool knows_includes() const { return complete(); }
};

/// Files given as texts.
class MemoryReader final : public FileReader {
  public:
    explicit MemoryReader(std::map<std::string, std::string> files, bool complete = true)
        : files_(std::move(files)), complete_(complete) {}

    ReadResult read(const std::string& path) const override;
    std::vector<std::string> list(const std::string& directory) const override;
    bool complete() const override { return complete_; }

  private:
    std::map<std::string, std::string> files_;  ///< by host path
    bool complete_;
};

/// `path` made absolute against `directory`, with `.`, `..` and doubled slashes removed, as text.
std::string absolute_path(std::string_view directory, std::string_view path);

/// The directory part of an absolute path: "" for a file in the root.
std::string_view directory_of(std::string_view path);

/// The last part of a path.
std::string_view base_name(std::string_view path);

}  // namespace gatelint
