#include "surroundings/containers/compose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "nginx/text.hpp"
#include "source/unknown.hpp"
#include "surroundings/containers/compose_model.hpp"
#include "surroundings/containers/port_range.hpp"
#include "surroundings/formats/env_file.hpp"

namespace gatelint {

namespace {

/// Of all services together: ranges of ports are short to write.
constexpr std::size_t max_ports = 200'000;
constexpr std::size_t max_mounts = 50'000;
/// Of Dockerfiles and env_files that services share, each is read again for each.
constexpr std::size_t max_read_again = std::size_t{64} * 1024 * 1024;

bool is_true(const YamlNode* node) {
    return node != nullptr &&
           (equals_ignoring_case(node->text, "true") || equals_ignoring_case(node->text, "yes"));
}

/// A port as it is written, in parts.
struct PortText {
    std::string_view host_ip;
    std::string_view host;
    std::string_view container;
    std::string_view protocol;
};

/// `[[ip:]host:]container[/protocol]`, an IPv6 address in brackets.
PortText split_port(std::string_view text) {
    PortText parts;
    if (const std::size_t slash = text.rfind('/'); slash != std::string_view::npos) {
        parts.protocol = text.substr(slash + 1);
        text = text.substr(0, slash);
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        parts.container = text;
        return parts;
    }
    parts.container = text.substr(colon + 1);
    text = text.substr(0, colon);
    const std::size_t before = text.rfind(':');
    if (before == std::string_view::npos) {
        parts.host = text;
        return parts;
    }
    parts.host = text.substr(before + 1);
    parts.host_ip = text.substr(0, before);
    if (parts.host_ip.starts_with('[') && parts.host_ip.ends_with(']')) {
        parts.host_ip = parts.host_ip.substr(1, parts.host_ip.size() - 2);
    }
    return parts;
}

/// What compose makes of a directory's name (compose-go: NormalizeProjectName).
std::string project_name_of(std::string_view directory) {
    std::string name = lower_case(base_name(directory));
    const auto is_wrong = [](char byte) {
        const bool fits = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                          byte == '_' || byte == '-';
        return !fits;
    };
    name.erase(std::remove_if(name.begin(), name.end(), is_wrong), name.end());
    name.erase(0, std::min(name.find_first_not_of("_-"), name.size()));
    return name;
}

/// Makes services of what is written.
class ProjectMaker {
  public:
    ProjectMaker(ComposeModel model, const FileReader& files, Reading& reading)
        : model_(std::move(model)), files_(files), reading_(reading) {}

    std::unique_ptr<ComposeProject> made(const std::string& path) {
        project_->file = path;
        project_->directory = model_.directory;
        project_->sources = model_.sources;
        project_->is_whole = model_.is_whole;
        project_->is_first_version = model_.is_first_version;
        const auto name = model_.environment.find("COMPOSE_PROJECT_NAME");
        project_->name = name != model_.environment.end() ? name->second
                         : !model_.name.empty()           ? model_.name
                                                          : project_name_of(model_.directory);
        project_->networks["default"] = {project_->name + "_default", false, false};
        for (const auto& [key, node] : model_.networks) {
            const bool is_external = is_external_part(node);
            const bool is_named = is_external || scalar_of(node, "name") != nullptr;
            project_->networks[key] = {full_name(key, node), is_external, is_named};
        }
        for (auto& [key, written] : model_.services) {
            ComposeService& service = project_->services.emplace_back();
            service.project = project_.get();
            service.name = key;
            service.place = {Place::Kind::service, "service " + key, &service, nullptr};
            service.span = written.key.span;
            service.is_whole = written.is_whole;
            service.knows_names = written.is_whole;
            fill(service, written.node);
        }
        return std::move(project_);
    }

  private:
    static bool is_external_part(const YamlNode& node) {
        const YamlNode* external = setting_of(node, "external");
        return external != nullptr && (external->is_mapping() || is_true(external));
    }

    /// What the engine calls a network or a volume.
    std::string full_name(const std::string& key, const YamlNode& node) const {
        const YamlNode* external = setting_of(node, "external");
        const YamlNode* name = scalar_of(node, "name");
        if (name == nullptr && external != nullptr) name = scalar_of(*external, "name");
        if (name != nullptr) return name->text;
        return is_external_part(node) ? key : project_->name + '_' + key;
    }

    void fill(ComposeService& service, const YamlNode& node) {
        service.image = value_of(node, "image");
        service.container_name = value_of(node, "container_name");
        service.hostname = value_of(node, "hostname");
        service.network_mode = value_of(node, "network_mode");
        service.user = value_of(node, "user");
        service.working_directory = value_of(node, "working_dir");
        service.command = command_of(setting_of(node, "command"));
        service.entrypoint = command_of(setting_of(node, "entrypoint"));
        if (const YamlNode* build = setting_of(node, "build")) fill_build(service, *build);
        fill_environment(service, node);
        fill_exposed(service, node);
        fill_ports(service, node);
        fill_mounts(service, node);
        fill_networks(service, node);
        fill_names(service, node);
        fill_dependencies(service, node);
        fill_restart(service, node);
        fill_limits(service, node);
        if (const YamlNode* profiles = setting_of(node, "profiles")) {
            for (const YamlNode& item : profiles->items) service.profiles.push_back(item.text);
        }
        service.volumes_from = values_of(setting_of(node, "volumes_from"));
        fill_healthcheck(service, node);
    }

    static std::optional<Value> value_of(const YamlNode& node, std::string_view key) {
        const YamlNode* found = scalar_of(node, key);
        return found == nullptr ? std::nullopt : std::optional(found->value());
    }

    /// The strings of a list, each once.
    static std::vector<Value> values_of(const YamlNode* list) {
        std::vector<Value> values;
        std::set<std::string_view> known;
        if (list == nullptr) return values;
        for (const YamlNode& item : list->items) {
            if (item.is_scalar() && known.insert(item.text).second) values.push_back(item.value());
        }
        return values;
    }

    /// A string is split by compose; no shell sees it.
    std::optional<Command> command_of(const YamlNode* node) const {
        if (node == nullptr) return std::nullopt;
        if (node->is_scalar()) {
            const std::size_t at = reading_.sources().text(node->span).find(node->text);
            Span span = node->span;
            if (at != std::string_view::npos) {
                span.begin += static_cast<std::uint32_t>(at);
                span.end = span.begin + static_cast<std::uint32_t>(node->text.size());
            }
            Command made = split_command(node->text, span);
            made.span = node->span;
            return made;
        }
        Command made;
        made.span = node->span;
        for (const YamlNode& item : node->items) made.words.push_back(item.value());
        return made;
    }

    std::optional<std::string> variable(std::string_view name) const {
        const auto found = model_.environment.find(std::string(name));
        return found == model_.environment.end() ? std::nullopt : std::optional(found->second);
    }

    /// A name without a value takes that of the shell.
    Value passed_on(const YamlNode::Entry& entry) const {
        if (entry.value.is_scalar()) return entry.value.value();
        return {variable(entry.key.text).value_or(std::string(1, unknown_byte)), entry.key.span};
    }

    void fill_build(ComposeService& service, const YamlNode& build) {
        service.has_build = true;
        const YamlNode* context = scalar_of(build, "context");
        const bool is_path = context != nullptr && context->text.starts_with('/');
        if (is_path && !is_unknown(context->text)) service.build_context = context->text;
        std::map<std::string, std::string> arguments;
        if (const YamlNode* given = setting_of(build, "args")) {
            for (const YamlNode::Entry& entry : given->entries) {
                arguments[entry.key.text] = passed_on(entry).text;
            }
        }
        const YamlNode* stage = scalar_of(build, "target");
        const std::string_view target = stage == nullptr ? std::string_view() : stage->text;
        if (const YamlNode* text = scalar_of(build, "dockerfile_inline")) {
            service.dockerfile = parse_dockerfile(text->text, SourceId::none, target, arguments);
            return;
        }
        const YamlNode* name = scalar_of(build, "dockerfile");
        const std::string_view file = name == nullptr ? "Dockerfile" : std::string_view(name->text);
        const std::string path = compose_path(service.build_context, file);
        if (service.build_context.empty() || is_unknown(path)) return;
        const std::optional<SourceId> source = reading_.read(files_, path);
        if (!source || !may_read(*source)) return;
        service.dockerfile = parse_dockerfile(reading_.text(*source), *source, target, arguments);
    }

    bool may_read(SourceId source) {
        read_ += reading_.text(source).size();
        if (read_ <= max_read_again) return true;
        reading_.limit(
            {source, 0, 0},
            fmt::format("a compose project is only partly read: the files that its services share "
                        "have more than {} MiB together",
                        max_read_again >> 20U));
        return false;
    }

    void fill_environment(ComposeService& service, const YamlNode& node) {
        if (service.dockerfile) service.environment = service.dockerfile->environment;
        if (const YamlNode* list = setting_of(node, "env_file")) {
            for (const YamlNode& item : list->items) read_env_file(service, item);
        }
        const YamlNode* environment = setting_of(node, "environment");
        if (environment == nullptr) return;
        for (const YamlNode::Entry& entry : environment->entries) {
            if (entry.value.tag == "!reset") continue;
            service.environment[entry.key.text] = passed_on(entry);
        }
        const bool has_unknown =
            std::any_of(environment->entries.begin(), environment->entries.end(),
                        [](const YamlNode::Entry& entry) { return is_unknown(entry.key.text); });
        if (has_unknown) service.knows_environment = false;
    }

    void read_env_file(ComposeService& service, const YamlNode& item) {
        const YamlNode* path = item.is_mapping() ? scalar_of(item, "path") : &item;
        std::optional<SourceId> source;
        if (path != nullptr && !is_unknown(path->text)) source = reading_.read(files_, path->text);
        if (!source || !may_read(*source)) {
            service.knows_environment = false;
            return;
        }
        auto found = parse_env_file(reading_.text(*source), *source,
                                    [this](std::string_view name) { return variable(name); });
        for (auto& [name, value] : found) service.environment[name] = std::move(value);
    }

    static void fill_exposed(ComposeService& service, const YamlNode& node) {
        if (service.dockerfile) service.exposed = service.dockerfile->exposed;
        std::set<std::string> known;
        for (const Value& port : service.exposed) known.insert(port.text);
        for (Value& port : values_of(setting_of(node, "expose"))) {
            if (known.insert(port.text).second) service.exposed.push_back(std::move(port));
        }
    }

    void fill_ports(ComposeService& service, const YamlNode& node) {
        const YamlNode* ports = setting_of(node, "ports");
        if (ports == nullptr) return;
        for (const YamlNode& item : ports->items) {
            PortText parts;
            if (item.is_mapping()) {
                parts = long_port(item);
            } else {
                parts = split_port(item.text);
            }
            publish(service, parts, item.span);
        }
        // A port that several files publish is published once.
        std::set<std::pair<std::pair<std::string, unsigned>, std::pair<unsigned, bool>>> known;
        const auto is_twice = [&](const PublishedPort& port) {
            return port.is_known &&
                   !known.insert({{port.host_ip, port.host}, {port.container, port.is_udp}}).second;
        };
        service.ports.erase(std::remove_if(service.ports.begin(), service.ports.end(), is_twice),
                            service.ports.end());
    }

    static PortText long_port(const YamlNode& item) {
        const auto text = [&](std::string_view key) {
            const YamlNode* found = scalar_of(item, key);
            return found == nullptr ? std::string_view() : std::string_view(found->text);
        };
        return {text("host_ip"), text("published"), text("target"), text("protocol")};
    }

    void publish(ComposeService& service, const PortText& parts, Span span) {
        const std::optional<PortRange> container = parse_port_range(parts.container);
        if (!container || is_unknown(parts.protocol)) {
            service.is_whole = false;
            return;
        }
        const std::optional<PortRange> host = parse_port_range(parts.host);
        const bool is_known = (host && host->size() == container->size()) || parts.host.empty();
        for (unsigned i = 0; i < container->size(); ++i) {
            if (++published_ > max_ports) {
                reading_.limit(span, fmt::format("a compose project is only partly read: its "
                                                 "services publish more than {} ports",
                                                 max_ports));
                service.is_whole = false;
                return;
            }
            PublishedPort port;
            port.container = static_cast<std::uint16_t>(container->first + i);
            if (is_known && host) port.host = static_cast<std::uint16_t>(host->first + i);
            port.host_ip = parts.host_ip;
            port.is_udp = equals_ignoring_case(parts.protocol, "udp");
            port.is_known = is_known && !is_unknown(parts.host_ip);
            port.span = span;
            service.ports.push_back(std::move(port));
        }
    }

    void fill_mounts(ComposeService& service, const YamlNode& node) {
        mount_at_.clear();
        if (const YamlNode* volumes = setting_of(node, "volumes")) {
            for (const YamlNode& item : volumes->items) {
                if (item.is_mapping()) {
                    add_long_mount(service, item);
                } else {
                    add_short_mount(service, item);
                }
            }
        }
        if (const YamlNode* tmpfs = setting_of(node, "tmpfs")) {
            for (const YamlNode& item : tmpfs->items) {
                const std::string path = item.text.substr(0, item.text.find(':'));
                add_mount(service, Mount::Kind::tmpfs, "", path, item.span);
            }
        }
        add_files(service, setting_of(node, "configs"), model_.configs, "/");
        add_files(service, setting_of(node, "secrets"), model_.secrets, "/run/secrets/");
    }

    /// Of two mounts at one place the later one counts.
    Mount* add_mount(ComposeService& service, Mount::Kind kind, std::string source,
                     const std::string& target, Span span) {
        const bool is_full = service.mounts.size() >= max_mounts;
        if (is_full) {
            reading_.limit(span, fmt::format("service {} is only partly read: it has more than {} "
                                             "mounts",
                                             service.name, max_mounts));
        }
        if (is_unknown(target) || target.empty() || is_full) {
            service.is_whole = false;
            return nullptr;
        }
        Mount made{kind, std::move(source), absolute_path("/", target), "", false, span};
        const auto [known, is_new] = mount_at_.try_emplace(made.target, service.mounts.size());
        if (!is_new) return &(service.mounts[known->second] = std::move(made));
        return &service.mounts.emplace_back(std::move(made));
    }

    void add_short_mount(ComposeService& service, const YamlNode& item) {
        const std::size_t size = volume_source_size(item.text);
        if (size == std::string::npos) {
            add_mount(service, Mount::Kind::volume, "", item.text, item.span);
            return;
        }
        const std::string source = item.text.substr(0, size);
        const std::string rest = item.text.substr(size + 1);
        const std::string target = rest.substr(0, volume_source_size(rest));
        if (is_volume_path(source) || is_unknown(source)) {
            add_mount(service, Mount::Kind::bind, source, target, item.span);
        } else {
            add_volume(service, source, target, item.span);
        }
    }

    /// A volume may be a folder of the host (the driver's options `o: bind`).
    Mount* add_volume(ComposeService& service, const std::string& key, const std::string& target,
                      Span span) {
        const auto found = model_.volumes.find(key);
        if (found == model_.volumes.end()) {
            const std::string name = model_.is_first_version ? key : project_->name + '_' + key;
            return add_mount(service, Mount::Kind::volume, name, target, span);
        }
        const YamlNode* options = setting_of(found->second, "driver_opts");
        const YamlNode* device = options == nullptr ? nullptr : scalar_of(*options, "device");
        const YamlNode* kind = options == nullptr ? nullptr : scalar_of(*options, "o");
        if (device != nullptr && kind != nullptr && kind->text.find("bind") != std::string::npos) {
            return add_mount(service, Mount::Kind::bind, device->text, target, span);
        }
        return add_mount(service, Mount::Kind::volume, full_name(key, found->second), target, span);
    }

    void add_long_mount(ComposeService& service, const YamlNode& item) {
        const auto text = [](const YamlNode* node) {
            return node == nullptr ? std::string() : node->text;
        };
        const std::string kind = text(scalar_of(item, "type"));
        const std::string source = text(scalar_of(item, "source"));
        const std::string target = text(scalar_of(item, "target"));
        if (kind == "bind") {
            add_mount(service, Mount::Kind::bind, source, target, item.span);
        } else if (kind == "tmpfs") {
            add_mount(service, Mount::Kind::tmpfs, "", target, item.span);
        } else if (kind != "volume" || is_unknown(source)) {
            service.is_whole = false;
        } else if (source.empty()) {
            add_mount(service, Mount::Kind::volume, "", target, item.span);
        } else {
            Mount* mount = add_volume(service, source, target, item.span);
            const YamlNode* options = setting_of(item, "volume");
            const YamlNode* path = options == nullptr ? nullptr : scalar_of(*options, "subpath");
            if (mount != nullptr && path != nullptr) mount->source += '/' + path->text;
        }
    }

    /// `configs` and `secrets` of the host's files.
    void add_files(ComposeService& service, const YamlNode* list, const ComposeModel::Parts& parts,
                   const std::string& folder) {
        if (list == nullptr) return;
        for (const YamlNode& item : list->items) {
            const YamlNode* source = item.is_mapping() ? scalar_of(item, "source") : &item;
            const YamlNode* target = item.is_mapping() ? scalar_of(item, "target") : nullptr;
            if (source == nullptr) continue;
            const auto part = parts.find(source->text);
            const YamlNode* file = part == parts.end() ? nullptr : scalar_of(part->second, "file");
            if (file == nullptr) continue;
            const std::string& name = target == nullptr ? source->text : target->text;
            const std::string path = name.starts_with('/') ? name : folder + name;
            Mount* mount = add_mount(service, Mount::Kind::bind, file->text, path, item.span);
            if (mount != nullptr) mount->is_config = true;
        }
    }

    void fill_networks(ComposeService& service, const YamlNode& node) {
        if (service.network_mode) {
            const std::string& mode = service.network_mode->text;
            // Version 1 named a service so.
            constexpr std::string_view container = "container:";
            if (model_.is_first_version && mode.starts_with(container) &&
                model_.services.count(mode.substr(container.size())) > 0) {
                service.network_mode->text = "service:" + mode.substr(container.size());
            }
            return;
        }
        if (model_.is_first_version) {
            service.network_mode = Value{"bridge", {}};
            return;
        }
        const YamlNode* networks = setting_of(node, "networks");
        if (networks == nullptr || networks->entries.empty()) {
            service.networks.push_back({"default", {}, false, {}});
            return;
        }
        for (const YamlNode::Entry& entry : networks->entries) {
            const bool is_known = project_->networks.count(entry.key.text) > 0;
            if (!is_known) service.knows_names = service.is_whole = false;
            Attachment made{entry.key.text, {}, false, entry.key.span};
            made.aliases = values_of(setting_of(entry.value, "aliases"));
            made.has_fixed_address = setting_of(entry.value, "ipv4_address") != nullptr ||
                                     setting_of(entry.value, "ipv6_address") != nullptr;
            service.networks.push_back(std::move(made));
        }
    }

    static std::vector<ExtraName> links_of(const YamlNode* list) {
        std::vector<ExtraName> links;
        for (const Value& value : values_of(list)) {
            const std::size_t colon = value.text.find(':');
            const std::string target = value.text.substr(0, colon);
            const bool has_alias = colon != std::string::npos;
            links.push_back(
                {has_alias ? value.text.substr(colon + 1) : target, target, value.span});
        }
        return links;
    }

    static void fill_names(ComposeService& service, const YamlNode& node) {
        service.links = links_of(setting_of(node, "links"));
        service.external_links = links_of(setting_of(node, "external_links"));
        for (const Value& value : values_of(setting_of(node, "extra_hosts"))) {
            const std::size_t equals = value.text.find('=');
            const std::size_t at = equals != std::string::npos ? equals : value.text.find(':');
            if (at == std::string::npos) {
                service.knows_names = service.is_whole = false;
                continue;
            }
            std::string address = value.text.substr(at + 1);
            if (address.starts_with('[') && address.ends_with(']')) {
                address = address.substr(1, address.size() - 2);
            }
            service.extra_hosts.push_back(
                {value.text.substr(0, at), std::move(address), value.span});
        }
    }

    static void fill_dependencies(ComposeService& service, const YamlNode& node) {
        const YamlNode* dependencies = setting_of(node, "depends_on");
        if (dependencies == nullptr) return;
        for (const YamlNode::Entry& entry : dependencies->entries) {
            const YamlNode* condition = scalar_of(entry.value, "condition");
            service.depends_on.push_back(
                {entry.key.text, condition == nullptr ? "service_started" : condition->text,
                 is_true(scalar_of(entry.value, "restart")), entry.key.span});
        }
    }

    static void fill_restart(ComposeService& service, const YamlNode& node) {
        service.restart = value_of(node, "restart");
        const YamlNode* deploy = setting_of(node, "deploy");
        const YamlNode* policy =
            deploy == nullptr ? nullptr : setting_of(*deploy, "restart_policy");
        if (service.restart || policy == nullptr) return;
        const YamlNode* condition = scalar_of(*policy, "condition");
        std::string word = condition == nullptr ? "any" : condition->text;
        if (word == "any") word = "always";
        if (word == "none") word = "no";
        service.restart =
            Value{std::move(word), condition == nullptr ? policy->span : condition->span};
    }

    static void fill_limits(ComposeService& service, const YamlNode& node) {
        const YamlNode* limits = setting_of(node, "ulimits");
        const YamlNode* files = limits == nullptr ? nullptr : setting_of(*limits, "nofile");
        if (files != nullptr && files->is_mapping()) files = scalar_of(*files, "soft");
        if (files == nullptr || files->text.empty() || files->text.size() > 15) return;
        std::uint64_t value = 0;
        for (const char byte : files->text) {
            if (byte < '0' || byte > '9') return;
            value = value * 10 + static_cast<unsigned>(byte - '0');
        }
        service.descriptors = Limit{value, files->span};
    }

    static void fill_healthcheck(ComposeService& service, const YamlNode& node) {
        service.has_healthcheck = service.dockerfile && service.dockerfile->has_healthcheck;
        const YamlNode* check = setting_of(node, "healthcheck");
        if (check == nullptr) return;
        const YamlNode* test = setting_of(*check, "test");
        if (test != nullptr) service.has_healthcheck = true;
        const bool is_none =
            test != nullptr && test->items.size() == 1 && test->items.front().text == "NONE";
        if (is_none || is_true(scalar_of(*check, "disable"))) service.has_healthcheck = false;
    }

    ComposeModel model_;
    const FileReader& files_;
    Reading& reading_;
    std::size_t read_ = 0;
    std::size_t published_ = 0;
    std::unordered_map<std::string, std::size_t> mount_at_;  ///< of the service that is filled
    std::unique_ptr<ComposeProject> project_ = std::make_unique<ComposeProject>();
};

bool has_image(const ComposeService& service) {
    return service.image || service.has_build;
}

/// A file such as docker-compose.prod.yml, beside one that docker compose takes by itself, may be
/// meant to be laid over that one. Only if it has all its services does it stand for itself.
bool may_be_part(const ComposeProject& project, const FileReader& files, Reading& reading) {
    if (is_default_compose_name(base_name(project.file))) return false;
    for (const std::string_view name : default_compose_names) {
        const std::string path = absolute_path(directory_of(project.file), name);
        const std::optional<SourceId> source = reading.read(files, path);
        if (!source) continue;
        const YamlFile& file = reading.yaml(*source);
        const YamlNode* services =
            file.documents.empty() ? nullptr : file.documents.front().find("services");
        return services == nullptr ||
               std::any_of(services->entries.begin(), services->entries.end(),
                           [&](const YamlNode::Entry& entry) {
                               return project.find(entry.key.text) == nullptr;
                           });
    }
    return false;
}

/// A service without an image gets one from a file that is not in sight.
void judge(ComposeProject& project, const FileReader& files, Reading& reading) {
    if (may_be_part(project, files, reading)) project.is_whole = false;
    for (ComposeService& service : project.services) {
        if (has_image(service)) continue;
        service.knows_names = service.is_whole = false;
        project.is_whole = false;
    }
}

}  // namespace

bool is_compose_name(std::string_view name) {
    const std::string lower = lower_case(name);
    const std::string_view text = lower;
    const bool is_yaml = text.ends_with(".yml") || text.ends_with(".yaml");
    if (!is_yaml) return false;
    if (text.find("docker-compose") != std::string_view::npos) return true;
    constexpr std::string_view compose = "compose";
    return text.starts_with(compose) &&
           std::string_view(".-_").find(text[compose.size()]) != std::string_view::npos;
}

std::unique_ptr<ComposeProject> read_compose(const std::string& path, const FileReader& files,
                                             const std::map<std::string, std::string>& environment,
                                             Reading& reading) {
    std::optional<ComposeModel> model = read_compose_model(path, files, environment, reading);
    if (!model) return nullptr;
    auto project = ProjectMaker(std::move(*model), files, reading).made(path);
    judge(*project, files, reading);
    project->names = ComposeNames(project->services);
    return project;
}

const ComposeService* ComposeProject::find(std::string_view service) const {
    const auto found = std::lower_bound(
        services.begin(), services.end(), service,
        [](const ComposeService& other, std::string_view wanted) { return other.name < wanted; });
    return found != services.end() && found->name == service ? &*found : nullptr;
}

}  // namespace gatelint
