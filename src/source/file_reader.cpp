#include "source/file_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <filesystem>
#include <set>
#include <system_error>

namespace gatelint {

namespace fs = std::filesystem;

namespace {

/// As in Linux's own limit for one path (MAXSYMLINKS).
constexpr int max_links = 40;

ReadStatus status_of_error(int error) {
    return error == ENOENT || error == ENOTDIR ? ReadStatus::missing : ReadStatus::unreadable;
}

/// A file descriptor that closes itself.
class Descriptor {
  public:
    // O_NONBLOCK: opening a pipe must not wait for its other end.
    explicit Descriptor(const std::string& path)
        : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

bool read_all(int fd, std::size_t size, std::string& text) {
    text.resize(size);
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::read(fd, text.data() + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) break;  // it became shorter meanwhile
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return true;
}

std::string link_target(const std::string& path) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t length = ::readlink(path.c_str(), buffer.data(), buffer.size());
    return length < 0 ? std::string() : std::string(buffer.data(), static_cast<size_t>(length));
}

/// Whether `path` is `prefix` or lies below it; "" is the root.
bool is_under(std::string_view path, std::string_view prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::string without_trailing_slash(std::string path) {
    while (path.ends_with('/')) path.pop_back();
    return path;
}

}  // namespace

std::string_view describe(ReadStatus status) {
    switch (status) {
        case ReadStatus::ok:
            return "ok";
        case ReadStatus::missing:
            return "no such file";
        case ReadStatus::dangling_link:
            return "it is a link to a file that does not exist";
        case ReadStatus::unreadable:
            return "permission denied, or an input error";
        case ReadStatus::directory:
            return "it is a directory";
        case ReadStatus::not_a_file:
            return "it is not a regular file";
        case ReadStatus::too_large:
            return "it is larger than 512 MiB";
        case ReadStatus::outside:
            return "it is outside the root directory";
    }
    return "";
}

void PathMap::add(std::string host, std::string disk) {
    entries.push_back(
        {without_trailing_slash(std::move(host)), without_trailing_slash(std::move(disk))});
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.host.size() > b.host.size(); });
}

std::string PathMap::to_disk(std::string_view host) const {
    for (const Entry& entry : entries) {
        if (!is_under(host, entry.host)) continue;
        std::string disk = entry.disk + std::string(host.substr(entry.host.size()));
        return disk.empty() ? "/" : disk;
    }
    return {};
}

std::string PathMap::to_host(std::string_view disk) const {
    const Entry* best = nullptr;
    for (const Entry& entry : entries) {
        if (!is_under(disk, entry.disk)) continue;
        const bool longer = best == nullptr || entry.disk.size() > best->disk.size();
        // Of several names of one place, its own.
        if (longer || (entry.disk == best->disk && entry.host == entry.disk)) best = &entry;
    }
    if (best == nullptr) return {};
    return best->host + std::string(disk.substr(best->disk.size()));
}

DiskReader::Resolved DiskReader::resolve(const std::string& path) const {
    std::string rest = path;  // what is still to walk, beginning with '/'
    std::string host;         // what has been walked: a host path without links
    std::string disk = map_.to_disk("");
    int links = 0;
    while (!rest.empty()) {
        const std::size_t slash = rest.find('/', 1);
        const std::string part = rest.substr(0, slash);
        rest = slash == std::string::npos ? std::string() : rest.substr(slash);
        host += part;
        disk = map_.to_disk(host);
        if (disk.empty()) {
            if (rest.empty()) return {ReadStatus::outside, {}};
            continue;  // a longer prefix may be mapped
        }
        struct stat info {};
        if (::lstat(disk.c_str(), &info) != 0) {
            const ReadStatus status = status_of_error(errno);
            // The mapped place may begin below: /etc/nginx is mapped, /etc is not on this disk.
            const bool below = std::any_of(
                map_.entries.begin(), map_.entries.end(),
                [&](const PathMap::Entry& entry) { return is_under(entry.host, host); });
            if (below && !rest.empty()) continue;
            const bool dangles = links > 0 && status == ReadStatus::missing;
            if (dangles) return {ReadStatus::dangling_link, host + rest};
            return {status, disk};
        }
        if (!S_ISLNK(info.st_mode)) continue;
        if (++links > max_links) return {ReadStatus::unreadable, disk};
        const std::string target = link_target(disk);
        rest.insert(0, without_trailing_slash(absolute_path(directory_of(host), target)));
        host.clear();
    }
    return {ReadStatus::ok, disk};
}

ReadResult DiskReader::read(const std::string& path) const {
    Resolved place = resolve(path);
    if (place.status != ReadStatus::ok) return {place.status, {}, std::move(place.disk)};
    struct stat info {};
    if (::stat(place.disk.c_str(), &info) != 0) {
        return {status_of_error(errno), {}, std::move(place.disk)};
    }
    if (S_ISDIR(info.st_mode)) return {ReadStatus::directory, {}, std::move(place.disk)};
    if (!S_ISREG(info.st_mode)) return {ReadStatus::not_a_file, {}, std::move(place.disk)};
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > max_size) return {ReadStatus::too_large, {}, std::move(place.disk)};

    ReadResult result{ReadStatus::ok, {}, std::move(place.disk)};
    const Descriptor file(result.file);
    if (file.get() < 0) {
        result.status = status_of_error(errno);
    } else if (!read_all(file.get(), size, result.text)) {
        result.status = ReadStatus::unreadable;
    }
    return result;
}

std::vector<std::string> DiskReader::list(const std::string& directory) const {
    std::vector<std::string> names;
    const Resolved place = resolve(directory);
    if (place.status != ReadStatus::ok) return names;
    std::error_code error;
    for (fs::directory_iterator it(place.disk, error), end; !error && it != end;
         it.increment(error)) {
        std::string name = it->path().filename().string();
        std::error_code ignored;
        if (it->is_directory(ignored)) name += '/';
        names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

ReadResult MemoryReader::read(const std::string& path) const {
    if (const auto found = files_.find(path); found != files_.end()) {
        return {ReadStatus::ok, found->second, path.substr(1)};
    }
    const auto below = files_.lower_bound(path + '/');
    const bool directory = below != files_.end() && below->first.starts_with(path + '/');
    return {directory ? ReadStatus::directory : ReadStatus::missing, {}, path.substr(1)};
}

std::vector<std::string> MemoryReader::list(const std::string& directory) const {
    const std::string prefix = without_trailing_slash(directory) + '/';
    std::set<std::string> names;
    for (auto it = files_.lower_bound(prefix); it != files_.end() && it->first.starts_with(prefix);
         ++it) {
        const std::string rest = it->first.substr(prefix.size());
        const std::size_t slash = rest.find('/');
        names.insert(slash == std::string::npos ? rest : rest.substr(0, slash + 1));
    }
    return {names.begin(), names.end()};
}

std::string absolute_path(std::string_view directory, std::string_view path) {
    std::string joined = path.starts_with('/') ? std::string(path)
                                               : std::string(directory) + '/' + std::string(path);
    std::vector<std::string_view> parts;
    std::string_view rest = joined;
    while (!rest.empty()) {
        const std::size_t slash = rest.find('/');
        const std::string_view part = rest.substr(0, slash);
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (!parts.empty()) {
            parts.pop_back();
        }
    }
    std::string result;
    for (const std::string_view part : parts) {
        result += '/';
        result += part;
    }
    return result.empty() ? "/" : result;
}

std::string_view directory_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace gatelint
