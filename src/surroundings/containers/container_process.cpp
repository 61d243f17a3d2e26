#include "surroundings/containers/container_process.hpp"

#include "source/file_reader.hpp"

namespace gatelint {

Process process_of(const ComposeService& service, const Command& command) {
    Process process;
    process.name = service.place.name;
    process.arguments = command.words;
    process.environment = service.environment;
    for (const auto& [name, value] : command.assignments) process.environment[name] = value;
    process.knows_environment = service.knows_environment && service.is_whole;
    if (service.working_directory) {
        process.working_directory = service.working_directory->text;
    } else if (service.dockerfile) {
        process.working_directory = service.dockerfile->working_directory;
    }
    if (!command.directory.empty()) {
        process.working_directory = absolute_path(process.working_directory, command.directory);
    }
    process.place = &service.place;
    process.span = command.span;
    return process;
}

std::optional<Process> process_of(const KubernetesPod& pod, const KubernetesContainer& container) {
    const std::optional<Command> command = container.process();
    if (!container.entrypoint || !command || !command->is_known) return std::nullopt;
    Process process;
    process.name = pod.place.name;
    process.arguments = command->words;
    process.environment = container.environment;
    if (container.working_directory) process.working_directory = container.working_directory->text;
    process.place = &pod.place;
    process.span = command->span;
    return process;
}

}  // namespace gatelint
