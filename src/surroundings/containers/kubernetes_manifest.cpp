#include <algorithm>
#include <array>
#include <utility>

#include "nginx/address.hpp"
#include "source/text.hpp"
#include "source/unknown.hpp"
#include "surroundings/containers/compose.hpp"
#include "surroundings/containers/kubernetes.hpp"
#include "surroundings/formats/yaml_file.hpp"

// Manifests as `kubectl apply` takes them: several documents in a file, lists of them, and patches,
// which look like manifests and lack most of what these have.

namespace gatelint {

namespace {

/// What makes pods of a template.
constexpr std::array<std::string_view, 7> workloads = {
    "Deployment", "StatefulSet",           "DaemonSet",       "ReplicaSet",
    "Rollout",    "ReplicationController", "DeploymentConfig"};

constexpr std::array<std::string_view, 6> other_files = {"kustomization.yaml", "kustomization.yml",
                                                         "Chart.yaml",         "values.yaml",
                                                         "values.yml",         "Chart.yml"};

/// Of each kind: names are looked for among all.
constexpr std::size_t max_parts = 50'000;

/// Nobody unfolds lists in lists.
constexpr int max_lists = 3;

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Whether something else fills it in before it is a manifest: Helm, envsubst, sed.
bool is_filled_in(std::string_view text) {
    return contains(text, "{{") || contains(text, "${") || contains(text, "$(") || is_unknown(text);
}

bool is_helm_template(std::string_view text) {
    if (!contains(text, "{{")) return false;
    constexpr std::array<std::string_view, 5> marks = {".Values", ".Release", ".Chart", "{{-",
                                                       "{{ include"};
    return std::any_of(marks.begin(), marks.end(),
                       [text](std::string_view mark) { return contains(text, mark); });
}

std::optional<std::uint16_t> port_number(const YamlNode* node) {
    if (node == nullptr || !node->is_scalar()) return std::nullopt;
    return parse_port(node->text);
}

std::string text_of(const YamlNode& node, std::string_view key) {
    const YamlNode* found = node.find_scalar(key);
    return found == nullptr ? std::string() : found->text;
}

bool is_true(const YamlNode& node, std::string_view key) {
    const YamlNode* found = node.find_scalar(key);
    return found != nullptr && found->is_plain && found->text == "true";
}

/// The items of a sequence that are mappings; none where it is missing or something else.
std::vector<const YamlNode*> mappings_of(const YamlNode& node, std::string_view key) {
    std::vector<const YamlNode*> found;
    const YamlNode* list = node.find(key);
    if (list == nullptr) return found;
    for (const YamlNode& item : list->items) {
        if (item.is_mapping()) found.push_back(&item);
    }
    return found;
}

/// False where a value is not written out.
bool read_labels(const YamlNode* node, std::map<std::string, std::string>& labels) {
    bool is_whole = true;
    if (node == nullptr) return true;
    for (const YamlNode::Entry& entry : node->entries) {
        const bool is_known = entry.value.is_scalar() && !is_filled_in(entry.value.text) &&
                              !is_filled_in(entry.key.text);
        is_whole = is_whole && is_known;
        if (is_known) labels[entry.key.text] = entry.value.text;
    }
    return is_whole;
}

/// A literal block of lines in the text of its file.
class LiteralBlock {
  public:
    LiteralBlock(std::string_view text, Span key) : text_(text), key_(key), at_(key.end) {}

    /// The place of its lines, if they are what the value is.
    Span find(std::string_view value, SourceId source) {
        if (!read_header()) return {};
        const std::size_t begin = at_;
        std::string lines;
        std::size_t end = begin;
        while (at_ < text_.size()) {
            const std::size_t stop = std::min(text_.find('\n', at_), text_.size());
            std::string_view line = text_.substr(at_, stop - at_);
            if (line.ends_with('\r')) line.remove_suffix(1);
            const std::size_t indent = line.find_first_not_of(' ');
            if (indent != std::string_view::npos) {
                if (indent_ == 0 && indent > column_) indent_ = indent;
                if (indent_ == 0 || indent < indent_) break;
            }
            if (line.size() > indent_) lines += line.substr(indent_);
            lines += '\n';
            at_ = std::min(stop + 1, text_.size());
            if (indent != std::string_view::npos) end = at_;
        }
        if (without_last_lines(lines) != without_last_lines(value)) return {};
        return {source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    }

  private:
    /// `: |`, `: |-`, `: |2+ # as it is`
    bool read_header() {
        if (!skip(':') || !skip('|')) return false;
        const std::size_t line = text_.substr(0, key_.begin).rfind('\n');
        column_ = line == std::string_view::npos ? key_.begin : key_.begin - line - 1;
        for (; at_ < text_.size() && contains("+-123456789", text_.substr(at_, 1)); ++at_) {
            const char mark = text_[at_];
            if (mark != '+' && mark != '-') {
                indent_ = column_ + static_cast<std::size_t>(mark - '0');
            }
        }
        const std::size_t stop = text_.find('\n', at_);
        if (stop == std::string_view::npos) return false;
        const std::string_view rest = text_.substr(at_, stop - at_);
        const std::size_t more = rest.find_first_not_of(" \t\r");
        at_ = stop + 1;
        return more == std::string_view::npos || rest[more] == '#';
    }

    bool skip(char mark) {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        if (at_ >= text_.size() || text_[at_] != mark) return false;
        ++at_;
        return true;
    }

    static std::string_view without_last_lines(std::string_view text) {
        while (text.ends_with('\n')) text.remove_suffix(1);
        return text;
    }

    std::string_view text_;
    Span key_;
    std::size_t at_;
    std::size_t column_ = 0;
    std::size_t indent_ = 0;  ///< 0: the first line decides
};

/// Makes parts of a cluster of one file's documents.
class ManifestReader {
  public:
    ManifestReader(SourceId source, Kubernetes& kubernetes, Reading& reading)
        : source_(source), kubernetes_(kubernetes), reading_(reading) {}

    void take(const YamlNode& document, int depth = 0) {
        if (!document.is_mapping() || document.find("$patch") != nullptr) return;
        const std::string kind = text_of(document, "kind");
        const std::string version = text_of(document, "apiVersion");
        if (kind == "List" || kind == "ServiceList" || kind == "ConfigMapList") {
            for (const YamlNode* item : mappings_of(document, "items")) {
                if (depth < max_lists) take(*item, depth + 1);
            }
            return;
        }
        // Others have Services too: Knative's are something else.
        const bool is_core = version == "v1";
        const bool makes_pods = (kind == "Pod" && is_core) || is_among(kind, workloads);
        if (!makes_pods && !(is_core && (kind == "Service" || kind == "ConfigMap"))) return;
        const bool is_full = kubernetes_.services.size() >= max_parts ||
                             kubernetes_.pods.size() >= max_parts ||
                             kubernetes_.config_maps.size() >= max_parts;
        if (is_full) {
            kubernetes_.is_whole = false;
            reading_.limit(document.span,
                           "the manifests are only partly read: they have too many parts");
            return;
        }
        const std::optional<KubernetesName> name = name_of(document);
        if (!name) {
            kubernetes_.is_whole = false;
            reading_.remark(document.span, "the name of this " + kind + " is not a literal");
        } else if (kind == "Service") {
            take_service(document, *name);
        } else if (kind == "ConfigMap") {
            take_config_map(document, *name);
        } else {
            take_pod(document, kind, *name);
        }
    }

  private:
    static std::optional<KubernetesName> name_of(const YamlNode& document) {
        const YamlNode* metadata = document.find("metadata");
        if (metadata == nullptr) return std::nullopt;
        const YamlNode* name = metadata->find_scalar("name");
        if (name == nullptr || is_filled_in(name->text)) return std::nullopt;
        KubernetesName made{name->text, text_of(*metadata, "namespace"), name->span};
        if (is_filled_in(made.space)) made.space.clear();
        return made;
    }

    void take_service(const YamlNode& document, const KubernetesName& name) {
        kubernetes_.services_by_name[name.name].push_back(kubernetes_.services.size());
        KubernetesService& service = kubernetes_.services.emplace_back();
        service.name = name;
        const YamlNode* spec = document.find("spec");
        if (spec == nullptr || !spec->is_mapping()) {
            service.is_whole = false;
            return;
        }
        service.type = text_of(*spec, "type");
        if (service.type.empty()) service.type = "ClusterIP";
        const std::string address = text_of(*spec, "clusterIP");
        service.is_headless = address == "None";
        if (const YamlNode* external = spec->find_scalar("externalName")) {
            service.external_name = external->value();
        }
        service.is_whole = read_labels(spec->find("selector"), service.selector) &&
                           !is_filled_in(service.type) && !is_filled_in(address);
        for (const YamlNode* port : mappings_of(*spec, "ports")) take_port(*port, service);
        if (service.ports.empty()) service.is_whole = false;
    }

    static void take_port(const YamlNode& node, KubernetesService& service) {
        const YamlNode* number = node.find("port");
        const std::optional<std::uint16_t> port = port_number(number);
        const std::string protocol = text_of(node, "protocol");
        if (!port || is_filled_in(protocol)) {
            service.is_whole = false;
            return;
        }
        ServicePort& made = service.ports.emplace_back();
        made.name = text_of(node, "name");
        made.port = *port;
        made.span = number->span;
        made.target = *port;
        made.target_span = number->span;
        made.is_tcp = protocol.empty() || protocol == "TCP";
        const YamlNode* target = node.find_scalar("targetPort");
        if (target == nullptr) return;
        made.target_span = target->span;
        made.target = port_number(target).value_or(0);
        if (made.target == 0) made.target_name = target->text;
        if (is_filled_in(made.target_name)) service.is_whole = false;
    }

    void take_config_map(const YamlNode& document, const KubernetesName& name) {
        KubernetesConfigMap& map = kubernetes_.config_maps.emplace_back();
        map.name = name;
        const YamlNode* data = document.find("data");
        if (data == nullptr) return;
        for (const YamlNode::Entry& entry : data->entries) {
            ConfigMapEntry& made = map.entries.emplace_back();
            made.key = entry.key.text;
            made.text = entry.value.text;
            made.span = entry.key.span;
            // An alias stands elsewhere.
            if (entry.value.is_scalar() && entry.value.span.begin > entry.key.span.begin) {
                LiteralBlock block(reading_.text(source_), entry.key.span);
                made.block = block.find(made.text, source_);
            }
        }
    }

    void take_pod(const YamlNode& document, const std::string& kind, const KubernetesName& name) {
        const YamlNode* pod = &document;
        if (kind != "Pod") {
            const YamlNode* spec = document.find("spec");
            pod = spec == nullptr ? nullptr : spec->find("template");
        }
        const YamlNode* spec = pod == nullptr ? nullptr : pod->find("spec");
        if (spec == nullptr || !spec->is_mapping()) return;
        KubernetesPod& made = kubernetes_.pods.emplace_back();
        made.kind = kind;
        made.name = name;
        made.place.kind = Place::Kind::pod;
        made.place.name = "pod " + name.name;
        made.place.pod = &made;
        const YamlNode* metadata = pod->find("metadata");
        const YamlNode* labels = metadata == nullptr ? nullptr : metadata->find("labels");
        made.is_whole = labels != nullptr && read_labels(labels, made.labels);
        for (const auto& label : made.labels) {
            kubernetes_.pods_by_label[label].push_back(kubernetes_.pods.size() - 1);
        }
        made.host_network = is_true(*spec, "hostNetwork");
        const std::string policy = text_of(*spec, "dnsPolicy");
        made.uses_cluster_names =
            policy == "ClusterFirstWithHostNet" ||
            ((policy.empty() || policy == "ClusterFirst") && !made.host_network);
        for (const YamlNode* alias : mappings_of(*spec, "hostAliases")) {
            const YamlNode* names = alias->find("hostnames");
            if (names == nullptr) continue;
            for (const YamlNode& each : names->items) made.host_aliases.push_back(each.text);
        }
        made.has_init_containers = spec->find("initContainers") != nullptr;
        for (const YamlNode* container : mappings_of(*spec, "containers")) {
            take_container(*container, made);
        }
        made.is_whole = made.is_whole && !made.containers.empty();
        for (const YamlNode* volume : mappings_of(*spec, "volumes")) take_volume(*volume, made);
    }

    static void take_container(const YamlNode& node, KubernetesPod& pod) {
        KubernetesContainer& made = pod.containers.emplace_back();
        if (const YamlNode* name = node.find_scalar("name")) made.name = name->value();
        if (const YamlNode* image = node.find_scalar("image")) {
            if (!is_filled_in(image->text) && !image->text.empty()) made.image = image->value();
        } else {
            pod.is_whole = false;
        }
        made.entrypoint = command_of(node.find("command"));
        made.command = command_of(node.find("args"));
        if (const YamlNode* directory = node.find_scalar("workingDir")) {
            made.working_directory = directory->value();
        }
        made.knows_environment = node.find("envFrom") == nullptr;
        for (const YamlNode* variable : mappings_of(node, "env")) {
            const YamlNode* value = variable->find("value");
            const std::string name = text_of(*variable, "name");
            const bool is_known = value != nullptr && value->is_scalar() &&
                                  !is_filled_in(value->text) && !name.empty();
            if (is_known) {
                made.environment[name] = value->value();
            } else {
                made.environment[name] = {std::string(1, unknown_byte), variable->span};
            }
        }
        for (const YamlNode* port : mappings_of(node, "ports")) {
            const YamlNode* number = port->find("containerPort");
            const std::optional<std::uint16_t> known = port_number(number);
            if (!known) {
                pod.is_whole = false;
                continue;
            }
            const std::string protocol = text_of(*port, "protocol");
            made.ports.push_back({text_of(*port, "name"), *known,
                                  protocol.empty() || protocol == "TCP", number->span});
        }
        for (const YamlNode* mount : mappings_of(node, "volumeMounts")) {
            std::string sub_path = text_of(*mount, "subPath");
            if (mount->find("subPathExpr") != nullptr || is_filled_in(sub_path)) {
                sub_path = unknown_byte;
            }
            made.mounts.push_back({Mount::Kind::volume, text_of(*mount, "name"),
                                   text_of(*mount, "mountPath"), std::move(sub_path), false,
                                   mount->span});
        }
    }

    static std::optional<Command> command_of(const YamlNode* node) {
        if (node == nullptr || !node->is_sequence() || node->items.empty()) return std::nullopt;
        Command made;
        made.span = node->span;
        for (const YamlNode& item : node->items) {
            // `$(NAME)` is the container's environment; its quoting is not looked at.
            if (!item.is_scalar() || contains(item.text, "{{") || contains(item.text, "$(")) {
                made.is_known = false;
            }
            made.words.push_back(item.value());
        }
        return made;
    }

    static void take_volume(const YamlNode& node, KubernetesPod& pod) {
        KubernetesVolume& made = pod.volumes.emplace_back();
        made.name = text_of(node, "name");
        const YamlNode* map = node.find("configMap");
        if (map == nullptr) return;
        made.config_map = text_of(*map, "name");
        for (const YamlNode* item : mappings_of(*map, "items")) {
            made.items[text_of(*item, "key")] = text_of(*item, "path");
        }
    }

    SourceId source_;
    Kubernetes& kubernetes_;
    Reading& reading_;
};

}  // namespace

bool is_manifest_name(std::string_view name) {
    return (name.ends_with(".yaml") || name.ends_with(".yml")) && !name.starts_with('.') &&
           !is_among(name, other_files) && !is_compose_name(name);
}

bool may_be_manifest(std::string_view text) {
    return contains(text, "apiVersion:") && contains(text, "kind:");
}

void read_manifest(const std::string& path, const FileReader& files, Kubernetes& kubernetes,
                   Reading& reading) {
    const ReadResult file = files.read(path);
    if (file.status != ReadStatus::ok || reading.knows(file.file)) return;
    if (!may_be_manifest(file.text)) return;
    const std::optional<SourceId> source = reading.read(files, path);
    if (!source) {
        kubernetes.is_whole = false;
        return;
    }
    const std::string_view text = reading.text(*source);
    if (is_helm_template(text)) {
        reading.remark({*source, 0, 0}, "a Helm template, which only Helm can render");
        kubernetes.is_whole = false;
        return;
    }
    const YamlFile& yaml = reading.yaml(*source);
    if (!yaml.error.empty()) {
        reading.remark(yaml.error_span, yaml.error);
        kubernetes.is_whole = false;
    }
    ManifestReader reader(*source, kubernetes, reading);
    for (const YamlNode& document : yaml.documents) reader.take(document);
}

}  // namespace gatelint
