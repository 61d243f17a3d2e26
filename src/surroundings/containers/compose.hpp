#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surroundings/containers/dockerfile.hpp"
#include "surroundings/formats/reading.hpp"
#include "surroundings/formats/value.hpp"
#include "surroundings/place.hpp"

namespace gatelint {

struct ComposeProject;

/// A port of a container that is published on the host. Ranges are expanded: one each.
struct PublishedPort {
    std::uint16_t container = 0;
    std::uint16_t host = 0;  ///< 0: the engine chooses
    std::string host_ip;     ///< "" for every address
    bool is_udp = false;
    bool is_known = true;  ///< false: a variable or the engine decides the port of the host
    Span span;
};

/// A folder or a file that a container sees at another place.
struct Mount {
    enum class Kind : std::uint8_t { bind, volume, tmpfs };

    Kind kind = Kind::bind;
    std::string source;      ///< bind: absolute host path; volume: its full name, "" if anonymous;
                             ///< holds unknown_byte where a variable or a home decides
    std::string target;      ///< absolute path in the container
    bool is_config = false;  ///< a `config` or a `secret`: one file
    Span span;
};

/// A network that a service is attached to.
struct Attachment {
    std::string network;  ///< the key in `networks`, or "default"
    std::vector<Value> aliases;
    bool has_fixed_address = false;  ///< ipv4_address or ipv6_address
    Span span;                       ///< unknown for the implied default network
};

struct Dependency {
    std::string service;
    std::string condition;  ///< "service_started" if none is written
    bool restarts = false;  ///< `restart: true`
    Span span;
};

/// A line of /etc/hosts that compose adds, or a link: a name and what it stands for.
struct ExtraName {
    std::string name;
    std::string target;  ///< an address, `host-gateway`, or the service of a link
    Span span;
};

/// One service of a compose project, all files, `extends` and variables taken together.
struct ComposeService {
    const ComposeProject* project = nullptr;
    Place place;  ///< its network namespace, unless it shares another's
    std::string name;
    Span span;                   ///< of its key, in the file that has the image or the build
    std::optional<Value> image;  ///< `nginx:1.25-alpine`, variables filled in
    bool has_build = false;
    std::string build_context;             ///< host path, "" if out of sight
    std::optional<Dockerfile> dockerfile;  ///< where it is in sight
    std::optional<Command> command;        ///< over the image's
    std::optional<Command> entrypoint;
    std::map<std::string, Value> environment;  ///< ENV of the Dockerfile, env_file, environment
    bool knows_environment = true;             ///< false: an env_file is out of sight
    std::vector<Value> exposed;                ///< `expose` and EXPOSE
    std::vector<PublishedPort> ports;
    std::vector<Mount> mounts;
    std::vector<Value> volumes_from;
    std::vector<Attachment> networks;   ///< empty where there is a network_mode
    std::optional<Value> network_mode;  ///< "host", "none", "service:app", "container:x", "bridge"
    std::vector<ExtraName> links;
    std::vector<ExtraName> external_links;
    std::vector<ExtraName> extra_hosts;
    std::vector<Dependency> depends_on;
    std::optional<Value> container_name;
    std::optional<Value> hostname;
    std::optional<Value> restart;  ///< also deploy.restart_policy
    std::optional<Value> user;
    std::optional<Value> working_directory;
    std::vector<std::string> profiles;
    bool has_healthcheck = false;
    std::optional<Limit> descriptors;  ///< ulimits.nofile, soft
    bool is_whole = true;              ///< false: an `extends` or a variable leaves something open
    bool knows_names = true;           ///< false: networks, aliases or links are among that

    /// The image that runs: `image`, or what the Dockerfile is FROM where there is a build; "" if
    /// nobody knows.
    std::string_view base_image() const;

    /// The words that run: entrypoint and command, or the Dockerfile's. Nothing where the image
    /// decides.
    std::optional<Command> process() const;
};

/// A compose project: all its files taken together (compose-spec).
struct ComposeProject {
    struct Network {
        std::string name;  ///< the engine's name: `name`, or its key
        bool is_external = false;
        bool is_named = false;  ///< `name` or external: others may be on it
    };

    std::string name;       ///< begins the names of its volumes and networks
    std::string file;       ///< host path of its first file
    std::string directory;  ///< relative paths begin here
    std::vector<SourceId> sources;
    std::deque<ComposeService> services;      ///< sorted by name; they never move
    std::map<std::string, Network> networks;  ///< by key
    bool is_whole = true;  ///< false: an include, an extends or a syntax error hides services
    bool is_first_version = false;  ///< services stand at the top; names are known by links alone

    const ComposeService* find(std::string_view service) const;
};

/// Whether a file's name is one that docker compose takes by itself, or a variant of it:
/// `compose.yaml`, `docker-compose.yml`, `docker-compose.prod.yml`.
bool is_compose_name(std::string_view name);

/// Reads a project from its first file, with the override file beside it, `.env`, includes and
/// extends. Nothing where the file is no compose file. `environment` fills in variables before
/// `.env` does; other variables without a default leave unknown_byte in the text.
std::unique_ptr<ComposeProject> read_compose(const std::string& path, const FileReader& files,
                                             const std::map<std::string, std::string>& environment,
                                             Reading& reading);

/// In whose network namespace the service is: itself, or the one of `network_mode: service:x`;
/// null where that is not in the project.
const ComposeService* namespace_of(const ComposeService& service);

/// Whether `from` can resolve `name` by the engine's DNS, links or extra_hosts, and to what.
struct Resolution {
    enum class Kind : std::uint8_t {
        unknown,        ///< an external network or something out of sight may have the name
        absent,         ///< nothing has it
        services,       ///< these answer
        other_network,  ///< these have the name, but share no network with `from`
        address,        ///< a fixed address of extra_hosts
        host,           ///< the host itself (host-gateway)
    };
    Kind kind = Kind::unknown;
    std::vector<const ComposeService*> services;
    std::string address;
    Span span;  ///< of the alias, the link or the extra host, if one decides
};

Resolution resolve(const ComposeService& from, std::string_view name);

}  // namespace gatelint
