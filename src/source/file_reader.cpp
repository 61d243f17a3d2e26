#include "source/file_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <set>

namespace gatelint {

namespace {

/// As in Linux's own limit for one path (MAXSYMLINKS).
constexpr int max_links = 40;

ReadStatus status_of_error(int error) {
    return error == ENOENT || error == ENOTDIR ? ReadStatus::missing : ReadStatus::unreadable;
}

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

std::shared_ptr<const Tree> FileReader::tree(const std::string& top) const {
    return std::make_shared<const Tree>(Tree::walk(
        absolute_path("", top), [this](const std::string& folder) { return list(folder); }));
}

/// Follows links as the host would: an absolute target begins at the host's root.
DiskReader::Resolved DiskReader::resolve(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    Resolved place = walk_to(path, 0);
    if (place.status == ReadStatus::missing && place.links > 0) {
        place.status = ReadStatus::dangling_link;
        place.disk = place.host;
    }
    return place;
}

DiskReader::Resolved DiskReader::walk_to(const std::string& path, int links) const {
    // No longer path can be there, and a hostile one has very many directories above it.
    const bool is_remembered = path.size() < PATH_MAX;
    Resolved place;
    place.disk = map_.to_disk("");
    std::size_t at = 0;
    for (std::size_t end = path.size(); is_remembered && end > 0 && end != std::string::npos;
         end = path.rfind('/', end - 1)) {
        const auto known = resolved_.find(path.substr(0, end));
        if (known == resolved_.end()) continue;
        place = known->second;
        at = end;
        break;
    }
    while (at < path.size()) {
        const std::size_t end = std::min(path.find('/', at + 1), path.size());
        place = step(place, std::string_view(path).substr(at, end - at), links);
        const bool leads_on = end < path.size() || S_ISDIR(place.mode);
        if (is_remembered && leads_on) resolved_.insert_or_assign(path.substr(0, end), place);
        at = end;
    }
    return place;
}

/// One part further, `part` with its slash. `links` were followed before `from` began.
DiskReader::Resolved DiskReader::step(const Resolved& from, std::string_view part,
                                      int links) const {
    Resolved place;
    place.host = from.host;
    place.host += part;
    place.links = from.links;
    if (from.ends) {
        place.status = from.status;
        place.disk = from.disk;
        place.ends = true;
        return place;
    }
    place.disk = map_.to_disk(place.host);
    if (place.disk.empty()) {
        place.status = ReadStatus::outside;  // a longer prefix may be mapped
        return place;
    }
    struct stat info {};
    if (::lstat(place.disk.c_str(), &info) != 0) {
        place.status = status_of_error(errno);
        // The mapped place may begin below: /etc/nginx is mapped, /etc is not on this disk.
        place.ends = std::none_of(
            map_.entries.begin(), map_.entries.end(),
            [&](const PathMap::Entry& entry) { return is_under(entry.host, place.host); });
        return place;
    }
    if (!S_ISLNK(info.st_mode)) {
        place.mode = info.st_mode;
        place.size = static_cast<std::uint64_t>(info.st_size);
        return place;
    }
    const int followed = from.links + 1;
    if (links + followed > max_links) {
        place.status = ReadStatus::unreadable;
        place.ends = true;
        return place;
    }
    const std::string target = link_target(place.disk);
    place = walk_to(without_trailing_slash(absolute_path(directory_of(place.host), target)),
                    links + followed);
    place.links += followed;
    return place;
}

ReadResult DiskReader::read(const std::string& path) const {
    Resolved place = resolve(path);
    ReadResult result{place.status, {}, std::move(place.disk)};
    if (result.status != ReadStatus::ok) return result;
    if (path.empty() || S_ISDIR(place.mode)) {
        result.status = ReadStatus::directory;
    } else if (!S_ISREG(place.mode)) {
        result.status = ReadStatus::not_a_file;
    } else if (place.size > max_size) {
        result.status = ReadStatus::too_large;
    } else {
        const Descriptor file(result.file);
        if (file.get() < 0) {
            result.status = status_of_error(errno);
        } else if (!read_all(file.get(), place.size, result.text)) {
            result.status = ReadStatus::unreadable;
        }
    }
    return result;
}

std::vector<std::string> DiskReader::list(const std::string& directory) const {
    const Resolved place = resolve(directory);
    if (place.status != ReadStatus::ok) return {};
    return *disk_->list(place.disk);
}

std::shared_ptr<const Tree> DiskReader::tree(const std::string& top) const {
    const std::string host = without_trailing_slash(absolute_path("", top));
    {
        const std::lock_guard lock(mutex_);
        const auto known = trees_.find(host);
        if (known != trees_.end()) return known->second;
    }
    std::shared_ptr<const Tree> tree = make_tree(host);
    const std::lock_guard lock(mutex_);
    return trees_.try_emplace(host, std::move(tree)).first->second;
}

/// Where the map lays something else into the tree, as the host would list it; else as it lies on
/// disk, where others may have walked already.
std::shared_ptr<const Tree> DiskReader::make_tree(const std::string& host) const {
    const Resolved place = resolve(host);
    if (place.status != ReadStatus::ok || place.disk.empty()) {
        return std::make_shared<const Tree>();
    }
    if (!lies_as_on_disk(place)) return FileReader::tree(host);
    const std::string disk = without_trailing_slash(place.disk);
    const std::shared_ptr<const Disk::Below> below = disk_->below(disk.empty() ? "/" : disk);
    const std::map<std::string, std::string> elsewhere = linked(below->links, host, disk);
    if (elsewhere.empty() && host == disk) return {below, &below->tree};
    Tree tree = below->tree.moved(disk, host);
    for (const auto& [directory, name] : elsewhere) {
        tree.add(disk_->below(directory)->tree.moved(directory, name));
        if (!tree.is_whole()) break;
    }
    return std::make_shared<const Tree>(std::move(tree));
}

/// Whether all host paths below a place are below it on disk, by the same names.
bool DiskReader::lies_as_on_disk(const Resolved& place) const {
    const std::string disk = without_trailing_slash(place.disk);
    return std::all_of(map_.entries.begin(), map_.entries.end(), [&](const PathMap::Entry& entry) {
        return !is_under(entry.host, place.host) ||
               entry.disk == disk + entry.host.substr(place.host.size());
    });
}

/// The directories outside of a tree to which links in it lead, with their names in it.
std::map<std::string, std::string> DiskReader::linked(const std::vector<std::string>& links,
                                                      const std::string& host,
                                                      const std::string& disk) const {
    std::map<std::string, std::string> found;
    for (const std::string& link : links) {
        const std::string name = host + link.substr(disk.size());
        const Resolved place = resolve(name);
        const bool is_inside = is_under(place.disk, disk) || is_under(disk, place.disk);
        if (place.status != ReadStatus::ok || is_inside || !lies_as_on_disk(place)) continue;
        found.try_emplace(place.disk, name);
    }
    return found;
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
