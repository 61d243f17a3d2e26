#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "surroundings/containers/compose.hpp"

namespace gatelint {

/// A port of a container, as a compose file or a Dockerfile has it.
struct ContainerPort {
    std::uint16_t port = 0;
    const PublishedPort* published = nullptr;  ///< null where it is but exposed
    Span span;
};

/// The TCP ports that a service has for others, as `expose`, EXPOSE and the right side of `ports`
/// tell: a program is expected there, though nothing says that it listens.
std::vector<ContainerPort> container_ports(const ComposeService& service);

/// Whether `expose` or EXPOSE name the TCP port, or have something that cannot be understood.
bool may_expose(const ComposeService& service, std::uint16_t port);

/// Whether nothing but nginx runs in the container: an image of nginx, started as it is or with
/// nginx as its command, which nothing lets start another program; and no other service is in its
/// network namespace. False where that cannot be told.
bool runs_only_nginx(const ComposeService& service);

/// Whether the container is started as an image of nginx is: nothing waits for another service
/// before nginx starts.
bool starts_nginx_at_once(const Container& container);

/// Whether the service has a network namespace of its own, in networks of its project.
bool has_own_network(const ComposeService& service);

/// The one service to which a name leads from `from`, in a network namespace of its own; or null.
const ComposeService* service_named(const ComposeService& from, std::string_view name);

}  // namespace gatelint
