#include "source/overlay_reader.hpp"

#include <algorithm>

#include "source/tree.hpp"

namespace gatelint {

ReadResult OverlayReader::read(const std::string& path) const {
    if (path == layer_.path) return {ReadStatus::ok, layer_.text, layer_.file};
    ReadResult result = files_.read(path);
    // Another name of the same file: sites-enabled/x leads to sites-available/x.
    if (result.status == ReadStatus::ok && result.file == layer_.file) result.text = layer_.text;
    return result;
}

std::vector<std::string> OverlayReader::list(const std::string& directory) const {
    std::vector<std::string> names = files_.list(directory);
    if (!layer_.is_listed || absolute_path("", directory_of(layer_.path)) != directory) {
        return names;
    }
    const std::string name(base_name(layer_.path));
    const auto at = std::lower_bound(names.begin(), names.end(), name);
    if (at == names.end() || *at != name) names.insert(at, name);
    return names;
}

std::shared_ptr<const Tree> OverlayReader::tree(const std::string& top) const {
    std::shared_ptr<const Tree> tree = files_.tree(top);
    const std::string folder = top.ends_with('/') ? top : top + '/';
    if (!layer_.is_listed || !layer_.path.starts_with(folder)) return tree;
    const std::vector<std::string>& files = tree->files();
    if (std::find(files.begin(), files.end(), layer_.path) != files.end()) return tree;
    Tree more = *tree;
    more.add(layer_.path);
    return std::make_shared<const Tree>(std::move(more));
}

}  // namespace gatelint
