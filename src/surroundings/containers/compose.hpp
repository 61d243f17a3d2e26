#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "surroundings/containers/container.hpp"
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
struct ComposeService : Container {
    const ComposeProject* project = nullptr;
    Place place;  ///< its network namespace, unless it shares another's
    std::string name;
    Span span;                   ///< of its key, in the file that has the image or the build
    std::vector<Value> exposed;  ///< `expose` and EXPOSE
    std::vector<PublishedPort> ports;
    std::vector<Attachment> networks;   ///< empty where there is a network_mode
    std::optional<Value> network_mode;  ///< "host", "none", "service:app", "container:x", "bridge"
    std::vector<ExtraName> links;
    std::vector<ExtraName> external_links;
    std::vector<ExtraName> extra_hosts;
    std::vector<Dependency> depends_on;
    std::optional<Value> container_name;
    std::optional<Value> hostname;
    std::optional<Value> restart;  ///< also deploy.restart_policy
    std::vector<std::string> profiles;
    bool has_healthcheck = false;
    bool knows_names = true;  ///< false: networks, aliases or links may be others too
};

/// Such lines, to be looked up by their names.
class ExtraNames {
  public:
    ExtraNames() = default;

    /// `has_targets`: what a line stands for is a name as well. The lines must stay where they are.
    ExtraNames(const std::vector<ExtraName>& lines, bool has_targets);

    /// The first line that has the name, or null.
    const ExtraName* find(std::string_view name) const;

    /// The first line that may have it, as a part of its name is unknown, or null.
    const ExtraName* find_unclear(std::string_view name) const;

  private:
    std::unordered_map<std::string, const ExtraName*> by_name_;  ///< in lower case
    std::vector<const ExtraName*> unclear_;
};

/// What a service's container knows without asking the engine.
struct OwnNames {
    ExtraNames hosts;
    ExtraNames links;  ///< the engine knows a linked service by its own name too
    ExtraNames external_links;
};

/// Who has which names in a project: made once, looked up for each name that nginx has.
class ComposeNames {
  public:
    ComposeNames() = default;
    explicit ComposeNames(const std::deque<ComposeService>& services);

    /// The services that may have the name: as theirs, as their container's or host's, as an alias,
    /// or by the engine's own way to name containers. In the project's order.
    std::vector<const ComposeService*> candidates(std::string_view name) const;

    /// The service of a `container_name`, or null.
    const ComposeService* container(std::string_view name) const;

    /// What the container of a service of the project knows by itself.
    const OwnNames& own(const ComposeService& service) const;

    /// Services that are in the network namespace of another.
    const std::vector<const ComposeService*>& guests() const { return guests_; }

    /// Whether the names of all services are known.
    bool are_known() const { return are_known_; }

  private:
    using Position = std::size_t;  ///< among the services

    void add(const ComposeService& service, Position position);
    void add_name(const std::string& name, Position position);

    const std::deque<ComposeService>* services_ = nullptr;
    std::unordered_map<std::string, std::vector<Position>> by_name_;  ///< in lower case
    std::unordered_map<std::string, const ComposeService*> by_container_;
    std::unordered_map<const ComposeService*, OwnNames> own_;  ///< of those that have any
    std::vector<Position> unclear_;                            ///< a part of some name is unknown
    std::vector<const ComposeService*> guests_;
    bool are_known_ = true;
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
    ComposeNames names;             ///< of `services`

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
