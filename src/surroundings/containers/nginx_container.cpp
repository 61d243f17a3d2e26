#include "surroundings/containers/nginx_container.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "source/text.hpp"

namespace gatelint {

namespace {

/// Images that hold nginx and no other server. What others call nginx may hold more.
constexpr std::array<std::string_view, 6> nginx_images = {"nginx",
                                                          "nginx/nginx",
                                                          "nginx/nginx-unprivileged",
                                                          "nginxinc/nginx-unprivileged",
                                                          "bitnami/nginx",
                                                          "openresty/openresty"};

/// Where those images come from; in this order.
constexpr std::array<std::string_view, 4> registries = {"docker.io/", "public.ecr.aws/", "docker/",
                                                        "library/"};

/// Commands that become nginx, or start nothing else: the image's entrypoint ends in `exec "$@"`.
constexpr std::array<std::string_view, 4> nginx_commands = {"nginx", "nginx-debug", "openresty",
                                                            "docker-entrypoint.sh"};

/// The official image's entrypoint runs the scripts that lie here.
constexpr std::string_view entrypoint_folder = "/docker-entrypoint.d";

std::string_view last_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// An image's name without well-known registries, tag and digest.
std::string_view image_name(std::string_view image) {
    std::string_view name = image.substr(0, image.find('@'));
    const std::size_t colon = name.rfind(':');
    if (colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos) {
        name = name.substr(0, colon);
    }
    for (const std::string_view registry : registries) {
        if (name.starts_with(registry)) name.remove_prefix(registry.size());
    }
    return name;
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

std::optional<std::uint16_t> exposed_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc() || stop != end) return std::nullopt;
    return port;
}

/// Ports of `expose`: "3000", "3000/tcp" or "3000-3005".
struct ExposedPorts {
    std::optional<std::uint16_t> first;  ///< nothing: not understood
    std::optional<std::uint16_t> last;
};

ExposedPorts parse_exposed(std::string_view text) {
    constexpr std::string_view protocol = "/tcp";
    if (text.ends_with(protocol)) text.remove_suffix(protocol.size());
    const std::size_t dash = text.find('-');
    const auto first = exposed_port(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : exposed_port(text.substr(dash + 1));
    return {first, last};
}

}  // namespace

std::vector<ContainerPort> container_ports(const ComposeService& service) {
    std::vector<ContainerPort> ports;
    for (const PublishedPort& port : service.ports) {
        if (!port.is_udp) ports.push_back({port.container, &port, port.span});
    }
    for (const Value& exposed : service.exposed) {
        const ExposedPorts range = parse_exposed(exposed.text);
        const bool is_one = range.first && range.first == range.last;
        if (is_one) ports.push_back({*range.first, nullptr, exposed.span});
    }
    return ports;
}

bool may_expose(const ComposeService& service, std::uint16_t port) {
    return std::any_of(service.exposed.begin(), service.exposed.end(), [port](const Value& value) {
        if (value.text.ends_with("/udp")) return false;
        const ExposedPorts range = parse_exposed(value.text);
        return !range.first || !range.last || (*range.first <= port && port <= *range.last);
    });
}

bool starts_nginx_at_once(const Container& container) {
    if (!container.is_whole || !is_among(image_name(container.base_image()), nginx_images))
        return false;
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
