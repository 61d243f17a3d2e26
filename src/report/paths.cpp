#include "report/paths.hpp"

#include "source/file_reader.hpp"

namespace gatelint {

std::string shown_path(const Results& results, std::string_view path) {
    if (results.working_directory.empty()) return std::string(path);
    std::string absolute = absolute_path(results.working_directory, path);
    std::string below = results.working_directory;
    if (!below.ends_with('/')) below += '/';
    return absolute.starts_with(below) ? absolute.substr(below.size()) : absolute;
}

const std::string& ShownPaths::of(SourceId source) {
    std::optional<std::string>& path = paths_[static_cast<std::size_t>(source)];
    if (!path) path = shown_path(results_, results_.sources.path(source));
    return *path;
}

}  // namespace gatelint
