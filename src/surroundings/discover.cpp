#include <algorithm>
#include <set>
#include <utility>

#include "surroundings/container_files.hpp"
#include "surroundings/nginx_image.hpp"
#include "surroundings/php_fpm_search.hpp"
#include "surroundings/process.hpp"
#include "surroundings/surroundings.hpp"
#include "surroundings/tree_walk.hpp"

namespace gatelint {

namespace {

/// Projects that are read in one tree.
constexpr std::size_t max_projects = 20;

}  // namespace

/// Goes through what lies around nginx, kind by kind, and puts it together.
class Discovery {
  public:
    Discovery(const Search& search, const FileReader& files, Sources& sources, Surroundings& found)
        : search_(search),
          files_(files),
          found_(found),
          walk_(files),
          reading_(sources, *found.arena_),
          php_fpm_(files, sources, found.accounts_, *found.arena_) {}

    void run() {
        found_.sees_whole_host_ = files_.complete();
        found_.accounts_ = Accounts::read(files_);
        found_.template_fillers_ = find_template_fillers(search_.trees, files_, reading_.sources());
        read_projects();
        for (const auto& project : found_.compose_projects_) {
            for (const ComposeService& service : project->services) read_service(service);
        }
        read_php_fpm_files();
        found_.remarks_ = reading_.remarks();
    }

  private:
    void read_projects() {
        if (!search_.compose_file.empty()) {
            add_project(search_.compose_file);
            find_nginx();
            return;
        }
        for (const std::string& tree : search_.trees) {
            for (const std::string& path : walk_.files_below(tree)) {
                if (is_compose_name(base_name(path))) add_project(path);
            }
        }
    }

    void add_project(const std::string& path) {
        if (found_.compose_projects_.size() >= max_projects) return;
        const std::string file = files_.read(path).file;
        if (!known_projects_.insert(file).second) return;
        auto project = read_compose(path, files_, search_.environment, reading_);
        if (project != nullptr) found_.compose_projects_.push_back(std::move(project));
    }

    void find_nginx() {
        for (const auto& project : found_.compose_projects_) {
            const ComposeService* service = project->find(search_.service);
            if (service != nullptr) found_.nginx_place_ = &service->place;
        }
    }

    void read_service(const ComposeService& service) {
        // nginx itself is read by way of its configuration.
        const std::optional<Command> command = service.process();
        ContainerFiles& files =
            *containers_.emplace_back(std::make_unique<ContainerFiles>(service, files_));
        if (!command || !command->is_known) return;
        Process process;
        process.name = "service " + service.name;
        process.arguments = command->words;
        process.environment = service.environment;
        process.knows_environment = service.knows_environment;
        if (service.working_directory) {
            process.working_directory = service.working_directory->text;
        } else if (service.dockerfile) {
            process.working_directory = service.dockerfile->working_directory;
        }
        process.files = &files;
        process.place = &service.place;
        process.span = command->span;
        take(listen(process, reading_));
    }

    void take(Listening listening) {
        for (Listener& listener : listening.listeners) {
            found_.listeners_.push_back(std::move(listener));
        }
    }

    void read_php_fpm_files() {
        if (search_.system) php_fpm_.search_system();
        for (const std::string& tree : search_.trees) {
            if (php_fpm_.search_tree(walk_.files_below(tree))) break;
        }
        for (const PhpFpm& master : php_fpm_.masters()) take(master);
    }

    void take(const PhpFpm& master) {
        if (!master.is_whole) found_.half_known_.push_back(Listener::Program::php_fpm);
        found_.listeners_.insert(found_.listeners_.end(), master.pools.begin(), master.pools.end());
    }

    const Search& search_;
    const FileReader& files_;
    Surroundings& found_;
    TreeWalk walk_;
    Reading reading_;
    PhpFpmSearch php_fpm_;
    std::set<std::string> known_projects_;
    std::vector<std::unique_ptr<ContainerFiles>> containers_;
};

Surroundings discover(const Search& search, const FileReader& files, Sources& sources) {
    Surroundings found;
    Discovery(search, files, sources, found).run();
    return found;
}

}  // namespace gatelint
