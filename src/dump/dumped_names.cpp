#include "dump/dumped_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gatelint {

namespace {

/// The last `count` parts of a path.
std::string_view last_parts(std::string_view path, std::size_t count) {
    std::size_t at = path.size();
    for (; count > 0 && at != 0 && at != std::string_view::npos; --count) {
        at = path.rfind('/', at - 1);
    }
    return at == std::string_view::npos ? path : path.substr(std::min(at + 1, path.size()));
}

}  // namespace

std::string_view written_directory(std::string_view path) {
    const std::string_view head = path.substr(0, path.rfind('/') + 1);
    const std::size_t end = head.find_last_not_of('/');
    return end == std::string_view::npos ? head : head.substr(0, end + 1);
}

std::string written_path(std::string_view directory, std::string_view path) {
    if (directory.empty() || path.starts_with('/')) return std::string(path);
    return fmt::format("{}{}{}", directory, directory.ends_with('/') ? "" : "/", path);
}

std::string match_name(const std::string& pattern, std::string_view host_path) {
    const std::size_t magic = pattern.find_first_of("*?[");
    if (magic == std::string::npos) return pattern;
    const std::size_t slash = pattern.rfind('/', magic);
    const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
    std::size_t parts = 0;
    for (std::size_t at = begin; at < pattern.size();) {
        const std::size_t end = std::min(pattern.find('/', at), pattern.size());
        const std::string_view part = std::string_view(pattern).substr(at, end - at);
        if (part == "." || part == "..") return std::string(host_path);
        if (!part.empty()) ++parts;
        at = end + 1;
    }
    return pattern.substr(0, begin) + std::string(last_parts(host_path, parts));
}

}  // namespace gatelint
