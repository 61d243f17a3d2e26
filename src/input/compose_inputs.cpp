#include "input/compose_inputs.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "config/config.hpp"
#include "surroundings/formats/reading.hpp"

namespace gatelint {

bool is_compose_file(const std::string& path, std::string_view text) {
    if (is_compose_name(base_name(path))) return true;
    if (!path.ends_with(".yml") && !path.ends_with(".yaml")) return false;
    return text.starts_with("services:") || text.find("\nservices:") != std::string_view::npos;
}

std::vector<std::string> compose_files_in(const std::string& directory, Disk& disk) {
    std::vector<std::string> files;
    for (const std::string& name : *disk.list(directory)) {
        if (is_compose_name(name)) files.push_back(absolute_path(directory, name));
    }
    // compose.yaml before compose.yml before docker-compose..., and variants after all of them.
    const auto key = [](const std::string& path) {
        const std::string_view name = base_name(path);
        return std::pair(std::count(name.begin(), name.end(), '.'), name);
    };
    std::sort(files.begin(), files.end(),
              [&](const std::string& a, const std::string& b) { return key(a) < key(b); });
    return files;
}

const std::vector<NginxService>& ComposeInputs::services_in(const std::string& disk_path) {
    return known(disk_path).services;
}

const NginxService* ComposeInputs::user_of(const std::string& disk_path, const std::string& file) {
    const Known& project = known(disk_path);
    for (std::size_t i = 0; i < project.services.size(); ++i) {
        if (project.files[i].contains(file)) return &project.services[i];
    }
    return nullptr;
}

bool ComposeInputs::are_used(const std::string& file) const {
    return std::any_of(projects_.begin(), projects_.end(), [&](const auto& project) {
        const auto& files = project.second->files;
        return std::any_of(files.begin(), files.end(),
                           [&](const std::set<std::string>& each) { return each.contains(file); });
    });
}

ComposeInputs::Known& ComposeInputs::known(const std::string& disk_path) {
    auto& place = projects_[disk_path];
    if (place != nullptr) return *place;
    place = std::make_unique<Known>();
    ComposeInput& input = place->input;
    input.disk_path = disk_path;
    input.located = locator_.locate_project(disk_path);
    input.files = locator_.open(input.located.sight);
    Reading reading(input.sources, input.arena);
    input.project = read_compose(input.located.main, *input.files, {}, reading);
    if (input.project == nullptr) return *place;
    for (const ComposeService& service : input.project->services) {
        if (!runs_nginx(service)) continue;
        ContainerConfiguration configuration = container_configuration(service, *input.files);
        if (configuration.main.empty()) continue;
        Sources sources;
        const Config config = load(configuration.main, *configuration.files, sources);
        std::set<std::string> files;
        for (const SyntaxTree& tree : config.trees()) {
            const std::string& file = sources.path(tree.source());
            if (!ContainerFiles::is_of_image(file)) files.insert(file);
        }
        // The image's own configuration is not ours to judge.
        if (files.empty()) continue;
        place->services.push_back(
            {&input, &service, configuration.main, configuration.files.get()});
        place->files.push_back(std::move(files));
        place->containers.push_back(std::move(configuration.files));
    }
    return *place;
}

}  // namespace gatelint
