#include "source/disk_reader.hpp"

#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace gatelint {

namespace {

/// As in Linux's own limit for one path (MAXSYMLINKS).
constexpr int max_links = 40;

ReadStatus status_of_error(int error) {
    return error == ENOENT || error == ENOTDIR ? ReadStatus::missing : ReadStatus::unreadable;
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
    const Disk::Node node = disk_->look(place.disk);
    if (node.error != 0) {
        place.status = status_of_error(node.error);
        // The mapped place may begin below: /etc/nginx is mapped, /etc is not on this disk.
        place.ends = std::none_of(
            map_.entries.begin(), map_.entries.end(),
            [&](const PathMap::Entry& entry) { return is_under(entry.host, place.host); });
        return place;
    }
    if (!S_ISLNK(node.mode)) {
        place.mode = node.mode;
        place.size = node.size;
        return place;
    }
    const int followed = from.links + 1;
    if (links + followed > max_links) {
        place.status = ReadStatus::unreadable;
        place.ends = true;
        return place;
    }
    place = walk_to(without_trailing_slash(absolute_path(directory_of(place.host), node.target)),
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
        const int error = disk_->read(result.file, place.size, result.text);
        if (error != 0) result.status = status_of_error(error);
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
    const Linked linked = follow(below->links, host, disk);
    if (linked.folders.empty() && host == disk) return {below, &below->tree};
    Tree tree = below->tree.moved(disk, host);
    tree.remove(linked.folders);
    for (const auto& [directory, name] : linked.elsewhere) {
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

/// What links in a tree lead to, for this host.
DiskReader::Linked DiskReader::follow(const std::vector<std::string>& links,
                                      const std::string& host, const std::string& disk) const {
    Linked found;
    for (const std::string& link : links) {
        const std::string name = host + link.substr(disk.size());
        const Resolved place = resolve(name);
        const bool is_folder =
            place.status == ReadStatus::ok && S_ISDIR(disk_->look(place.disk).mode);
        if (!is_folder) continue;
        found.folders.insert(name);
        const bool is_inside = is_under(place.disk, disk) || is_under(disk, place.disk);
        if (!is_inside && lies_as_on_disk(place)) found.elsewhere.try_emplace(place.disk, name);
    }
    return found;
}

}  // namespace gatelint
