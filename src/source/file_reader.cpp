#include "source/file_reader.hpp"

#include <set>

#include "source/tree.hpp"

namespace gatelint {

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

std::shared_ptr<const Tree> FileReader::tree(const std::string& top) const {
    return std::make_shared<const Tree>(Tree::walk(
        absolute_path("", top), [this](const std::string& folder) { return list(folder); }));
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
    const std::string prefix = directory.ends_with('/') ? directory : directory + '/';
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
