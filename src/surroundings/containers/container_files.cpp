#include "surroundings/containers/container_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "source/glob.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

std::string without_slash(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

/// The name that follows `folder` in `path`, which lies below it; with '/' if more follows.
std::string next_name(std::string_view path, std::string_view folder) {
    while (folder.ends_with('/')) folder.remove_suffix(1);
    std::string_view rest = path.substr(folder.size() + 1);
    return std::string(rest.substr(
        0, rest.find('/') == std::string_view::npos ? rest.size() : rest.find('/') + 1));
}

}  // namespace

ContainerFiles::ContainerFiles(const Container& container, const FileReader& project)
    : project_(project), image_(container.base_image()) {
    if (container.dockerfile && !container.build_context.empty()) {
        copy_from_dockerfile(*container.dockerfile, container.build_context);
    }
    for (const Mount& mount : container.mounts) {
        const bool is_bind = mount.kind == Mount::Kind::bind && !is_unknown(mount.source);
        layers_.push_back({without_slash(mount.target), is_bind ? mount.source : std::string()});
    }
}

/// COPY takes a folder's content, a file to a folder's path with '/' at its end, and a file to a
/// path of its own.
void ContainerFiles::copy_from_dockerfile(const Dockerfile& dockerfile,
                                          const std::string& context) {
    for (const Dockerfile::Copy& copy : dockerfile.copies) {
        if (is_unknown(copy.target)) continue;
        if (!copy.from.empty()) {
            // Of another stage or image: it hides what was there before.
            layers_.push_back({without_slash(copy.target), ""});
            continue;
        }
        for (const std::string& source : copy.sources) {
            if (is_unknown(source) || source.find("://") != std::string::npos) continue;
            const std::string pattern = absolute_path(context, "./" + source);
            for (const std::string& path : glob(pattern, project_).paths) {
                const bool to_folder = copy.target.ends_with('/') || copy.sources.size() > 1;
                const bool is_folder = project_.read(path).status == ReadStatus::directory;
                std::string target = without_slash(copy.target);
                if (to_folder && !is_folder) {
                    target = absolute_path(target, base_name(path));
                }
                layers_.push_back({std::move(target), path});
            }
        }
    }
}

void ContainerFiles::add_alias(const std::string& path, const std::string& other) {
    const std::string source = in_project(other);
    if (!source.empty()) layers_.push_back({path, source});
}

/// The longest path wins; of one path, the later layer. A folder of the project does not hide what
/// the image has beside its files when it was copied, but it does when it is mounted: the
/// difference shows in names that the project lacks only, and is left aside.
const ContainerFiles::Layer* ContainerFiles::layer_of(std::string_view path) const {
    const Layer* best = nullptr;
    for (const Layer& layer : layers_) {
        if (!is_within(path, layer.target)) continue;
        if (best == nullptr || layer.target.size() >= best->target.size()) best = &layer;
    }
    return best;
}

std::string ContainerFiles::in_project(const std::string& path) const {
    const Layer* layer = layer_of(path);
    if (layer == nullptr || layer->source.empty()) return {};
    const std::string_view rest =
        std::string_view(path).substr(layer->target == "/" ? 0 : layer->target.size());
    return without_slash(layer->source) + std::string(rest);
}

ReadResult ContainerFiles::read(const std::string& path) const {
    const std::string in_tree = in_project(path);
    if (!in_tree.empty()) {
        ReadResult result = project_.read(in_tree);
        if (result.status != ReadStatus::missing) return result;
    } else if (layer_of(path) != nullptr) {
        return {ReadStatus::missing, {}, path};
    }
    const auto known = image_files_.find(path);
    if (known == image_files_.end()) return {ReadStatus::missing, {}, path};
    return {ReadStatus::ok, known->second, fmt::format("<image {}>{}", image_, path)};
}

std::vector<std::string> ContainerFiles::list(const std::string& directory) const {
    std::set<std::string> names;
    const std::string in_tree = in_project(directory);
    if (!in_tree.empty()) {
        for (std::string& name : project_.list(in_tree)) names.insert(std::move(name));
    }
    const bool is_hidden = in_tree.empty() && layer_of(directory) != nullptr;
    for (const auto& [path, text] : image_files_) {
        const bool is_below = path.size() > directory.size() && is_within(path, directory);
        if (!is_hidden && is_below) names.insert(next_name(path, directory));
    }
    for (const Layer& layer : layers_) {
        if (layer.target == directory || !is_within(layer.target, directory)) continue;
        if (layer.target.size() <= directory.size()) continue;
        std::string name = next_name(layer.target, directory);
        const bool is_folder =
            !name.ends_with('/') &&
            (layer.source.empty() || project_.read(layer.source).status == ReadStatus::directory);
        if (is_folder) name += '/';
        names.insert(std::move(name));
    }
    return {names.begin(), names.end()};
}

bool ContainerFiles::brings(const std::string& path) const {
    const auto is_here = [&](const Layer& layer) {
        return !layer.source.empty() && (is_within(layer.target, path));
    };
    if (std::any_of(layers_.begin(), layers_.end(), is_here)) return true;
    const std::string in_tree = in_project(path);
    if (in_tree.empty()) return false;
    const ReadStatus status = project_.read(in_tree).status;
    return status == ReadStatus::ok || status == ReadStatus::directory;
}

}  // namespace gatelint
