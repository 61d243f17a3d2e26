#include "input/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "config/config.hpp"
#include "config/context.hpp"
#include "source/dump_reader.hpp"
#include "source/overlay_reader.hpp"
#include "source/text.hpp"
#include "source/unknown.hpp"
#include "surroundings/containers/nginx_image.hpp"
#include "surroundings/formats/reading.hpp"

namespace gatelint {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view stdin_name = "<stdin>";

/// Where a dump is expected and nginx printed none.
std::string no_dump(const std::string& name) {
    return fmt::format(
        "cannot read {}: nginx rejected this configuration and dumped nothing; check the main file "
        "instead",
        name);
}

/// Against trees that are no configurations, or very large ones.
constexpr std::size_t max_names = 20'000;
constexpr int max_depth = 12;
constexpr std::size_t max_fragments = 10'000;
constexpr std::size_t max_siblings = 200;
constexpr std::size_t max_yaml_files = 1000;

/// Longer files are not looked into when they were not named.
constexpr std::size_t max_searched = std::size_t{1} << 20U;

/// So much of a file shows what it is.
constexpr std::size_t max_read = std::size_t{1} << 16U;

/// Other people's code and build results.
constexpr std::array<std::string_view, 9> skipped_names = {
    "node_modules", "vendor", ".git", ".svn", ".hg", ".venv", ".cache", "__pycache__", "target"};

constexpr std::array<std::string_view, 3> fragment_folders = {"sites-enabled", "sites-available",
                                                              "conf.d"};

/// What the beginning of a file shows of it.
struct Look {
    bool is_main = false;
    bool is_nginx = false;      ///< what it holds is nginx's language, beyond doubt
    bool may_be_nginx = false;  ///< some of its statements are nginx's, or it has none
    std::string context;        ///< what a comment says of the blocks around it, or ""
    bool context_fits = true;
};

/// Whether nginx would take the statement somewhere: other languages have some of its words.
bool is_directive(const Statement& statement) {
    const DirectiveId id = directive_id(statement.name.text);
    if (id == DirectiveId::if_ && !statement.args.empty()) {
        return statement.args.front().text.starts_with('(');
    }
    const auto forms = forms_of(id);
    return statement.is_damaged ? !forms.empty()
                                : std::any_of(forms.begin(), forms.end(), [&](const auto& form) {
                                      return form.block == statement.has_block;
                                  });
}

/// Files of many programs are called .conf: most of the directives must be nginx's.
bool is_nginx(const SyntaxTree& tree) {
    std::size_t known = 0;
    bool has_block = false;
    for (const Statement& statement : tree.statements()) {
        if (!is_directive(statement)) continue;
        if (directive_id(statement.name.text) == DirectiveId::include) continue;
        ++known;
        has_block = has_block || statement.has_block;
    }
    return known > 0 && 2 * known >= tree.statements().size() &&
           (has_block || tree.errors().empty());
}

Look look_at(const std::string& path, std::string_view text) {
    Sources sources;
    Arena arena;
    const SourceId source = sources.add(path, std::string(text.substr(0, max_read)));
    const SyntaxTree tree = parse(sources, source, arena);
    Look look;
    look.is_main = is_main_file(path, tree.statements());
    look.is_nginx = is_nginx(tree);
    look.may_be_nginx =
        tree.statements().empty() ||
        std::any_of(tree.statements().begin(), tree.statements().end(), is_directive);
    if (const auto context = written_context(tree, sources)) {
        look.context = context->text;
        look.context_fits = context->blocks.has_value();
    }
    return look;
}

std::string canonical(const std::string& path) {
    std::error_code error;
    const fs::path real = fs::weakly_canonical(path, error);
    return error ? path : real.string();
}

/// A file that was found and not named: nothing where it is none, or too long, or where a link
/// leads out of its configuration.
std::optional<Look> look_at_found(const std::string& path, const InputOptions& options) {
    std::error_code error;
    if (fs::file_size(path, error) > max_searched || error) return std::nullopt;
    const Located located = locate(path, options.root, options.maps);
    const DiskReader disk(located.map, located.complete);
    const ReadResult result = disk.read(located.main);
    if (result.status != ReadStatus::ok) return std::nullopt;
    return look_at(path, result.text);
}

/// The configurations below a directory.
struct Found {
    std::vector<std::string> projects;
    std::vector<std::string> manifests;
    std::vector<std::string> mains;
    std::vector<std::string> fragments;
    bool is_whole = true;
};

/// Goes through a directory and those below it, in the order of their names.
class Walk {
  public:
    explicit Walk(const InputOptions& options) : options_(options) {}

    Found go(const std::string& top) {
        visit(top, 0);
        return std::move(found_);
    }

  private:
    void visit(const fs::path& directory, int depth) {
        std::vector<fs::directory_entry> entries;
        std::error_code error;
        for (fs::directory_iterator it(directory, error), end; !error && it != end;
             it.increment(error)) {
            if (++names_ > max_names) break;
            entries.push_back(*it);
        }
        std::sort(entries.begin(), entries.end());
        const bool is_fragments = is_among(directory.filename().string(), fragment_folders);
        for (const fs::directory_entry& entry : entries) {
            if (names_ > max_names || found_.fragments.size() >= max_fragments) {
                found_.is_whole = false;
                return;
            }
            const std::string name = entry.path().filename().string();
            std::error_code ignored;
            if (entry.is_directory(ignored)) {
                // A link to a directory leads to what is visited anyway, or round in circles.
                const bool skipped = is_among(name, skipped_names) || entry.is_symlink(ignored);
                if (!skipped && depth < max_depth) visit(entry.path(), depth + 1);
            } else if (is_compose_name(name)) {
                found_.projects.push_back(entry.path().string());
            } else if (is_manifest_name(name)) {
                take_manifest(entry.path().string());
            } else if (!name.starts_with('.') && (name.ends_with(".conf") || is_fragments)) {
                take(entry.path().string(), name == "nginx.conf");
            }
        }
    }

    /// Many files are YAML, and few are read to see whether they are manifests.
    void take_manifest(const std::string& path) {
        std::error_code error;
        if (fs::file_size(path, error) > Reading::max_size || error) return;
        if (++yaml_files_ > max_yaml_files) return;
        const Located located = locate(path, options_.root, options_.maps);
        const DiskReader disk(located.map, located.complete);
        const ReadResult result = disk.read(located.main);
        if (may_be_manifest(result.text)) found_.manifests.push_back(path);
    }

    void take(const std::string& path, bool is_named_main) {
        const std::optional<Look> look = look_at_found(path, options_);
        // supervisord's and logstash's files about nginx have its name too.
        if (!look || (!look->may_be_nginx && look->context.empty())) return;
        if (look->is_main || is_named_main) {
            found_.mains.push_back(path);
        } else if (look->is_nginx || !look->context.empty()) {
            found_.fragments.push_back(path);
        }
    }

    const InputOptions& options_;
    Found found_;
    std::size_t names_ = 0;
    std::size_t yaml_files_ = 0;
};

}  // namespace

void Inputs::add(const std::string& path) {
    if (path == "-" && options_.stdin_filename.empty()) return add_standard_input();
    const std::string& file = path == "-" ? options_.stdin_filename : path;
    if (path != "-" && is_directory(file)) return add_directory(file);
    add_file(file, true);
}

void Inputs::add_directory(const std::string& path) {
    const std::string main = find_main(path);
    if (!main.empty()) {
        for (const std::string& project : compose_files_in(canonical(path))) add_services(project);
        return add_file(main, false);
    }
    const Found found = Walk(options_).go(canonical(path));
    const std::size_t known = all_.size();
    for (const std::string& project : found.projects) add_services(project);
    for (const std::string& manifest : found.manifests) add_pods(manifest);
    const bool has_mains = !found.mains.empty();
    const std::vector<std::string>& files = has_mains ? found.mains : found.fragments;
    if (files.empty() && all_.size() == known) {
        problems_.push_back(
            {fmt::format("cannot read {}: no nginx configuration found in it", path), false});
    }
    if (!found.is_whole) {
        problems_.push_back(
            {fmt::format("directory {} is too large: only a part of it was searched", path),
             false});
    }
    for (const std::string& file : files) {
        if (!projects_.are_used(canonical(file))) add_file(file, !has_mains);
    }
}

void Inputs::add_compose(const std::string& path) {
    if (add_services(path)) return;
    problems_.push_back({fmt::format("cannot check {}: no service in it runs nginx with a "
                                     "configuration that gatelint can find",
                                     path),
                         false});
}

/// Whether there are any.
bool Inputs::add_services(const std::string& path) {
    const std::vector<NginxService>& services = projects_.services_in(real_place(path));
    for (const NginxService& service : services) add_service(service, {});
    return !services.empty();
}

void Inputs::add_service(const NginxService& service, std::set<std::string> only) {
    Input*& known = by_file_[service.project->disk_path + '\n' + service.service->name];
    if (known != nullptr) return join(*known, std::move(only));
    const std::string name =
        fmt::format("{} (service {})", service.project->disk_path, service.service->name);
    Input& input = all_.emplace_back(Input{});
    known = &input;
    input.name = name;
    input.main = service.main;
    input.files = service.files;
    input.search_trees = service.project->located.search_trees;
    input.only = std::move(only);
    input.surroundings_name = name;
    input.surroundings = service.project->files.get();
    input.compose_file = service.project->located.main;
    input.service = service.service->name;
    input.version = nginx_version_of(service.service->base_image());
    for (const auto& [variable, value] : service.service->environment) {
        if (is_unknown(value.text) || !value.span.known()) continue;
        input.environment.define(variable, value.text, std::string(base_name(name)));
    }
}

void Inputs::add_manifest(const std::string& path) {
    if (add_pods(path)) return;
    problems_.push_back(
        {fmt::format(
             "cannot check {}: no pod in it runs nginx with a configuration that gatelint can find",
             path),
         false});
}

/// Whether there are any.
bool Inputs::add_pods(const std::string& path) {
    const std::vector<const NginxPod*> pods = manifests_.pods_in(real_place(path));
    for (const NginxPod* pod : pods) {
        Input*& known = by_file_[pod->name];
        if (known != nullptr) continue;
        Input& input = all_.emplace_back(Input{});
        known = &input;
        input.name = pod->name;
        input.main = pod->main;
        input.files = pod->files;
        input.search_trees = pod->located->search_trees;
        input.surroundings_name = pod->name;
        input.surroundings = pod->surroundings;
        input.pod = pod->key;
        input.version = nginx_version_of(pod->container->base_image());
    }
    return !pods.empty();
}

/// What a service of a project above sees is judged as it sees it. Whether there is one.
bool Inputs::add_to_service(const std::string& path, const std::string& file) {
    for (const std::string& directory : directories_above(path, options_.root)) {
        for (const std::string& project : compose_files_in(directory)) {
            const NginxService* service = projects_.user_of(project, file);
            if (service == nullptr) continue;
            const bool is_main = service->files->read(service->main).file == file;
            add_service(*service, is_main ? std::set<std::string>() : std::set{file});
            return true;
        }
    }
    return false;
}

void Inputs::add_file(const std::string& path, bool takes_context) {
    const Located located = locate(path, options_.root, options_.maps);
    const FileReader& files = reader(located);
    const ReadResult result = files.read(located.main);
    if (result.status == ReadStatus::ok && is_dump(result.text)) {
        return add_dump(path, result.text);
    }
    if (result.status == ReadStatus::ok && is_refused_dump(result.text)) {
        problems_.push_back({no_dump(path), false});
        return;
    }
    if (result.status == ReadStatus::ok && is_compose_file(path, result.text)) {
        return add_compose(path);
    }
    const bool is_manifest = is_manifest_name(base_name(path)) && may_be_manifest(result.text);
    if (result.status == ReadStatus::ok && is_manifest) return add_manifest(path);
    const Look look = look_at(located.main, result.text);
    if (!look.context_fits) {
        problems_.push_back({fmt::format("{}: unknown context '{}'; expected {}", path,
                                         look.context, context_names()),
                             true});
    }
    const bool has_context = !look.context.empty() || (options_.context && takes_context);
    const bool is_alone = result.status != ReadStatus::ok || has_context;
    if (!is_alone && add_to_service(real_place(path), result.file)) return;
    if (result.status != ReadStatus::ok || look.is_main) {
        add_located(path, located, files, takes_context, {});
        return;
    }
    if (!has_context) {
        if (const Tree* tree = tree_with(real_place(path), result.file)) {
            add_located(path, tree->located, reader(tree->located), false, {result.file});
            return;
        }
    }
    add_fragment(path, located, files, takes_context);
}

/// A fragment by itself. Its relative includes begin where those of the main file above it do,
/// though that does not load it.
void Inputs::add_fragment(const std::string& path, const Located& located, const FileReader& files,
                          bool takes_context) {
    const std::string* main = main_above(real_place(path));
    if (main == nullptr) {
        add_located(path, located, files, takes_context, {});
        return;
    }
    Located fragment = locate(*main, options_.root, options_.maps);
    const std::string directory = configuration_directory(fragment.main);
    fragment.main = fragment.map.to_host(real_place(path));
    Input* input = add_located(path, fragment, reader(fragment), takes_context, {});
    if (input != nullptr) input->directory = directory;
}

void Inputs::add_standard_input() {
    if (is_dump(options_.stdin_text)) return add_dump(std::string(stdin_name), options_.stdin_text);
    if (is_refused_dump(options_.stdin_text)) {
        problems_.push_back({no_dump(std::string(stdin_name)), false});
        return;
    }
    // Its place is the working directory, where its includes may lie.
    const std::string path = real_place(std::string(stdin_name));
    const Located located = locate(path, options_.root, options_.maps);
    readers_.push_back(std::make_unique<DiskReader>(located.map, located.complete));
    const FileReader& disk = *readers_.back();
    readers_.push_back(std::make_unique<OverlayReader>(
        disk, OverlayReader::Layer{located.main, options_.stdin_text, path}));
    add_located(std::string(stdin_name), located, *readers_.back(), true, {});
}

void Inputs::add_dump(const std::string& name, std::string_view text) {
    auto dump = std::make_unique<DumpReader>(text);
    Located located;
    located.main = dump->main();
    readers_.push_back(std::move(dump));
    Input*& known = by_file_[canonical(name)];
    if (known != nullptr) return;
    Input& input = all_.emplace_back(Input{});
    known = &input;
    input.name = name;
    input.main = located.main;
    input.files = readers_.back().get();
    input.surroundings = input.files;
    input.surroundings_name = name;
}

/// Asks for more of what is judged anyway.
void Inputs::join(Input& input, std::set<std::string> only) {
    if (only.empty()) {
        input.only.clear();
    } else if (!input.only.empty()) {
        input.only.merge(only);
    }
}

/// Joins what is asked of one configuration. Null if it was known.
Input* Inputs::add_located(const std::string& name, const Located& located, const FileReader& files,
                           bool takes_context, std::set<std::string> only) {
    Input*& known = by_file_[canonical(located.map.to_disk(located.main))];
    if (known != nullptr) {
        join(*known, std::move(only));
        return nullptr;
    }
    std::string surroundings = located.complete ? "whole" : "part";
    for (const PathMap::Entry& entry : located.map.entries) {
        surroundings += fmt::format("\n{}={}", entry.host, entry.disk);
    }
    for (const std::string& tree : located.search_trees) surroundings += '\n' + tree;
    known = &all_.emplace_back(Input{});
    known->name = name;
    known->main = located.main;
    known->files = &files;
    known->search_trees = located.search_trees;
    if (takes_context) known->context = options_.context;
    known->only = std::move(only);
    known->surroundings_name = std::move(surroundings);
    known->surroundings = &files;
    return known;
}

/// The disk, with the unsaved text laid over it.
const FileReader& Inputs::reader(const Located& located) {
    readers_.push_back(std::make_unique<DiskReader>(located.map, located.complete));
    if (options_.stdin_filename.empty()) return *readers_.back();
    const std::string path = real_place(options_.stdin_filename);
    const FileReader& disk = *readers_.back();
    readers_.push_back(std::make_unique<OverlayReader>(
        disk, OverlayReader::Layer{located.map.to_host(path), options_.stdin_text, canonical(path),
                                   true}));
    return *readers_.back();
}

/// The tree that loads `file`, which lies at `path`; null if there is none.
const Inputs::Tree* Inputs::tree_with(const std::string& path, const std::string& file) {
    for (const std::string& directory : directories_above(path, options_.root)) {
        for (const std::string& main : mains_in(directory)) {
            const Tree& tree = tree_of(main);
            if (tree.files.contains(file)) return &tree;
        }
    }
    return nullptr;
}

/// The nearest main configuration in a directory above; null if there is none.
const std::string* Inputs::main_above(const std::string& path) {
    for (const std::string& directory : directories_above(path, options_.root)) {
        const std::vector<std::string>& mains = mains_in(directory);
        const auto found = std::find_if(mains.begin(), mains.end(), [&](const std::string& main) {
            return directory_of(main) == directory && main != path;
        });
        if (found != mains.end()) return &*found;
    }
    return nullptr;
}

/// The main configurations in a directory, the usual one first.
const std::vector<std::string>& Inputs::mains_in(const std::string& directory) {
    const auto [known, is_new] = mains_in_.try_emplace(directory);
    std::vector<std::string>& mains = known->second;
    if (!is_new) return mains;
    const std::string usual = find_main(directory);
    if (!usual.empty()) mains.push_back(usual);
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        std::string name = it->path().string();
        if (name.ends_with(".conf") && name != usual) names.push_back(std::move(name));
        if (names.size() > max_siblings) break;
    }
    std::sort(names.begin(), names.end());
    std::copy_if(names.begin(), names.end(), std::back_inserter(mains),
                 [&](const std::string& name) {
                     const std::optional<Look> look = look_at_found(name, options_);
                     return look && look->is_main;
                 });
    return mains;
}

const Inputs::Tree& Inputs::tree_of(const std::string& main) {
    const auto [known, is_new] = trees_.try_emplace(main);
    Tree& tree = known->second;
    if (!is_new) return tree;
    tree.located = locate(main, options_.root, options_.maps);
    Sources sources;
    const Config config = load(tree.located.main, reader(tree.located), sources);
    for (const SyntaxTree& file : config.trees()) {
        tree.files.insert(sources.path(file.source()));
    }
    return tree;
}

}  // namespace gatelint
