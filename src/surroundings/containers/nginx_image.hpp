#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nginx/version.hpp"
#include "surroundings/containers/container.hpp"
#include "surroundings/containers/container_files.hpp"

namespace gatelint {

/// The version of nginx that an image of nginx's own holds, by its tag; `1.24` is the branch's last
/// one. Nothing for `latest` and the like, for a branch that goes on, and for other images.
std::optional<Version> nginx_version_of(std::string_view image);

/// Whether nginx runs in the service, with a configuration that the project brings.
bool runs_nginx(const Container& container);

/// nginx's configuration in a container.
struct ContainerConfiguration {
    std::string main;  ///< path in the container; "" if nothing of it is in sight
    std::unique_ptr<ContainerFiles> files;
};

/// What nginx reads in the service: the main file is the project's or, where the project brings
/// parts only, that of the image in its effective settings. Templates that the image's entrypoint
/// fills in, and those of envsubst in the command, lie where they are written to.
ContainerConfiguration container_configuration(const Container& container,
                                               const FileReader& project);

}  // namespace gatelint
