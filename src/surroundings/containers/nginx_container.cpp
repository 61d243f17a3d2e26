#include "surroundings/containers/nginx_container.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "source/text.hpp"
#include "surroundings/containers/image_name.hpp"
#include "surroundings/containers/port_range.hpp"

namespace gatelint {

namespace {

/// Images that hold nginx and no other server. What others call nginx may hold more.
constexpr std::array<std::string_view, 6> nginx_images = {"nginx",
                                                          "nginx/nginx",
                                                          "nginx/nginx-unprivileged",
                                                          "nginxinc/nginx-unprivileged",
                                                          "bitnami/nginx",
                                                          "openresty/openresty"};

/// Commands that become nginx, or start nothing else: the image's entrypoint ends in `exec "$@"`.
constexpr std::array<std::string_view, 4> nginx_commands = {"nginx", "nginx-debug", "openresty",
                                                            "docker-entrypoint.sh"};

/// The official image's entrypoint runs the scripts that lie here.
constexpr std::string_view entrypoint_folder = "/docker-entrypoint.d";

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

bool is_nginx_image(std::string_view image) {
    const ImageName name = parse_image_name(image);
    return name.is_public() && is_among(name.repository, nginx_images);
}

/// A Dockerfile over nginx's image may bring other programs along.
bool adds_programs(const Dockerfile& dockerfile) {
    constexpr std::array<std::string_view, 7> installers = {"apt", "apk ", "yum", "dnf",
                                                            "pip", "npm",  "curl"};
    return std::any_of(dockerfile.runs.begin(), dockerfile.runs.end(), [&](const Value& run) {
        return std::any_of(installers.begin(), installers.end(), [&](std::string_view installer) {
            return run.text.find(installer) != std::string::npos;
        });
    });
}

bool fills_entrypoint_folder(const Container& container) {
    const bool by_mount =
        std::any_of(container.mounts.begin(), container.mounts.end(),
                    [](const Mount& mount) { return is_within(mount.target, entrypoint_folder); });
    if (by_mount || !container.dockerfile) return by_mount;
    const auto& copies = container.dockerfile->copies;
    return std::any_of(copies.begin(), copies.end(), [](const Dockerfile::Copy& copy) {
        return is_within(copy.target, entrypoint_folder);
    });
}

bool shares_its_network(const ComposeService& service) {
    const auto& guests = service.project->names.guests();
    return std::any_of(guests.begin(), guests.end(), [&](const ComposeService* guest) {
        return guest != &service && namespace_of(*guest) == &service;
    });
}

/// Ports of `expose`: "3000", "3000/tcp" or "3000-3005"; nothing where it is not understood.
std::optional<PortRange> parse_exposed(std::string_view text) {
    constexpr std::string_view protocol = "/tcp";
    if (text.ends_with(protocol)) text.remove_suffix(protocol.size());
    return parse_port_range(text);
}

}  // namespace

std::vector<ContainerPort> container_ports(const ComposeService& service) {
    std::vector<ContainerPort> ports;
    for (const PublishedPort& port : service.ports) {
        if (!port.is_udp) ports.push_back({port.container, &port, port.span});
    }
    for (const Value& exposed : service.exposed) {
        const std::optional<PortRange> range = parse_exposed(exposed.text);
        if (range && range->size() == 1) ports.push_back({range->first, nullptr, exposed.span});
    }
    return ports;
}

bool may_expose(const ComposeService& service, std::uint16_t port) {
    return std::any_of(service.exposed.begin(), service.exposed.end(), [port](const Value& value) {
        if (value.text.ends_with("/udp")) return false;
        const std::optional<PortRange> range = parse_exposed(value.text);
        return !range || range->contains(port);
    });
}

bool starts_nginx_at_once(const Container& container) {
    if (!container.is_whole || !is_nginx_image(container.base_image())) return false;
    if (container.has_build && !container.dockerfile) return false;
    if (fills_entrypoint_folder(container)) return false;
    const std::optional<Command> process = container.process();
    if (!process) return true;
    if (!process->is_known || process->words.empty()) return false;
    return is_among(last_part(process->words.front().text), nginx_commands);
}

bool runs_only_nginx(const ComposeService& service) {
    return starts_nginx_at_once(service) && has_own_network(service) &&
           !(service.dockerfile && adds_programs(*service.dockerfile)) &&
           !shares_its_network(service);
}

bool has_own_network(const ComposeService& service) {
    return service.is_whole && !service.network_mode;
}

const ComposeService* service_named(const ComposeService& from, std::string_view name) {
    const Resolution resolution = resolve(from, name);
    if (resolution.kind != Resolution::Kind::services || resolution.services.size() != 1) {
        return nullptr;
    }
    const ComposeService* service = resolution.services.front();
    const bool apart = has_own_network(*service) && namespace_of(from) != service;
    return apart ? service : nullptr;
}

}  // namespace gatelint
