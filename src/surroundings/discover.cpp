#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "surroundings/ini_file.hpp"
#include "surroundings/php_fpm.hpp"
#include "surroundings/surroundings.hpp"

namespace gatelint {

namespace {

constexpr std::size_t max_names = 20'000;
constexpr int max_depth = 12;

/// Other people's code, build results, and file systems that are none.
constexpr std::array<std::string_view, 9> skipped_names = {
    "node_modules", "vendor", ".git", ".svn", ".hg", ".venv", ".cache", "__pycache__", "target"};
constexpr std::array<std::string_view, 3> skipped_folders = {"/dev", "/proc", "/sys"};

template <typename Item, typename Items>
bool is_among(const Item& item, const Items& items) {
    return std::find(items.begin(), items.end(), item) != items.end();
}

/// Whether a file's name or that of its folder is worth a look for php-fpm's settings.
bool may_be_php_fpm(const std::string& path) {
    const std::string name(base_name(path));
    if (!name.ends_with(".conf")) return false;
    const std::string folder(base_name(directory_of(path)));
    const auto fits = [](const std::string& text, const char* pattern) {
        return ::fnmatch(pattern, text.c_str(), 0) == 0;
    };
    return fits(folder, "php*") || fits(folder, "*fpm*") || folder == "pool.d" ||
           name == "www.conf" || name == "zz-docker.conf" || fits(name, "*fpm*.conf") ||
           fits(name, "*pool*.conf");
}

/// Looks for php-fpm's masters, and reads each file for one of them only.
class PhpFpmSearch {
  public:
    PhpFpmSearch(const FileReader& files, IniFiles& ini, const Accounts& accounts, Arena& arena)
        : files_(files), ini_(ini), accounts_(accounts), arena_(arena) {}

    /// Where packages put a main file and, in case that is missing, pool files.
    void search_system() {
        search_place("/etc", "php-fpm.d");            // Fedora
        search_place("/usr/local/etc", "php-fpm.d");  // the official image, FreeBSD
        for (const std::string& folder : folders("/etc/php", "")) {
            search_place(folder + "/fpm", "pool.d");  // Debian
        }
        for (const std::string& folder : folders("/etc", "php")) {
            search_place(folder, "php-fpm.d");           // Alpine
            search_place(folder + "/fpm", "php-fpm.d");  // openSUSE
        }
        for (const std::string& folder : folders("/etc/opt/remi", "php")) {
            search_place(folder, "php-fpm.d");
        }
    }

    /// Whether anything was found.
    bool search_tree(const std::string& tree) {
        std::vector<std::string> mains;
        std::map<std::string_view, Folder> folders;
        const std::vector<std::string> paths = walk(absolute_path("", tree));
        for (const std::string& path : paths) {
            const PhpFpmFile kind = classify(path);
            if (kind == PhpFpmFile::main) mains.push_back(path);
            if (kind == PhpFpmFile::pool || kind == PhpFpmFile::part) {
                Folder& folder = folders[directory_of(path)];
                folder.files.push_back(path);
                if (kind == PhpFpmFile::pool) folder.listens = true;
            }
        }
        bool found = false;
        for (const std::string& main : mains) found = read_master({main}) || found;
        for (auto& [name, folder] : folders) {
            if (folder.listens) found = read_master(std::move(folder.files)) || found;
        }
        return found;
    }

    std::vector<PhpFpm> take_masters() { return std::move(masters_); }

  private:
    struct Folder {
        std::vector<std::string> files;
        bool listens = false;
    };

    void search_place(const std::string& folder, const std::string& pools) {
        const std::string main = folder + "/php-fpm.conf";
        if (ini_.read(main) != nullptr) {
            read_master({main});
            return;
        }
        const std::string pool_folder = folder + '/' + pools;
        std::vector<std::string> paths;
        for (const std::string& name : files_.list(pool_folder)) {
            if (name.ends_with(".conf")) paths.push_back(absolute_path(pool_folder, name));
        }
        read_master(std::move(paths));
    }

    std::vector<std::string> folders(const std::string& parent, std::string_view prefix) const {
        std::vector<std::string> found;
        for (const std::string& name : files_.list(parent)) {
            if (!name.ends_with('/') || !name.starts_with(prefix)) continue;
            found.push_back(absolute_path(parent, name));
        }
        return found;
    }

    /// Paths below `tree` that are worth a look, those of the upper folders first.
    std::vector<std::string> walk(const std::string& tree) {
        std::vector<std::string> paths;
        std::deque<std::pair<std::string, int>> to_do = {{tree, 0}};
        for (; !to_do.empty(); to_do.pop_front()) {
            const auto [folder, depth] = to_do.front();
            for (std::string& name : files_.list(folder)) {
                if (++names_ > max_names) return paths;
                const bool is_folder = name.ends_with('/');
                if (is_folder) name.pop_back();
                const std::string path = absolute_path(folder, name);
                if (!is_folder) {
                    if (may_be_php_fpm(path)) paths.push_back(path);
                } else if (depth < max_depth && !is_among(std::string_view(name), skipped_names) &&
                           !is_among(path, skipped_folders)) {
                    to_do.emplace_back(path, depth + 1);
                }
            }
        }
        return paths;
    }

    /// Before the file is taken among the Sources: most of those that are looked at are not meant.
    PhpFpmFile classify(const std::string& path) const {
        const ReadResult file = files_.read(path);
        if (file.status != ReadStatus::ok || file.text.size() > IniFiles::max_size) {
            return PhpFpmFile::none;
        }
        Arena scratch;
        return classify_php_fpm(parse_ini(file.text, SourceId::none, scratch));
    }

    /// Without the files that another master has read. Whether it has pools, or that other has.
    bool read_master(std::vector<std::string> paths) {
        const std::size_t all = paths.size();
        std::erase_if(paths,
                      [this](const std::string& path) { return used_.contains(ini_.read(path)); });
        const bool known = paths.size() != all;
        PhpFpm master = read_php_fpm(paths, files_, ini_, accounts_, arena_);
        const bool found = !master.pools.empty() || !master.is_whole;
        used_.insert(master.files.begin(), master.files.end());
        masters_.push_back(std::move(master));
        return known || found;
    }

    const FileReader& files_;
    IniFiles& ini_;
    const Accounts& accounts_;
    Arena& arena_;
    std::vector<PhpFpm> masters_;
    std::set<const IniFile*> used_;
    std::size_t names_ = 0;
};

}  // namespace

std::vector<const Listener*> Surroundings::reached_by(const Address& target) const {
    std::vector<const Listener*> reached;
    for (const Listener& listener : listeners_) {
        if (reaches(target, listener) == Reach::yes) reached.push_back(&listener);
    }
    return reached;
}

std::vector<const Listener*> Surroundings::listeners_of(const ComposeService& service) const {
    const ComposeService* owner = namespace_of(service);
    std::vector<const Listener*> found;
    for (const Listener& listener : listeners_) {
        const ComposeService* other = listener.place == nullptr ? nullptr : listener.place->service;
        if (other != nullptr && owner != nullptr && namespace_of(*other) == owner) {
            found.push_back(&listener);
        }
    }
    return found;
}

bool Surroundings::knows(Listener::Program program) const {
    if (is_among(program, half_known_)) return false;
    return std::any_of(listeners_.begin(), listeners_.end(),
                       [program](const Listener& one) { return one.program == program; });
}

Surroundings discover(const Search& search, const FileReader& files, Sources& sources) {
    Surroundings found;
    found.sees_whole_host_ = files.complete();
    found.accounts_ = Accounts::read(files);
    found.template_fillers_ = find_template_fillers(search.trees, files, sources);
    IniFiles ini(files, sources, *found.arena_);
    PhpFpmSearch php_fpm(files, ini, found.accounts_, *found.arena_);
    if (search.system) php_fpm.search_system();
    for (const std::string& tree : search.trees) {
        if (php_fpm.search_tree(tree)) break;
    }
    for (PhpFpm& master : php_fpm.take_masters()) {
        if (!master.is_whole) found.half_known_.push_back(Listener::Program::php_fpm);
        std::move(master.pools.begin(), master.pools.end(), std::back_inserter(found.listeners_));
        std::move(master.pool_settings.begin(), master.pool_settings.end(),
                  std::back_inserter(found.php_fpm_pools_));
    }
    return found;
}

}  // namespace gatelint
