#include "input/inputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>

#include "config/config.hpp"
#include "config/context.hpp"
#include "source/dump_reader.hpp"
#include "source/overlay_reader.hpp"
#include "source/text.hpp"
#include "source/tree.hpp"
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
constexpr std::size_t max_fragments = 50'000;
constexpr std::size_t max_siblings = 2'000;
constexpr std::size_t max_yaml_files = 50'000;

/// Longer files are not looked into when they were not named.
constexpr std::size_t max_searched = std::size_t{1} << 20U;

/// So much of a file shows what it is.
constexpr std::size_t max_read = std::size_t{1} << 16U;

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

/// Paths in the order in which one meets them who goes through folder after folder, file by file.
bool is_met_before(std::string_view a, std::string_view b) {
    const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (at == a.end() || other == b.end()) return other != b.end();
    if (*at == '/' || *other == '/') return *other != '/';
    return static_cast<unsigned char>(*at) < static_cast<unsigned char>(*other);
}

/// The configurations below a directory. A link to a directory is not followed: it leads to what is
/// met anyway, or round in circles.
class DirectorySearch {
  public:
    /// Reads a file that is not longer than so much.
    using Read = std::function<ReadResult(const std::string& path, std::size_t max_size)>;

    DirectorySearch(const Tree& tree, Read read)
        : is_whole(tree.is_whole()), read_(std::move(read)) {
        std::vector<std::string> paths = tree.files();
        std::sort(paths.begin(), paths.end(), is_met_before);
        for (const std::string& path : paths) {
            take(path);
            if (fragments.size() <= max_fragments && yaml_files_ <= max_yaml_files) continue;
            is_whole = false;
            break;
        }
    }

    std::vector<std::string> projects;
    std::vector<std::string> manifests;
    std::vector<std::string> mains;
    std::vector<std::string> fragments;
    bool is_whole;

  private:
    void take(const std::string& path) {
        const std::string_view name = base_name(path);
        if (is_compose_name(name)) {
            projects.push_back(path);
        } else if (is_manifest_name(name)) {
            ++yaml_files_;
            if (may_be_manifest(read_(path, Reading::max_size).text)) manifests.push_back(path);
        } else if (!name.starts_with('.') &&
                   (name.ends_with(".conf") ||
                    is_among(base_name(directory_of(path)), fragment_folders))) {
            take_configuration(path);
        }
    }

    void take_configuration(const std::string& path) {
        const ReadResult file = read_(path, max_searched);
        if (file.status != ReadStatus::ok) return;
        const Look look = look_at(path, file.text);
        // supervisord's and logstash's files about nginx have its name too.
        if (!look.may_be_nginx && look.context.empty()) return;
        if (look.is_main || base_name(path) == "nginx.conf") {
            mains.push_back(path);
        } else if (look.is_nginx || !look.context.empty()) {
            fragments.push_back(path);
        }
    }

    Read read_;
    std::size_t yaml_files_ = 0;
};

}  // namespace

Inputs::Inputs(InputOptions options, Sources& sources)
    : options_(std::move(options)),
      locator_(options_.root, options_.maps),
      settings_(sources, findings_),
      projects_(locator_),
      manifests_(locator_),
      library_(sources) {}

std::vector<Note> Inputs::limits() const {
    std::vector<Note> all;
    for (const std::string& limit : limits_) all.push_back({limit, {}});
    for (const std::string& limit : manifests_.limits()) all.push_back({limit, {}});
    return all;
}

void Inputs::add(const std::string& path) {
    if (path == "-" && options_.stdin_filename.empty()) return add_standard_input();
    const std::string& file = path == "-" ? options_.stdin_filename : path;
    if (path != "-" && is_directory(file)) return add_directory(file);
    add_file(file, true);
}

void Inputs::add_directory(const std::string& path) {
    const std::string main = find_main(path);
    if (!main.empty()) {
        const std::string directory = locator_.real_file(path);
        for (const std::string& project : projects_in(directory)) {
            add_services(project);
        }
        return add_file(main, false);
    }
    const std::string directory = locator_.real_file(path);
    const DirectorySearch found(locator_.disk().below(directory)->tree,
                                [this](const std::string& file, std::size_t max_size) {
                                    return read_found(file, max_size);
                                });
    const std::size_t known = targets_.size();
    for (const std::string& project : found.projects) add_services(project);
    for (const std::string& manifest : found.manifests) add_pods(manifest);
    const bool has_mains = !found.mains.empty();
    const std::vector<std::string>& files = has_mains ? found.mains : found.fragments;
    if (files.empty() && targets_.size() == known) {
        problems_.push_back(
            {fmt::format("cannot read {}: no nginx configuration found in it", path), false});
    }
    if (!found.is_whole) {
        problems_.push_back(
            {fmt::format("directory {} is too large: only a part of it was searched", path),
             false});
    }
    for (const std::string& file : files) {
        if (!projects_.are_used(locator_.real_file(file))) add_file(file, !has_mains);
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
    const std::vector<NginxService>& services = projects_.services_in(locator_.real_place(path));
    for (const NginxService& service : services) add_service(service, {});
    return !services.empty();
}

void Inputs::add_service(const NginxService& service, std::set<std::string> only) {
    const ComposeInput& project = *service.project;
    Target*& known = by_file_[project.disk_path + '\n' + service.service->name];
    if (known != nullptr) return join(*known, std::move(only));
    Target target;
    target.name = fmt::format("{} (service {})", project.disk_path, service.service->name);
    target.main = service.main;
    target.files = service.files;
    target.only = std::move(only);
    for (const auto& [variable, value] : service.service->environment) {
        if (is_unknown(value.text) || !value.span.known()) continue;
        target.load.environment.define(variable, value.text, std::string(base_name(target.name)));
    }
    target.around = &make_around(target.name, project.located.sight.area,
                                 {project.located.main, service.service->name, ""}, *project.files);
    known = &make(std::move(target), nginx_version_of(service.service->base_image()));
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
    const std::vector<const NginxPod*> pods = manifests_.pods_in(locator_.real_place(path));
    for (const NginxPod* pod : pods) {
        Target*& known = by_file_[pod->name];
        if (known != nullptr) continue;
        Target target;
        target.name = pod->name;
        target.main = pod->main;
        target.files = pod->files;
        target.around = &make_around(pod->name, pod->located->sight.area, {"", "", pod->key},
                                     *pod->surroundings);
        known = &make(std::move(target), nginx_version_of(pod->container->base_image()));
    }
    return !pods.empty();
}

/// What a service of a project above or beside it sees is judged as it sees it. Whether there is
/// one.
bool Inputs::add_to_service(const std::string& path, const std::string& file) {
    std::vector<std::string> directories = locator_.directories_above(path);
    for (std::string& directory : locator_.compose_directories_beside(path)) {
        directories.push_back(std::move(directory));
    }
    for (const std::string& directory : directories) {
        for (const std::string& project : projects_in(directory)) {
            const NginxService* service = projects_.user_of(project, file);
            if (service == nullptr) continue;
            const bool is_main = service->files->read(service->main).file == file;
            add_service(*service, is_main ? std::set<std::string>() : std::set{file});
            return true;
        }
    }
    return false;
}

void Inputs::add_main(const std::string& path) {
    const Located located = locator_.locate(path);
    if (!located.error.empty()) {
        problems_.push_back({located.error, false});
    } else {
        add_located(is_directory(path) ? find_main(path) : path, located, true, {});
    }
}

void Inputs::add_file(const std::string& path, bool takes_context) {
    const Located located = locator_.locate(path);
    const ReadResult result = reader(located).read(located.main);
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
    if (!is_alone && add_to_service(locator_.real_place(path), result.file)) return;
    if (result.status != ReadStatus::ok || look.is_main) {
        add_located(path, located, takes_context, {});
        return;
    }
    if (!has_context) {
        if (const Loaded* tree = tree_with(locator_.real_place(path), result.file)) {
            add_located(path, tree->located, false, {result.file});
            return;
        }
    }
    add_fragment(path, located, takes_context);
}

/// A fragment by itself. Its relative includes begin where those of the main file above it do,
/// though that does not load it.
void Inputs::add_fragment(const std::string& path, const Located& located, bool takes_context) {
    const std::string* main = main_above(locator_.real_place(path));
    if (main == nullptr) {
        add_located(path, located, takes_context, {});
        return;
    }
    Located fragment = locator_.locate(*main);
    const std::string directory = configuration_directory(fragment.main);
    fragment.main = fragment.sight.map.to_host(locator_.real_place(path));
    Target* target = add_located(path, fragment, takes_context, {});
    if (target != nullptr) target->load.directory = directory;
}

void Inputs::add_standard_input() {
    if (is_dump(options_.stdin_text)) return add_dump(std::string(stdin_name), options_.stdin_text);
    if (is_refused_dump(options_.stdin_text)) {
        problems_.push_back({no_dump(std::string(stdin_name)), false});
        return;
    }
    // Its place is the working directory, where its includes may lie.
    const std::string path = locator_.real_place(std::string(stdin_name));
    const Located located = locator_.locate(path);
    Host& host = this->host(located.sight);
    readers_.push_back(std::make_unique<OverlayReader>(
        *host.disk, OverlayReader::Layer{located.main, options_.stdin_text, path}));
    Target* target = add_located(std::string(stdin_name), located, true, {});
    if (target != nullptr) target->files = readers_.back().get();
}

void Inputs::add_dump(const std::string& name, std::string_view text) {
    Target*& known = by_file_[locator_.real_file(name)];
    if (known != nullptr) return;
    auto dump = std::make_unique<DumpReader>(text);
    Target target;
    target.name = name;
    target.main = dump->main();
    target.files = dump.get();
    target.around = &make_around(name, {}, {}, *dump);
    readers_.push_back(std::move(dump));
    known = &make(std::move(target), {});
}

/// Asks for more of what is judged anyway.
void Inputs::join(Target& target, std::set<std::string> only) {
    if (only.empty()) {
        target.only.clear();
    } else if (!target.only.empty()) {
        target.only.merge(only);
    }
}

/// Joins what is asked of one configuration. Null if it was known.
Target* Inputs::add_located(const std::string& name, const Located& located, bool takes_context,
                            std::set<std::string> only) {
    Target*& known = by_file_[locator_.real_file(located.sight.map.to_disk(located.main))];
    if (known != nullptr) {
        join(*known, std::move(only));
        return nullptr;
    }
    Host& host = this->host(located.sight);
    Target target;
    target.name = name;
    target.main = located.main;
    target.files = host.files;
    if (takes_context) target.load.context = options_.context;
    target.only = std::move(only);
    target.around = &around_on(host, located.sight, name);
    known = &make(std::move(target), {});
    return known;
}

/// What is told of nginx comes first on the command line, then in the settings, and last what was
/// found. Of a template's variables the command line's come before its service's, and those before
/// the `.env` files beside the configuration and at the project's top.
Target& Inputs::make(Target target, std::optional<Version> found_version) {
    const Settings& settings = settings_of(target.name);
    target.load.nginx = options_.nginx;
    if (!target.load.nginx.version) target.load.nginx.version = settings.nginx.version;
    if (!target.load.nginx.version) target.load.nginx.version = found_version;
    if (!target.load.nginx.edition) target.load.nginx.edition = settings.nginx.edition;
    target.load.data_blocks = options_.data_blocks;
    Environment environment = options_.environment;
    environment.define_all(target.load.environment);
    std::vector<std::string> folders = {std::string(directory_of(target.main))};
    const std::vector<std::string>& trees = target.around->search().area.trees;
    folders.insert(folders.end(), trees.begin(), trees.end());
    for (const std::string& folder : folders) {
        const ReadResult file = target.files->read(absolute_path(folder, ".env"));
        if (file.status == ReadStatus::ok) environment.define_all(file.text, ".env");
    }
    target.load.environment = std::move(environment);
    return targets_.emplace_back(std::move(target));
}

const Settings& Inputs::settings_of(const std::string& name) {
    return settings_.nearest(std::string(directory_of(locator_.real_place(name))));
}

Around& Inputs::make_around(const std::string& name, SearchArea area, NginxPlace place,
                            const FileReader& files) {
    const Told* told = &settings_of(name).around;
    const bool is_project = !place.compose_file.empty() || !place.pod.empty();
    Around*& first = around_projects_[{&files, told, place.compose_file, !place.pod.empty()}];
    if (is_project && first != nullptr) return arounds_.emplace_back(*first, std::move(place));
    Search search;
    search.area = std::move(area);
    search.place = std::move(place);
    search.looks = options_.discovers;
    search.told = told;
    Around& around = arounds_.emplace_back(std::move(search), files, &library_);
    first = &around;
    return around;
}

/// Around the configurations of one host are the same things, as far as its owner tells the same.
Around& Inputs::around_on(Host& host, const Sight& sight, const std::string& name) {
    Around*& around = host.arounds[&settings_of(name)];
    if (around == nullptr) around = &make_around(name, sight.area, {}, *host.files);
    return *around;
}

Inputs::Host& Inputs::host(const Sight& sight) {
    const auto [known, is_new] = hosts_.try_emplace(sight);
    Host& host = known->second;
    if (!is_new) return host;
    host.disk = locator_.open(sight);
    host.files = host.disk.get();
    if (options_.stdin_filename.empty()) return host;
    const std::string path = locator_.real_place(options_.stdin_filename);
    host.overlay = std::make_unique<OverlayReader>(
        *host.disk, OverlayReader::Layer{sight.map.to_host(path), options_.stdin_text,
                                         locator_.real_file(path), true});
    host.files = host.overlay.get();
    return host;
}

/// The tree that loads `file`, which lies at `path`; null if there is none.
const Inputs::Loaded* Inputs::tree_with(const std::string& path, const std::string& file) {
    for (const std::string& directory : locator_.directories_above(path)) {
        for (const std::string& main : mains_in(directory)) {
            const Loaded& tree = tree_of(main);
            if (tree.files.contains(file)) return &tree;
        }
    }
    return nullptr;
}

/// The nearest main configuration in a directory above; null if there is none.
const std::string* Inputs::main_above(const std::string& path) {
    for (const std::string& directory : locator_.directories_above(path)) {
        const std::vector<std::string>& mains = mains_in(directory);
        const auto found = std::find_if(mains.begin(), mains.end(), [&](const std::string& main) {
            return directory_of(main) == directory && main != path;
        });
        if (found != mains.end()) return &*found;
    }
    return nullptr;
}

const std::vector<std::string>& Inputs::projects_in(const std::string& directory) {
    const auto [known, is_new] = projects_in_.try_emplace(directory);
    if (is_new) known->second = compose_files_in(directory, locator_.disk());
    return known->second;
}

/// The main configurations in a directory, the usual one first.
const std::vector<std::string>& Inputs::mains_in(const std::string& directory) {
    const auto [known, is_new] = mains_in_.try_emplace(directory);
    std::vector<std::string>& mains = known->second;
    if (!is_new) return mains;
    const std::string usual = find_main(directory);
    if (!usual.empty()) mains.push_back(usual);
    std::size_t count = 0;
    for (const std::string& name : *locator_.disk().list(directory)) {
        std::string path = absolute_path(directory, name);
        if (!name.ends_with(".conf") || path == usual) continue;
        if (++count > max_siblings) {
            limits_.push_back(
                fmt::format("{} holds more than {} files named *.conf", directory, max_siblings));
            break;
        }
        const ReadResult file = read_found(path, max_searched);
        if (file.status == ReadStatus::ok && look_at(path, file.text).is_main) {
            mains.push_back(std::move(path));
        }
    }
    return mains;
}

/// A file that was found and not named: not if it is too long, or where a link leads out of its
/// configuration.
ReadResult Inputs::read_found(const std::string& path, std::size_t max_size) {
    std::error_code error;
    if (fs::file_size(path, error) > max_size || error) return {ReadStatus::too_large, {}, {}};
    const Located located = locator_.locate(path);
    return host(located.sight).disk->read(located.main);
}

const Inputs::Loaded& Inputs::tree_of(const std::string& main) {
    const auto [known, is_new] = trees_.try_emplace(main);
    Loaded& tree = known->second;
    if (!is_new) return tree;
    tree.located = locator_.locate(main);
    Sources sources;
    const Config config = load(tree.located.main, reader(tree.located), sources);
    for (const SyntaxTree& file : config.trees()) {
        tree.files.insert(sources.path(file.source()));
    }
    return tree;
}

}  // namespace gatelint
