#include <algorithm>
#include <set>
#include <utility>

#include "surroundings/container_files.hpp"
#include "surroundings/nginx_image.hpp"
#include "surroundings/php_fpm_search.hpp"
#include "surroundings/php_image.hpp"
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

    static Process process_of(const ComposeService& service, const Command& command) {
        Process process;
        process.name = service.place.name;
        process.arguments = command.words;
        process.environment = service.environment;
        for (const auto& [name, value] : command.assignments) process.environment[name] = value;
        process.knows_environment = service.knows_environment && service.is_whole;
        if (service.working_directory) {
            process.working_directory = service.working_directory->text;
        } else if (service.dockerfile) {
            process.working_directory = service.dockerfile->working_directory;
        }
        if (!command.directory.empty()) {
            process.working_directory = absolute_path(process.working_directory, command.directory);
        }
        process.place = &service.place;
        process.span = command.span;
        return process;
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
            found_.listeners_.push_back(std::move(listener));
        }
        for (PhpFpmPool& pool : listening.php_fpm_pools) {
            found_.php_fpm_pools_.push_back(std::move(pool));
        }
        if (!listening.is_whole || !listening.is_known_program) {
            found_.half_known_services_.insert(&service);
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
        found_.php_fpm_pools_.insert(found_.php_fpm_pools_.end(), master.pool_settings.begin(),
                                     master.pool_settings.end());
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
