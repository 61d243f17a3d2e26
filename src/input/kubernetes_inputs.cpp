#include "input/kubernetes_inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/config.hpp"
#include "surroundings/containers/nginx_image.hpp"
#include "surroundings/formats/reading.hpp"

namespace gatelint {

namespace {

/// Of one folder; taking YAML apart takes long.
constexpr std::size_t max_manifests = 50'000;
constexpr std::size_t max_bytes = std::size_t{32} * 1024 * 1024;

/// Each has a configuration to load; and so many are looked at to find them.
constexpr std::size_t max_containers = 5'000;
constexpr std::size_t max_looks = 50'000;

/// Whether a part of the configuration is there, and cannot be seen.
bool hides_main(const ConfigMapFiles& maps, const Container& container) {
    return std::any_of(container.mounts.begin(), container.mounts.end(), [&](const Mount& mount) {
        return mount.kind == Mount::Kind::bind &&
               maps.read(mount.source).status == ReadStatus::outside;
    });
}

}  // namespace

std::vector<const NginxPod*> KubernetesInputs::pods_in(const std::string& disk_path) {
    Folder& folder = folder_of(disk_path);
    const std::string file = folder.files->read(folder.located.sight.map.to_host(disk_path)).file;
    const auto found = folder.by_file.find(file);
    return found == folder.by_file.end() ? std::vector<const NginxPod*>() : found->second;
}

KubernetesInputs::Folder& KubernetesInputs::folder_of(const std::string& disk_path) {
    auto& folder = folders_[std::string(directory_of(disk_path))];
    if (folder != nullptr) return *folder;
    folder = std::make_unique<Folder>();
    folder->located = locator_.locate_project(disk_path);
    folder->files = locator_.open(folder->located.sight);
    read_manifests(*folder);
    for (const KubernetesPod& pod : folder->kubernetes.pods) add_containers(*folder, pod);
    if (folder->containers.size() >= max_containers || folder->looked_at > max_looks) {
        limits_.push_back(fmt::format("the manifests in {} have more than {} containers",
                                      directory_of(disk_path), max_containers));
    }
    return *folder;
}

void KubernetesInputs::read_manifests(Folder& folder) {
    Reading reading(folder.sources, folder.arena);
    const std::string directory(directory_of(folder.located.main));
    // What was asked for comes first, whatever else lies there.
    read_manifest(folder.located.main, *folder.files, folder.kubernetes, reading);
    std::size_t count = 0;
    std::size_t bytes = 0;
    for (const std::string& name : folder.files->list(directory)) {
        if (!is_manifest_name(name)) continue;
        const std::string path = absolute_path(directory, name);
        bytes += folder.files->read(path).text.size();
        if (++count > max_manifests || bytes > max_bytes) {
            limits_.push_back(
                fmt::format("{} holds more than {} manifests", directory, max_manifests));
            break;
        }
        read_manifest(path, *folder.files, folder.kubernetes, reading);
    }
}

void KubernetesInputs::add_containers(Folder& folder, const KubernetesPod& pod) {
    for (const KubernetesContainer& each : pod.containers) {
        if (folder.containers.size() >= max_containers || ++folder.looked_at > max_looks) return;
        Candidate made;
        made.maps = std::make_unique<ConfigMapFiles>(pod, folder.kubernetes, folder.sources);
        made.container = std::make_unique<Container>(bound_to(*made.maps, each));
        if (!runs_nginx(*made.container) || hides_main(*made.maps, *made.container)) continue;
        ContainerConfiguration configuration = container_configuration(*made.container, *made.maps);
        if (configuration.main.empty()) continue;
        Sources sources;
        const Config config = load(configuration.main, *configuration.files, sources);
        std::set<std::string> files;  // that have a part of it
        for (const SyntaxTree& tree : config.trees()) {
            const std::string& file = sources.path(tree.source());
            if (!ContainerFiles::is_of_image(file)) files.insert(file);
        }
        // The image's own configuration is not ours to judge.
        if (config.status() != ReadStatus::ok || files.empty()) continue;
        const std::string& file = folder.sources.path(pod.name.span.source);
        files.insert(file);
        const bool is_alone = pod.containers.size() == 1;
        made.pod.name =
            is_alone ? fmt::format("{} ({})", file, pod.place.name)
                     : fmt::format("{} ({}, container {})", file, pod.place.name, each.name.text);
        made.pod.key = key_of(pod, folder.sources);
        made.pod.main = configuration.main;
        made.files = std::move(configuration.files);
        made.pod.files = made.files.get();
        made.pod.located = &folder.located;
        made.pod.surroundings = folder.files.get();
        made.pod.container = made.container.get();
        folder.containers.push_back(std::move(made));
        for (const std::string& part : files) {
            folder.by_file[part].push_back(&folder.containers.back().pod);
        }
    }
}

}  // namespace gatelint
