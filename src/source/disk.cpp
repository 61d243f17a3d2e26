#include "source/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "source/memory.hpp"

namespace gatelint {

namespace {

/// Longer texts are not kept, nor more than so much in all.
constexpr std::size_t max_kept_text = std::size_t{256} * 1024;
constexpr std::size_t max_kept = std::size_t{64} * 1024 * 1024;

/// A file descriptor that closes itself.
class Descriptor {
  public:
    // Whatever took the file's place meanwhile: no link is followed, no pipe's other end waited
    // for.
    explicit Descriptor(const std::string& path)
        : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

/// The error, else 0.
int read_all(int fd, std::size_t size, std::string& text) {
    text.reserve(size);
    prefer_large_pages(text.data(), text.capacity());
    text.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(fd, text.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0) break;  // it became shorter meanwhile
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return 0;
}

std::string link_target(const std::string& path) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t length = ::readlink(path.c_str(), buffer.data(), buffer.size());
    return length < 0 ? std::string() : std::string(buffer.data(), static_cast<size_t>(length));
}

bool leads_to_directory(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

struct CloseDirectory {
    void operator()(DIR* open) const { ::closedir(open); }
};

struct Entry {
    std::string name;  ///< of a directory, with '/' at its end
    bool is_link;
};

/// The entries of a directory, sorted by their names. What is what the directory itself says, where
/// its file system does.
std::vector<Entry> read_entries(const std::string& directory) {
    std::vector<Entry> entries;
    const std::unique_ptr<DIR, CloseDirectory> open(::opendir(directory.c_str()));
    if (open == nullptr) return entries;
    while (const dirent* each = ::readdir(open.get())) {
        const std::string_view name = each->d_name;
        if (name == "." || name == "..") continue;
        Entry entry{std::string(name), each->d_type == DT_LNK};
        bool is_directory = each->d_type == DT_DIR;
        if (each->d_type == DT_LNK || each->d_type == DT_UNKNOWN) {
            const std::string path = directory + '/' + entry.name;
            is_directory = leads_to_directory(path);
            struct stat info {};
            if (each->d_type == DT_UNKNOWN && ::lstat(path.c_str(), &info) == 0) {
                entry.is_link = S_ISLNK(info.st_mode);
            }
        }
        if (is_directory) entry.name += '/';
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return entries;
}

}  // namespace

std::shared_ptr<const std::vector<std::string>> Disk::list(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    auto& known = lists_[directory];
    if (known != nullptr) return known;
    std::vector<std::string> names;
    for (Entry& entry : read_entries(directory)) names.push_back(std::move(entry.name));
    known = std::make_shared<const std::vector<std::string>>(std::move(names));
    return known;
}

std::shared_ptr<const Disk::Below> Disk::below(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const Below>& known = below_[directory];
    if (known != nullptr) return known;
    auto made = std::make_shared<Below>();
    made->tree = Tree::walk(directory, [&](const std::string& folder) {
        std::vector<std::string> names;
        for (Entry& entry : read_entries(folder)) {
            if (!entry.is_link) {
                names.push_back(std::move(entry.name));
                continue;
            }
            const bool is_folder = entry.name.ends_with('/');
            if (is_folder) entry.name.pop_back();
            std::string path = (folder == "/" ? "" : folder) + '/' + entry.name;
            if (!is_folder) names.push_back(entry.name);
            if (Tree::is_skipped(entry.name, path)) continue;
            // What is no folder here may be one on a host whose root lies elsewhere.
            if (is_folder || link_target(path).starts_with('/')) {
                made->links.push_back(std::move(path));
            }
        }
        return names;
    });
    known = std::move(made);
    return known;
}

Disk::Node Disk::look(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto [known, is_new] = nodes_.try_emplace(path);
    Node& node = known->second;
    if (!is_new) return node;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        node.error = errno;
        return node;
    }
    node.mode = info.st_mode;
    node.size = static_cast<std::uint64_t>(info.st_size);
    if (S_ISLNK(info.st_mode)) node.target = link_target(path);
    return node;
}

int Disk::read(const std::string& path, std::size_t size, std::string& text) {
    bool was_read = false;
    {
        const std::lock_guard lock(mutex_);
        Kept& kept = texts_[path];
        if (kept.text != nullptr) {
            text = *kept.text;
            return 0;
        }
        was_read = std::exchange(kept.was_read, true);
    }
    const Descriptor file(path);
    if (file.get() < 0) return errno;
    const int error = read_all(file.get(), size, text);
    if (error != 0 || !was_read || size > max_kept_text) return error;
    const std::lock_guard lock(mutex_);
    Kept& kept = texts_[path];
    if (kept.text == nullptr && kept_ + text.size() <= max_kept) {
        kept.text = std::make_shared<const std::string>(text);
        kept_ += text.size();
    }
    return 0;
}

}  // namespace gatelint
