#include "surroundings/containers/container.hpp"

#include "nginx/address.hpp"

namespace gatelint {

namespace {

/// A folder's path as those of sockets are compared, without a slash at its end.
std::string normal_folder(std::string_view path) {
    std::string normal = normal_socket_path(path);
    while (normal.ends_with('/')) normal.pop_back();
    return normal;
}

}  // namespace

std::string_view Container::base_image() const {
    if (has_build) return dockerfile ? std::string_view(dockerfile->image.text) : "";
    return image ? std::string_view(image->text) : "";
}

std::optional<Command> Container::process() const {
    const Command* program = entrypoint ? &*entrypoint : nullptr;
    const Command* words = command ? &*command : nullptr;
    if (dockerfile && !entrypoint) {
        if (dockerfile->entrypoint) program = &*dockerfile->entrypoint;
        if (dockerfile->command && !command) words = &*dockerfile->command;
    }
    const auto is_empty = [](const Command* part) {
        return part == nullptr || (part->words.empty() && part->is_known);
    };
    if (is_empty(program)) return is_empty(words) ? std::nullopt : std::optional(*words);
    // `/bin/sh -c` makes nothing of what follows its line.
    if (program->is_shell || is_empty(words)) return *program;
    Command made = *program;
    made.words.insert(made.words.end(), words->words.begin(), words->words.end());
    made.assignments.insert(words->assignments.begin(), words->assignments.end());
    made.directory = words->directory;
    made.is_shell = words->is_shell;
    made.is_known = program->is_known && words->is_known;
    return made;
}

bool is_within(std::string_view path, std::string_view folder) {
    while (folder.ends_with('/')) folder.remove_suffix(1);
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

const Mount* mount_of(const Container& container, std::string_view path) {
    const std::string wanted = normal_socket_path(path);
    const Mount* deepest = nullptr;
    std::size_t length = 0;
    for (const Mount& mount : container.mounts) {
        const std::string target = normal_folder(mount.target);
        if (!is_within(wanted, target) || target.size() < length) continue;
        deepest = &mount;
        length = target.size();
    }
    return deepest;
}

std::optional<std::string> shared_path(const Container& container, std::string_view path) {
    const Mount* mount = mount_of(container, path);
    if (mount == nullptr || mount->kind == Mount::Kind::tmpfs || mount->source.empty()) {
        return std::nullopt;
    }
    std::string shared = mount->kind == Mount::Kind::bind ? "bind:" : "volume:";
    shared += mount->source;
    while (shared.ends_with('/')) shared.pop_back();
    return shared + normal_socket_path(path).substr(normal_folder(mount->target).size());
}

}  // namespace gatelint
