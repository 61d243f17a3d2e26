#pragma once

#include <optional>

#include "surroundings/containers/compose.hpp"
#include "surroundings/containers/kubernetes.hpp"
#include "surroundings/process.hpp"

namespace gatelint {

/// The process of a service that runs `command`. Its files are the service's, and not in sight yet.
Process process_of(const ComposeService& service, const Command& command);

/// The process of a pod's container, where a command is written: what an image runs by itself is
/// not in sight.
std::optional<Process> process_of(const KubernetesPod& pod, const KubernetesContainer& container);

}  // namespace gatelint
