#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "source/tree.hpp"
#include "surroundings/containers/container_files.hpp"
#include "surroundings/containers/container_process.hpp"
#include "surroundings/containers/nginx_image.hpp"
#include "surroundings/containers/php_image.hpp"
#include "surroundings/host/tmpfiles.hpp"
#include "surroundings/process.hpp"
#include "surroundings/programs/listening.hpp"
#include "surroundings/programs/php_fpm_search.hpp"
#include "surroundings/programs/service_managers.hpp"
#include "surroundings/programs/settings_files.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

namespace {

/// Projects that are read.
constexpr std::size_t max_projects = 500;

/// More is no host that anybody has.
constexpr std::size_t max_listeners = 50'000;

/// Files of YAML that are looked into, and what of them is taken apart: that takes long.
constexpr std::size_t max_yaml_files = 50'000;
constexpr std::size_t max_yaml_bytes = std::size_t{64} << 20U;
constexpr std::size_t max_manifest_bytes = std::size_t{8} << 20U;

bool is_conf(std::string_view name) {
    return name.ends_with(".conf");
}

bool may_be_tmpfiles(std::string_view name) {
    return is_conf(name) || is_tmpfiles_name(name);
}

bool is_drop_in(std::string_view path) {
    return directory_of(path).ends_with(".service.d");
}

bool is_unit(std::string_view name) {
    return name.ends_with(".service") || name.ends_with(".socket");
}

}  // namespace

/// Goes through what lies around nginx, kind by kind, and puts it together.
class Discovery {
  public:
    Discovery(const Search& search, const FileReader& files, Library& library, Vicinity& found)
        : search_(search),
          told_(search.told == nullptr ? untold_ : *search.told),
          looks_(search.looks && told_.discovers),
          files_(files),
          found_(found),
          reading_(library, *found.arena_),
          php_fpm_(files, reading_, found.accounts_) {}

    void run() {
        found_.sees_whole_host_ = files_.complete();
        found_.is_complete_ = told_.is_complete;
        if (!search_.place.compose_file.empty()) {
            add_project(search_.place.compose_file);
        }
        read_manifests();
        if (looks_) look();
        add_described();
        found_.remarks_ = reading_.remarks();
        found_.limits_reached_ = reading_.limits_reached();
    }

  private:
    void look() {
        found_.accounts_ = Accounts::read(files_);
        found_.template_fillers_ = find_template_fillers(search_.area, files_, reading_.sources());
        if (!found_.template_fillers_.is_whole) {
            reading_.limit({}, "not all scripts are read that may fill in templates");
        }
        for (const KubernetesPod& pod : found_.kubernetes_->pods) read_pod(pod);
        if (found_.sees_whole_host_) {
            read_host();
            php_fpm_.search_system();
        }
        read_services();
        for (const std::string& tree : search_.area.trees) {
            if (!files_.tree(tree)->is_whole()) {
                reading_.limit({}, fmt::format("{} holds more files than are looked at", tree));
            }
            if (look_in(tree)) break;
        }
        read_units();
        read_boot_folders();
        for (const PhpFpm& master : php_fpm_.masters()) take(master);
        const bool may_be_contained = std::any_of(
            found_.compose_projects_.begin(), found_.compose_projects_.end(),
            [](const auto& project) {
                return std::any_of(project->services.begin(), project->services.end(), runs_nginx);
            });
        found_.host_runs_nginx_ = found_.sees_whole_host_ && !may_be_contained;
    }

    /// The project's files of a kind in a tree. Those that it shares with other projects lie above
    /// the widest.
    const std::vector<std::string>& files_in(const std::string& tree, Library::Kind kind) {
        const SearchArea& area = search_.area;
        const std::vector<std::string>& all = reading_.files_below(tree, files_, kind);
        const bool is_widest = tree == area.trees.back();
        if (area.others.empty() && (area.shared.empty() || !is_widest)) return all;
        const auto [known, is_new] = own_files_.try_emplace({tree, kind.is_name, kind.is_path});
        std::vector<std::string>& own = known->second;
        if (!is_new) return own;
        std::copy_if(all.begin(), all.end(), std::back_inserter(own),
                     [&](const std::string& path) { return area.has(path); });
        for (const std::string& folder : area.shared) {
            for (const std::string& name : files_.list(folder)) {
                std::string path = absolute_path(folder, name);
                const bool is_of_kind =
                    kind.is_name(name) && (kind.is_path == nullptr || kind.is_path(path));
                if (is_widest && is_of_kind) own.push_back(std::move(path));
            }
        }
        return own;
    }

    /// Whether anything was found that may be nginx's other side.
    bool look_in(const std::string& tree) {
        bool found = false;
        if (search_.place.compose_file.empty()) {
            for (const std::string& path : files_in(tree, {is_compose_name})) {
                found = add_project(path) || found;
            }
        }
        read_services();
        for (const std::string& path : files_in(tree, {is_unit})) {
            add_unit(path);
            found = true;
        }
        found = php_fpm_.search_tree(files_in(tree, {is_conf})) || found;
        for (const std::string& path : files_in(tree, {is_settings_name})) {
            found = read_own_file(path) || found;
        }
        return found;
    }

    /// Whether it is one, and was not known.
    bool add_project(const std::string& path) {
        if (found_.compose_projects_.size() >= max_projects) {
            reading_.limit({},
                           fmt::format("more than {} compose projects were found", max_projects));
            return false;
        }
        const std::string file = files_.read(path).file;
        if (!known_projects_.insert(file).second) return false;
        auto project = read_compose(path, files_, {}, reading_);
        if (project == nullptr) return false;
        found_.compose_projects_.push_back(std::move(project));
        return true;
    }

    /// Those of the projects that were added; before files that nobody is known to use.
    void read_services() {
        for (; services_read_ < found_.compose_projects_.size(); ++services_read_) {
            for (const ComposeService& service :
                 found_.compose_projects_[services_read_]->services) {
                read_service(service);
            }
        }
    }

    void read_manifests() {
        if (!looks_ && search_.place.pod.empty()) return;
        Kubernetes& kubernetes = *found_.kubernetes_;
        std::size_t count = 0;
        std::size_t bytes = 0;
        std::size_t manifest_bytes = 0;
        for (const std::string& tree : search_.area.trees) {
            for (const std::string& path : files_in(tree, {is_manifest_name})) {
                if (++count > max_yaml_files || bytes > max_yaml_bytes ||
                    manifest_bytes > max_manifest_bytes) {
                    kubernetes.is_whole = false;
                    reading_.limit({}, "some manifests are not read, because there are too many");
                    break;
                }
                const ReadResult file = files_.read(path);
                bytes += file.text.size();
                if (!may_be_manifest(file.text)) continue;
                manifest_bytes += file.text.size();
                read_manifest(path, files_, kubernetes, reading_);
            }
        }
    }

    void read_pod(const KubernetesPod& pod) {
        for (const KubernetesContainer& container : pod.containers) {
            const std::optional<Process> process = process_of(pod, container);
            if (!process) continue;
            // php-fpm's files are the image's.
            const std::string_view program = base_name(process->arguments.front().text);
            if (!program.starts_with("php-fpm")) take_of_pod(listen(*process, reading_));
        }
    }

    void take_of_pod(Listening listening) {
        for (Listener& listener : listening.listeners) {
            add(std::move(listener));
        }
    }

    void read_service(const ComposeService& service) {
        ContainerFiles& files =
            *containers_.emplace_back(std::make_unique<ContainerFiles>(service, files_));
        const auto image_files = php_image_files(service.base_image());
        for (const auto& [path, text] : image_files) files.add_image_file(path, text);
        std::optional<Command> command = service.process();
        // Without a command of the user's, an image of php-fpm runs php-fpm.
        if (!command && !image_files.empty()) {
            command.emplace().words = {{"php-fpm", {}}};
        }
        if (!command || !command->is_known || command->words.empty()) return;
        Process process = process_of(service, *command);
        process.files = &files;
        if (base_name(command->words.front().text).starts_with("php-fpm")) {
            read_php_fpm_of(service, process);
        } else {
            take(listen(process, reading_), service);
        }
    }

    /// What the Dockerfile runs may change php-fpm's files in ways that nobody can tell.
    static bool changes_php_fpm(const ComposeService& service) {
        if (!service.dockerfile) return false;
        const auto& runs = service.dockerfile->runs;
        return std::any_of(runs.begin(), runs.end(), [](const Value& run) {
            return run.text.find("php-fpm.d") != std::string::npos ||
                   run.text.find("php-fpm.conf") != std::string::npos ||
                   run.text.find("fpm/pool.d") != std::string::npos ||
                   run.text.find("zz-docker") != std::string::npos ||
                   run.text.find("www.conf") != std::string::npos;
        });
    }

    void read_php_fpm_of(const ComposeService& service, const Process& process) {
        Listening listening = listen(process, reading_);
        // Its files are the service's, whatever it makes of them.
        for (const std::string& file : listening.files) php_fpm_.leave_out(file);
        if (changes_php_fpm(service) || !listening.is_whole) {
            found_.half_known_services_.insert(&service);
            return;
        }
        take(std::move(listening), service);
    }

    void take(Listening listening, const ComposeService& service) {
        const Span image = service.dockerfile && service.has_build ? service.dockerfile->image.span
                           : service.image                         ? service.image->span
                                                                   : service.span;
        for (Listener& listener : listening.listeners) {
            // What an image brings lies in no file of the user's.
            const bool is_of_image =
                listener.where.known() &&
                ContainerFiles::is_of_image(reading_.sources().path(listener.where.source));
            if (is_of_image) {
                listener.where = image;
                listener.section = {};
            }
            add(std::move(listener));
        }
        for (PhpFpmPool& pool : listening.php_fpm_pools) {
            pool.master = service.span;  // two services may share their files
            found_.php_fpm_pools_.push_back(std::move(pool));
        }
        if (!listening.is_whole || !listening.is_known_program) {
            found_.half_known_services_.insert(&service);
        }
    }

    /// Each rule compares all of them with all passes.
    void add(Listener listener) {
        if (found_.listeners_.size() < max_listeners) {
            found_.listeners_.push_back(std::move(listener));
        } else {
            found_.half_known_.insert(listener.program);
            reading_.limit(
                listener.where,
                fmt::format("more than {} listening addresses were found", max_listeners));
        }
    }

    /// What only a whole host has.
    void read_host() {
        const auto text_of = [this](const std::string& path, auto use) {
            const std::optional<SourceId> source = reading_.read(files_, path);
            if (source) use(reading_.text(*source), *source);
        };
        text_of("/etc/hosts", [this](std::string_view text, SourceId source) {
            // A container has its own.
            const NginxPlace& place = search_.place;
            const bool is_contained = !place.compose_file.empty() || !place.pod.empty();
            if (!is_contained) found_.hosts_ = Hosts::parse(text, source);
        });
        text_of("/etc/selinux/config", [this](std::string_view text, SourceId source) {
            found_.selinux_ = parse_selinux_config(text, source);
        });
        for (const char* folder :
             {"/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"}) {
            for (const std::string& name : files_.list(folder)) {
                if (is_unit(name)) add_unit(absolute_path(folder, name));
            }
        }
        std::vector<std::string> limits = {"/etc/security/limits.conf"};
        for (const std::string& name : files_.list("/etc/security/limits.d")) {
            if (name.ends_with(".conf")) limits.push_back("/etc/security/limits.d/" + name);
        }
        for (const std::string& path : limits) {
            text_of(path, [this](std::string_view text, SourceId source) {
                for (DescriptorLimit& limit : parse_limits(text, source)) {
                    found_.limits_.push_back(std::move(limit));
                }
            });
        }
    }

    void add_unit(const std::string& path) {
        if (known_units_.insert(path).second) units_.push_back(path);
    }

    /// Units that are not in sight, as those of packages, but have drop-ins.
    void add_drop_in_owners() {
        for (const std::string& tree : search_.area.trees) {
            for (const std::string& path : files_in(tree, {is_conf, is_drop_in})) {
                const std::string_view folder = directory_of(path);
                add_unit(std::string(folder.substr(0, folder.size() - 2)));
            }
        }
    }

    void read_units() {
        if (!found_.sees_whole_host_) add_drop_in_owners();
        *found_.systemd_ = read_systemd(units_, files_, found_.host_.get(), reading_);
        listen_to(*found_.systemd_, reading_);
        const Systemd& systemd = *found_.systemd_;
        for (const Listener& listener : systemd.listeners) add(listener);
        found_.half_known_.insert(systemd.half_known.begin(), systemd.half_known.end());
    }

    /// What lies below /run is gone when the host starts anew, unless somebody makes it.
    void read_boot_folders() {
        const auto read = [this](const std::string& path) {
            const std::optional<SourceId> source = reading_.read(files_, path);
            if (!source) return;
            for (Value& folder : parse_tmpfiles(reading_.text(*source), *source)) {
                found_.boot_folders_.push_back(std::move(folder));
            }
        };
        if (found_.sees_whole_host_) {
            for (const char* folder : tmpfiles_folders) {
                for (const std::string& name : files_.list(folder)) {
                    if (name.ends_with(".conf")) read(absolute_path(folder, name));
                }
            }
        }
        for (const std::string& tree : search_.area.trees) {
            for (const std::string& path : files_in(tree, {may_be_tmpfiles, is_tmpfiles_name})) {
                read(path);
            }
        }
    }

    /// A file of a backend's settings that no command led to. Where it is used, nobody knows.
    /// Whether it tells of a listener.
    bool read_own_file(const std::string& path) {
        if (reading_.knows(files_.read(path).file)) return false;
        const std::size_t before = found_.listeners_.size();
        for (Listening& each : listen_by_settings(path, files_, reading_)) take(std::move(each));
        return found_.listeners_.size() > before;
    }

    void take(Listening listening) {
        if (!listening.is_known_program) return;
        if (!listening.is_whole) found_.half_known_.insert(listening.program);
        for (Listener& listener : listening.listeners) {
            add(std::move(listener));
        }
    }

    /// The user's own word.
    void add_described() {
        for (const Told::Backend& backend : told_.backends) {
            Listener listener = backend.listener;
            for (const auto& project : found_.compose_projects_) {
                const ComposeService* service = project->find(backend.service.text);
                if (service != nullptr) listener.place = &service->place;
            }
            add(std::move(listener));
        }
        for (const auto& [name, address] : told_.hosts) found_.hosts_.add(name, address);
        if (told_.selinux.mode) {
            found_.selinux_.mode = told_.selinux.mode;
            found_.selinux_.span = told_.selinux.span;
        }
        found_.selinux_.booleans.insert(told_.selinux.booleans.begin(),
                                        told_.selinux.booleans.end());
        found_.selinux_.http_ports.insert(told_.selinux.http_ports.begin(),
                                          told_.selinux.http_ports.end());
    }

    void take(const PhpFpm& master) {
        if (!master.is_whole) found_.half_known_.insert(Listener::Program::php_fpm);
        for (const Listener& pool : master.pools) add(pool);
        found_.php_fpm_pools_.insert(found_.php_fpm_pools_.end(), master.pool_settings.begin(),
                                     master.pool_settings.end());
    }

    const Told untold_;
    const Search& search_;
    const Told& told_;
    bool looks_;
    const FileReader& files_;
    Vicinity& found_;
    Reading reading_;
    using Predicate = bool (*)(std::string_view);
    std::map<std::tuple<std::string, Predicate, Predicate>, std::vector<std::string>> own_files_;
    PhpFpmSearch php_fpm_;
    std::set<std::string> known_projects_;
    std::size_t services_read_ = 0;   ///< projects of which the services were read
    std::vector<std::string> units_;  ///< paths
    std::set<std::string> known_units_;
    std::vector<std::unique_ptr<ContainerFiles>> containers_;
};

namespace {

/// Where nginx runs, among what was found.
const Place* find_place(const NginxPlace& place,
                        const std::vector<std::unique_ptr<ComposeProject>>& projects,
                        const Kubernetes& kubernetes, const Sources& sources) {
    if (!place.pod.empty()) {
        const KubernetesPod* pod = kubernetes.find_pod(place.pod, sources);
        if (pod != nullptr) return &pod->place;
    }
    if (place.compose_file.empty() || projects.empty()) return nullptr;
    const ComposeService* service = projects.front()->find(place.service);
    return service == nullptr ? nullptr : &service->place;
}

}  // namespace

Surroundings::Surroundings(std::shared_ptr<const Vicinity> all, const NginxPlace& place,
                           const Sources& sources)
    : all_(std::move(all)),
      nginx_place_(find_place(place, all_->compose_projects_, *all_->kubernetes_, sources)) {
    if (nginx_place_ == nullptr && all_->host_runs_nginx_) nginx_place_ = all_->host_.get();
    if (nginx_on_host() != OnHost::no) nginx_unit_ = all_->systemd_->find_nginx();
    reachability_ = Reachability(all_->listeners_, nginx_place_);
}

std::shared_ptr<const Vicinity> find_vicinity(const Search& search, const FileReader& files,
                                              Library& library) {
    auto found = std::make_shared<Vicinity>();
    Discovery(search, files, library, *found).run();
    return found;
}

std::shared_ptr<const Vicinity> find_vicinity(const Search& search, const FileReader& files,
                                              Sources& sources) {
    Library library(sources);
    return find_vicinity(search, files, library);
}

Surroundings discover(const Search& search, const FileReader& files, Sources& sources) {
    return {find_vicinity(search, files, sources), search.place, sources};
}

}  // namespace gatelint
