#include "surroundings/containers/pod_container.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "source/unknown.hpp"

namespace gatelint {

namespace {

/// A manifest's text is handed out once for each of its entries: so much of it in all.
constexpr std::size_t max_bytes = std::size_t{32} * 1024 * 1024;

/// Nobody has more; ConfigMaps are looked for among all.
constexpr std::size_t max_volumes = 100;

/// Whether envsubst or the like makes nginx's configuration of it, in the container or before.
bool is_template(const ConfigMapEntry& entry) {
    constexpr std::array<std::string_view, 6> endings = {".tmpl", ".tpl",      ".j2",
                                                         ".erb",  ".envsubst", ".ctmpl"};
    const std::string_view key = entry.key;
    if (key.find("template") != std::string_view::npos) return true;
    if (std::any_of(endings.begin(), endings.end(),
                    [key](std::string_view ending) { return key.ends_with(ending); })) {
        return true;
    }
    // nginx's own variables are written small.
    const std::string_view text = entry.text;
    for (std::size_t at = text.find("${"); at != std::string_view::npos;
         at = text.find("${", at + 2)) {
        if (at + 2 < text.size() && text[at + 2] >= 'A' && text[at + 2] <= 'Z') return true;
    }
    return false;
}

std::string path_in(const std::string& volume, const std::string& path) {
    return absolute_path("/" + volume, path.starts_with('/') ? path.substr(1) : path);
}

}  // namespace

ConfigMapFiles::ConfigMapFiles(const KubernetesPod& pod, const Kubernetes& kubernetes,
                               const Sources& sources)
    : sources_(sources) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (const KubernetesVolume& volume : pod.volumes) {
        if (++count > max_volumes) break;
        if (volume.config_map.empty()) continue;
        const KubernetesConfigMap* map =
            kubernetes.find_config_map(volume.config_map, pod, sources);
        if (map == nullptr) continue;
        for (const ConfigMapEntry& entry : map->entries) {
            const auto item = volume.items.find(entry.key);
            if (!volume.items.empty() && item == volume.items.end()) continue;
            const std::string& path = item == volume.items.end() ? entry.key : item->second;
            bytes += entry.block.end;
            const bool is_seen = entry.block.known() && !is_template(entry) && bytes <= max_bytes;
            entries_[path_in(volume.name, path)] = is_seen ? &entry : nullptr;
        }
    }
}

ReadResult ConfigMapFiles::read(const std::string& path) const {
    const auto found = entries_.find(path);
    if (found != entries_.end()) {
        const ConfigMapEntry* entry = found->second;
        if (entry == nullptr) return {ReadStatus::outside, {}, path};
        const std::string& file = sources_.path(entry->block.source);
        return {ReadStatus::ok, entry->laid_out(sources_.text(entry->block.source)),
                file + '#' + entry->key, file};
    }
    const std::string folder = path.ends_with('/') ? path : path + '/';
    const auto below = entries_.lower_bound(folder);
    const bool is_folder = below != entries_.end() && below->first.starts_with(folder);
    return {is_folder ? ReadStatus::directory : ReadStatus::missing, {}, path};
}

std::vector<std::string> ConfigMapFiles::list(const std::string& directory) const {
    const std::string folder = directory.ends_with('/') ? directory : directory + '/';
    std::set<std::string> names;
    for (auto it = entries_.lower_bound(folder);
         it != entries_.end() && it->first.starts_with(folder); ++it) {
        const std::string_view rest = std::string_view(it->first).substr(folder.size());
        const std::size_t slash = rest.find('/');
        names.emplace(rest.substr(0, slash == std::string_view::npos ? slash : slash + 1));
    }
    return {names.begin(), names.end()};
}

bool ConfigMapFiles::has(const std::string& volume) const {
    return read(path_in(volume, "")).status == ReadStatus::directory;
}

Container bound_to(const ConfigMapFiles& files, const Container& container) {
    Container bound = container;
    for (Mount& mount : bound.mounts) {
        if (!files.has(mount.source) || is_unknown(mount.sub_path)) continue;
        mount.kind = Mount::Kind::bind;
        mount.source = path_in(mount.source, mount.sub_path);
        mount.sub_path.clear();
    }
    return bound;
}

}  // namespace gatelint
