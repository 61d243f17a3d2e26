#include "surroundings/containers/compose_model.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/containers/compose.hpp"
#include "surroundings/formats/env_file.hpp"
#include "surroundings/formats/interpolation.hpp"

namespace gatelint {

namespace {

constexpr int max_files = 100;
constexpr int max_include_depth = 10;
constexpr int max_extends_depth = 20;
constexpr std::size_t max_copied_nodes = 1'000'000;
constexpr std::size_t max_parsed = std::size_t{16} << 20U;

constexpr auto override_names = std::to_array<std::string_view>(
    {"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
     "docker-compose.override.yaml"});

bool defines_service(const YamlNode& node) {
    return node.is_mapping() &&
           (setting_of(node, "image") != nullptr || setting_of(node, "build") != nullptr ||
            setting_of(node, "extends") != nullptr);
}

/// Version 1 of the format had services at the top.
bool is_first_version(const YamlNode& top) {
    if (top.find("services") != nullptr) return false;
    const auto is_service = [](const YamlNode::Entry& entry) {
        return entry.key.text.starts_with("x-") || entry.value.is_mapping();
    };
    return std::all_of(top.entries.begin(), top.entries.end(), is_service) &&
           std::any_of(top.entries.begin(), top.entries.end(),
                       [](const YamlNode::Entry& entry) { return defines_service(entry.value); });
}

/// Others have `services` too, such as those of a framework; but not if a compose file names them,
/// or if they are called so.
bool is_compose(const YamlNode& top, bool is_called_so) {
    if (!top.is_mapping()) return false;
    const YamlNode* services = top.find("services");
    if (services == nullptr) {
        return is_called_so && (setting_of(top, "include") != nullptr || is_first_version(top));
    }
    if (!services->is_mapping()) return false;
    return is_called_so ||
           std::any_of(services->entries.begin(), services->entries.end(),
                       [](const YamlNode::Entry& entry) { return defines_service(entry.value); });
}

YamlNode scalar_node(std::string text, Span span) {
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = std::move(text);
    node.span = span;
    return node;
}

YamlNode* find_entry(YamlNode& node, std::string_view key) {
    const auto found =
        std::find_if(node.entries.rbegin(), node.entries.rend(),
                     [key](const YamlNode::Entry& entry) { return entry.key.text == key; });
    return found == node.entries.rend() ? nullptr : &found->value;
}

/// `[A=1, B]` as `{A: 1, B: null}`; of names alone every value is null.
void make_mapping(YamlNode& node) {
    if (!node.is_sequence()) return;
    for (YamlNode& item : node.items) {
        if (!item.is_scalar()) continue;
        const std::size_t equals = item.text.find('=');
        YamlNode value;
        value.span = item.span;
        if (equals != std::string::npos) {
            value = scalar_node(item.text.substr(equals + 1), item.span);
        }
        node.entries.push_back({{item.text.substr(0, equals), item.span}, std::move(value)});
    }
    node.items.clear();
    node.kind = YamlNode::Kind::mapping;
}

void make_sequence(YamlNode& node) {
    if (!node.is_scalar()) return;
    YamlNode list;
    list.kind = YamlNode::Kind::sequence;
    list.span = node.span;
    list.tag = std::exchange(node.tag, "");
    list.items.push_back(std::move(node));
    node = std::move(list);
}

/// `{name: address}` as `[name=address]`.
void make_host_list(YamlNode& node) {
    if (!node.is_mapping()) return;
    for (const YamlNode::Entry& entry : node.entries) {
        const auto add = [&](const YamlNode& address) {
            node.items.push_back(scalar_node(entry.key.text + '=' + address.text, address.span));
        };
        if (entry.value.is_scalar()) add(entry.value);
        std::for_each(entry.value.items.begin(), entry.value.items.end(), add);
    }
    node.entries.clear();
    node.kind = YamlNode::Kind::sequence;
}

void make_build(YamlNode& service, const std::string& directory) {
    YamlNode* build = find_entry(service, "build");
    if (build == nullptr) return;
    if (build->is_scalar()) {
        YamlNode made;
        made.kind = YamlNode::Kind::mapping;
        made.span = build->span;
        made.tag = build->tag;
        made.entries.push_back({{"context", build->span}, *build});
        *build = std::move(made);
    }
    if (!build->is_mapping()) return;
    if (YamlNode* arguments = find_entry(*build, "args")) make_mapping(*arguments);
    YamlNode* context = find_entry(*build, "context");
    if (context == nullptr) {
        build->entries.push_back({{"context", build->span}, scalar_node(".", build->span)});
        context = &build->entries.back().value;
    }
    const bool is_remote = context->text.find("://") != std::string::npos ||
                           context->text.starts_with("git@") ||
                           context->text.starts_with("github.com/");
    if (!is_remote) context->text = compose_path(directory, context->text);
    // Version 1 had it beside the build.
    const YamlNode* file = scalar_of(service, "dockerfile");
    if (file != nullptr) build->entries.push_back({{"dockerfile", file->span}, *file});
}

void make_volumes(YamlNode& volumes, const std::string& directory) {
    for (YamlNode& item : volumes.items) {
        if (item.is_scalar()) {
            const std::size_t size = volume_source_size(item.text);
            const std::string source = item.text.substr(0, size);
            if (size == std::string::npos || !is_volume_path(source)) continue;
            item.text = compose_path(directory, source) + item.text.substr(size);
        }
        const YamlNode* kind = scalar_of(item, "type");
        YamlNode* source = item.is_mapping() ? find_entry(item, "source") : nullptr;
        if (source != nullptr && source->is_scalar() && kind != nullptr && kind->text == "bind") {
            source->text = compose_path(directory, source->text);
        }
    }
}

void make_env_files(YamlNode& list, const std::string& directory) {
    make_sequence(list);
    for (YamlNode& item : list.items) {
        YamlNode* path = item.is_mapping() ? find_entry(item, "path") : &item;
        if (path != nullptr && path->is_scalar()) path->text = compose_path(directory, path->text);
    }
}

/// Gives a service one form, so that services of several files can be merged.
void make_canonical(YamlNode& service, const std::string& directory) {
    make_build(service, directory);
    for (YamlNode::Entry& entry : service.entries) {
        const std::string& key = entry.key.text;
        YamlNode& value = entry.value;
        if (key == "environment" || key == "depends_on" || key == "networks") make_mapping(value);
        if (key == "env_file") make_env_files(value, directory);
        if (key == "volumes") make_volumes(value, directory);
        if (key == "extra_hosts") make_host_list(value);
        if (key == "tmpfs" || key == "profiles") make_sequence(value);
        if (key == "net") entry.key.text = "network_mode";
    }
}

/// Paths of what stands beside the services.
void make_paths(YamlNode& part, const std::string& directory) {
    if (!part.is_mapping()) return;
    YamlNode* file = find_entry(part, "file");
    if (file != nullptr && file->is_scalar()) file->text = compose_path(directory, file->text);
    YamlNode* options = find_entry(part, "driver_opts");
    if (options == nullptr || !options->is_mapping()) return;
    YamlNode* device = find_entry(*options, "device");
    const YamlNode* kind = scalar_of(*options, "o");
    const bool binds = kind != nullptr && kind->text.find("bind") != std::string::npos;
    if (binds && device != nullptr && device->is_scalar()) {
        device->text = compose_path(directory, device->text);
    }
}

std::size_t count_nodes(const YamlNode& node) {
    std::size_t count = 1;
    for (const YamlNode& item : node.items) count += count_nodes(item);
    for (const YamlNode::Entry& entry : node.entries) count += count_nodes(entry.value);
    return count;
}

/// `over` laid over `base` (compose-go: override/merge.go).
void merge_node(YamlNode& base, const YamlNode& over, std::string_view key) {
    const bool replaces = over.tag == "!override" || key == "command" || key == "entrypoint" ||
                          key == "test" || over.kind != base.kind;
    if (over.tag == "!reset") {
        base = YamlNode();
    } else if (over.kind == YamlNode::Kind::null) {
        return;
    } else if (replaces || over.is_scalar()) {
        base = over;
    } else if (over.is_sequence()) {
        base.items.insert(base.items.end(), over.items.begin(), over.items.end());
    } else {
        std::map<std::string_view, std::size_t> known;
        for (std::size_t i = 0; i < base.entries.size(); ++i) known[base.entries[i].key.text] = i;
        std::vector<YamlNode::Entry> added;
        for (const YamlNode::Entry& entry : over.entries) {
            const auto found = known.find(entry.key.text);
            if (found == known.end()) {
                added.push_back(entry);
            } else {
                merge_node(base.entries[found->second].value, entry.value, entry.key.text);
            }
        }
        base.entries.insert(base.entries.end(), added.begin(), added.end());
    }
}

/// A path of Windows.
bool has_drive(std::string_view path) {
    return path.size() > 2 && variable_name_size(path) == 1 && path[1] == ':' &&
           (path[2] == '\\' || path[2] == '/');
}

bool has_image(const YamlNode& service) {
    return setting_of(service, "image") != nullptr || setting_of(service, "build") != nullptr;
}

void merge_service(ComposeModel::Service& base, const ComposeModel::Service& over) {
    if (has_image(over.node) && !has_image(base.node)) base.key = over.key;
    merge_node(base.node, over.node, "");
    base.is_whole = base.is_whole && over.is_whole;
}

void merge_parts(ComposeModel::Parts& base, const ComposeModel::Parts& over) {
    for (const auto& [name, node] : over) {
        const auto [known, is_new] = base.try_emplace(name, node);
        if (!is_new) merge_node(known->second, node, "");
    }
}

void merge_model(ComposeModel& base, const ComposeModel& over) {
    for (const auto& [name, service] : over.services) {
        const auto known = base.services.find(name);
        if (service.node.tag == "!reset") {
            base.services.erase(name);
        } else if (known == base.services.end()) {
            base.services.emplace(name, service);
        } else {
            merge_service(known->second, service);
        }
    }
    merge_parts(base.networks, over.networks);
    merge_parts(base.volumes, over.volumes);
    merge_parts(base.configs, over.configs);
    merge_parts(base.secrets, over.secrets);
    if (!over.name.empty()) base.name = over.name;
    for (const SourceId source : over.sources) {
        const bool knows =
            std::find(base.sources.begin(), base.sources.end(), source) != base.sources.end();
        if (!knows) base.sources.push_back(source);
    }
    base.is_first_version = base.is_first_version || over.is_first_version;
    base.is_whole = base.is_whole && over.is_whole;
}

/// What a set of files shares: where relative paths begin, and what variables mean.
struct Scope {
    std::string directory;
    std::map<std::string, std::string> environment;

    std::optional<std::string> look_up(std::string_view name) const {
        const auto found = environment.find(std::string(name));
        if (found != environment.end()) return found->second;
        // Nearly everybody runs compose where the file is; what is mounted shows whether it holds.
        return name == "PWD" ? std::optional(directory) : std::nullopt;
    }
};

/// Reads files and puts them together.
class ModelReader {
  public:
    ModelReader(const FileReader& files, Reading& reading) : files_(files), reading_(reading) {}

    std::optional<ComposeModel> read_project(
        const std::string& path, const std::map<std::string, std::string>& environment) {
        Scope scope{std::string(directory_of(path)), environment};
        if (scope.directory.empty()) scope.directory = "/";
        add_env_file(scope, beside(path, ".env"));

        std::optional<ComposeModel> model = read_files(files_of(path, scope), scope, 0);
        if (!model) return std::nullopt;
        model->directory = scope.directory;
        model->environment = std::move(scope.environment);
        return model;
    }

  private:
    /// The files that docker compose takes together, if it takes the first by itself.
    std::vector<std::string> files_of(const std::string& path, const Scope& scope) const {
        if (!is_default_compose_name(base_name(path))) return {path};
        const auto list = scope.environment.find("COMPOSE_FILE");
        if (list != scope.environment.end() && !is_unknown(list->second)) {
            std::vector<std::string> chosen = chosen_files(list->second, scope.directory);
            const bool is_among = std::find(chosen.begin(), chosen.end(), path) != chosen.end();
            return is_among ? std::move(chosen) : std::vector<std::string>{path};
        }
        for (const std::string_view name : override_names) {
            std::string other = beside(path, name);
            if (files_.read(other).status == ReadStatus::ok) return {path, std::move(other)};
        }
        return {path};
    }

    static std::string beside(const std::string& path, std::string_view name) {
        return absolute_path(directory_of(path), name);
    }

    /// `COMPOSE_FILE` of `.env` says which files docker compose takes.
    static std::vector<std::string> chosen_files(std::string_view list,
                                                 const std::string& directory) {
        std::vector<std::string> paths;
        while (!list.empty()) {
            const std::size_t end = std::min(list.find_first_of(":;"), list.size());
            if (end > 0) paths.push_back(absolute_path(directory, list.substr(0, end)));
            list.remove_prefix(std::min(end + 1, list.size()));
        }
        return paths;
    }

    /// What is known already counts more.
    void add_env_file(Scope& scope, const std::string& path) {
        const std::optional<SourceId> source = reading_.read(files_, path);
        if (!source) return;
        const auto found =
            parse_env_file(reading_.text(*source), *source,
                           [&scope](std::string_view name) { return scope.look_up(name); });
        for (const auto& [name, value] : found) scope.environment.try_emplace(name, value.text);
    }

    /// Several files of one project, later ones over earlier ones.
    std::optional<ComposeModel> read_files(const std::vector<std::string>& paths,
                                           const Scope& scope, int depth) {
        std::optional<ComposeModel> model;
        for (const std::string& path : paths) {
            const bool is_named = model || depth > 0;
            std::optional<ComposeModel> next = read_file(path, scope, depth, is_named);
            if (!next && !model) return std::nullopt;
            if (!next) {
                model->is_whole = false;
            } else if (!model) {
                model = std::move(next);
            } else {
                merge_model(*model, *next);
            }
        }
        return model;
    }

    /// The documents of a file that are of compose, variables filled in.
    struct File {
        SourceId source = SourceId::none;
        std::vector<YamlNode> documents;
        bool is_compose = false;
        bool is_whole = true;
    };

    std::optional<File> parse(const std::string& path, const Scope& scope, bool is_named) {
        if (++file_count_ > max_files) {
            reading_.limit({}, "a compose project is only partly read: it has too many files");
            return std::nullopt;
        }
        const std::optional<SourceId> source = reading_.read(files_, path);
        if (!source) return std::nullopt;
        parsed_ += reading_.text(*source).size();
        if (parsed_ > max_parsed) {
            reading_.limit({*source, 0, 0},
                           "a compose project is only partly read: its files are too long");
            return std::nullopt;
        }
        File made;
        made.source = *source;
        YamlFile yaml = reading_.yaml(*source);
        const bool is_called_so = is_named || is_compose_name(base_name(path));
        if (!yaml.error.empty()) {
            made.is_whole = false;
            made.is_compose = is_called_so;
            reading_.remark(yaml.error_span, "invalid YAML: " + yaml.error);
        }
        Interpolation interpolation(Interpolation::Escape::dollar,
                                    [&scope](std::string_view key) { return scope.look_up(key); });
        for (YamlNode& document : yaml.documents) {
            if (!is_compose(document, is_called_so)) continue;
            fill(document, interpolation);
            made.documents.push_back(std::move(document));
            made.is_compose = true;
        }
        return made;
    }

    static void fill(YamlNode& node, Interpolation& interpolation) {
        if (node.text.find('$') != std::string::npos) node.text = interpolation.fill(node.text);
        for (YamlNode& item : node.items) fill(item, interpolation);
        for (YamlNode::Entry& entry : node.entries) fill(entry.value, interpolation);
    }

    std::optional<ComposeModel> read_file(const std::string& path, const Scope& scope, int depth,
                                          bool is_named) {
        std::optional<File> file = parse(path, scope, is_named);
        if (!file || !file->is_compose) return std::nullopt;
        std::optional<ComposeModel> model;
        for (const YamlNode& document : file->documents) {
            ComposeModel next = model_of(document, scope);
            resolve_extends(next, scope);
            if (const YamlNode* include = setting_of(document, "include")) {
                next = with_included(std::move(next), *include, scope, depth);
            }
            if (model) {
                merge_model(*model, next);
            } else {
                model = std::move(next);
            }
        }
        if (!model) model.emplace();
        model->sources.insert(model->sources.begin(), file->source);
        model->is_whole = model->is_whole && file->is_whole;
        return model;
    }

    static ComposeModel model_of(const YamlNode& top, const Scope& scope) {
        ComposeModel model;
        const YamlNode* services = top.find("services");
        model.is_first_version = services == nullptr && setting_of(top, "include") == nullptr;
        if (model.is_first_version) services = &top;
        if (services != nullptr) {
            for (const YamlNode::Entry& entry : services->entries) {
                const bool is_extension = entry.key.text.starts_with("x-");
                if (is_extension || !(entry.value.is_mapping() || entry.value.tag == "!reset")) {
                    continue;
                }
                ComposeModel::Service service{entry.key, entry.value, true};
                make_canonical(service.node, scope.directory);
                model.services.insert_or_assign(entry.key.text, std::move(service));
            }
        }
        if (model.is_first_version) return model;
        if (const YamlNode* name = scalar_of(top, "name")) model.name = name->text;
        add_parts(top, "networks", scope, model.networks);
        add_parts(top, "volumes", scope, model.volumes);
        add_parts(top, "configs", scope, model.configs);
        add_parts(top, "secrets", scope, model.secrets);
        return model;
    }

    static void add_parts(const YamlNode& top, std::string_view key, const Scope& scope,
                          ComposeModel::Parts& parts) {
        const YamlNode* node = top.find(key);
        if (node == nullptr) return;
        for (const YamlNode::Entry& entry : node->entries) {
            YamlNode& part = parts[entry.key.text] = entry.value;
            make_paths(part, scope.directory);
        }
    }

    void resolve_extends(ComposeModel& model, const Scope& scope) {
        const ComposeModel written = model;
        for (auto& [name, service] : model.services) {
            if (setting_of(service.node, "extends") != nullptr) {
                service = extended(service, written, scope, 0);
            }
        }
    }

    /// A service laid over what it extends.
    ComposeModel::Service extended(const ComposeModel::Service& service, const ComposeModel& model,
                                   const Scope& scope, int depth) {
        const YamlNode* extends = setting_of(service.node, "extends");
        if (extends == nullptr) return service;
        const YamlNode* name = extends->is_scalar() ? extends : scalar_of(*extends, "service");
        const YamlNode* file = extends->is_mapping() ? scalar_of(*extends, "file") : nullptr;
        const Scope* base_scope = &scope;
        const ComposeModel* base_model = &model;
        if (file != nullptr) {
            const Extended* other = read_extended(compose_path(scope.directory, file->text), scope);
            base_model = other == nullptr ? nullptr : &other->model;
            base_scope = other == nullptr ? nullptr : &other->scope;
        }
        const ComposeModel::Service* found = nullptr;
        if (base_model != nullptr && name != nullptr) {
            const auto known = base_model->services.find(name->text);
            if (known != base_model->services.end()) found = &known->second;
        }
        ComposeModel::Service made;
        const bool is_known = found != nullptr && depth < max_extends_depth && may_copy(*found);
        if (is_known) made = extended(*found, *base_model, *base_scope, depth + 1);
        if (!is_known || !may_copy(made)) {
            reading_.remark(extends->span, "cannot read what this service extends");
            made = service;
            made.is_whole = false;
            return made;
        }
        merge_service(made, service);
        made.key = service.key;
        return made;
    }

    bool may_copy(const ComposeModel::Service& service) {
        copied_ += count_nodes(service.node);
        if (copied_ <= max_copied_nodes) return true;
        reading_.limit(service.key.span,
                       "a compose project is only partly read: it extends too many services");
        return false;
    }

    struct Extended {
        Scope scope;
        ComposeModel model;
    };

    const Extended* read_extended(const std::string& path, const Scope& scope) {
        const auto [known, is_new] = extended_.try_emplace(path);
        if (!is_new) return known->second ? &*known->second : nullptr;
        Scope own{std::string(directory_of(path)), scope.environment};
        const std::optional<File> file = parse(path, own, true);
        if (!file || file->documents.empty()) return nullptr;
        ComposeModel model = model_of(file->documents.front(), own);
        known->second = Extended{std::move(own), std::move(model)};
        return &*known->second;
    }

    /// What a file includes, with the file laid over it.
    ComposeModel with_included(ComposeModel model, const YamlNode& include, const Scope& scope,
                               int depth) {
        std::vector<const YamlNode*> items;
        for (const YamlNode& item : include.items) items.push_back(&item);
        if (!include.is_sequence()) items.push_back(&include);
        ComposeModel made;
        for (const YamlNode* item : items) {
            std::optional<ComposeModel> other;
            if (depth < max_include_depth) other = included(*item, scope, depth + 1);
            if (other) {
                other->name.clear();
                merge_model(made, *other);
            } else {
                reading_.remark(item->span, "cannot read what is included here");
                model.is_whole = false;
            }
        }
        merge_model(made, model);
        return made;
    }

    static std::vector<std::string> paths_of(const YamlNode* node, const std::string& directory) {
        std::vector<std::string> paths;
        if (node == nullptr) return paths;
        if (node->is_scalar()) paths.push_back(compose_path(directory, node->text));
        for (const YamlNode& item : node->items) {
            if (item.is_scalar()) paths.push_back(compose_path(directory, item.text));
        }
        return paths;
    }

    std::optional<ComposeModel> included(const YamlNode& item, const Scope& scope, int depth) {
        const YamlNode* path = item.is_scalar() ? &item : setting_of(item, "path");
        const std::vector<std::string> paths = paths_of(path, scope.directory);
        if (paths.empty()) return std::nullopt;
        Scope own{std::string(directory_of(paths.front())), scope.environment};
        if (const YamlNode* directory = scalar_of(item, "project_directory")) {
            own.directory = compose_path(scope.directory, directory->text);
        }
        const YamlNode* env_file = item.is_mapping() ? setting_of(item, "env_file") : nullptr;
        if (env_file == nullptr) {
            add_env_file(own, absolute_path(own.directory, ".env"));
        } else {
            for (const std::string& file : paths_of(env_file, scope.directory)) {
                add_env_file(own, file);
            }
        }
        return read_files(paths, own, depth);
    }

    const FileReader& files_;
    Reading& reading_;
    std::map<std::string, std::optional<Extended>> extended_;
    std::size_t copied_ = 0;
    std::size_t parsed_ = 0;
    int file_count_ = 0;
};

}  // namespace

std::optional<ComposeModel> read_compose_model(
    const std::string& path, const FileReader& files,
    const std::map<std::string, std::string>& environment, Reading& reading) {
    return ModelReader(files, reading).read_project(path, environment);
}

bool is_default_compose_name(std::string_view name) {
    return std::find(default_compose_names.begin(), default_compose_names.end(), name) !=
           default_compose_names.end();
}

std::string compose_path(std::string_view directory, std::string_view path) {
    if (path.starts_with('~')) return unknown_byte + std::string(path.substr(1));
    if (path.starts_with(unknown_byte) || has_drive(path)) return std::string(path);
    return absolute_path(directory, path);
}

std::size_t volume_source_size(std::string_view text) {
    return text.find(':', has_drive(text) ? 2 : 0);
}

bool is_volume_path(std::string_view source) {
    return source.starts_with('.') || source.starts_with('~') ||
           source.find_first_of("/\\") != std::string_view::npos;
}

const YamlNode* setting_of(const YamlNode& node, std::string_view key) {
    const YamlNode* found = node.find(key);
    const bool is_set =
        found != nullptr && found->kind != YamlNode::Kind::null && found->tag != "!reset";
    return is_set ? found : nullptr;
}

const YamlNode* scalar_of(const YamlNode& node, std::string_view key) {
    const YamlNode* found = setting_of(node, key);
    return found != nullptr && found->is_scalar() ? found : nullptr;
}

}  // namespace gatelint
