#include "surroundings/programs/php_fpm.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "nginx/text.hpp"
#include "nginx/units.hpp"
#include "source/glob.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

/// php-fpm itself refuses a sixth file in a chain of includes (ini_recursion).
constexpr int max_include_depth = 5;

constexpr std::size_t max_path = 4096;

/// What a template engine will replace: `${SOCK}`, `{{ sock }}`, `@SOCK@`, `%SOCK%`, `<%= x %>`,
/// `__SOCK__`.
bool has_placeholder(std::string_view text) {
    return text.find_first_of("${}@%<>") != std::string_view::npos ||
           text.find("__") != std::string_view::npos;
}

/// Words that PHP's scanner takes for an empty value.
bool means_nothing(std::string_view value) {
    constexpr std::array<std::string_view, 6> words = {"", "none", "off", "no", "false", "null"};
    return std::any_of(words.begin(), words.end(), [value](std::string_view word) {
        return equals_ignoring_case(value, word);
    });
}

/// Whether a setting tells of a pool where `listen` is in another file.
bool is_pool_key(std::string_view key) {
    return key == "pm" || key.starts_with("pm.") || key == "user" || key == "group" ||
           key.starts_with("listen.");
}

/// A pool: of each setting, by its name in lower case, the one that counts.
struct Pool {
    std::string_view name;
    Span heading;  ///< where it is begun
    std::map<std::string, const IniSetting*, std::less<>> settings;

    /// Null where it is not written, or empty.
    const IniSetting* find(std::string_view key) const {
        const auto found = settings.find(key);
        if (found == settings.end()) return nullptr;
        const IniSetting* setting = found->second;
        return setting->computed || !means_nothing(setting->value) ? setting : nullptr;
    }
};

/// Reads a master's files as php-fpm does: an include is taken in where it stands, and the section
/// that is open goes on through it and after it.
class MasterReader {
  public:
    MasterReader(const FileReader& files, IniFiles& ini) : files_(files), ini_(ini) {}

    void read(const std::vector<std::string>& paths) {
        if (!paths.empty()) folder_ = directory_of(paths.front());
        for (const std::string& path : paths) read(path, 1);
    }

    /// In the order of their first sections.
    const std::deque<Pool>& pools() const { return pools_; }

    std::vector<const IniFile*> take_files() { return std::move(in_order_); }

  private:
    /// Whether there is such a file.
    bool read(const std::string& path, int depth) {
        const IniFile* file = ini_.read(path);
        if (file == nullptr) return false;
        // Reading a file again would change little, and might never end.
        if (!seen_.insert(file).second) return true;
        in_order_.push_back(file);
        Span heading;
        for (const IniSetting& setting : file->settings) {
            if (setting.heading != heading) open(setting);
            heading = setting.heading;
            if (setting.key == "include") {
                include(setting, depth);
            } else if (open_ != nullptr) {
                open_->settings.insert_or_assign(lower_case(setting.key), &setting);
            }
        }
        return true;
    }

    void open(const IniSetting& first) {
        std::string name = lower_case(first.section);
        if (name == "global") {
            open_ = nullptr;
            return;
        }
        Pool*& pool = by_name_[std::move(name)];
        if (pool == nullptr) {
            pool = &pools_.emplace_back(Pool{first.section, first.heading, {}});
        }
        open_ = pool;
    }

    void include(const IniSetting& setting, int depth) {
        if (setting.computed || setting.value.empty() || depth == max_include_depth) return;
        if (setting.value.size() > max_path) return;
        // A relative path is completed with the prefix that php-fpm was compiled for: where it was
        // installed as it came, the folder above the main file's. In a repository that may be
        // another one, and the files lie beside.
        if (setting.value.front() == '/') {
            read_all(std::string(setting.value), depth + 1);
        } else if (!read_all(absolute_path(directory_of(folder_), setting.value), depth + 1)) {
            read_all(absolute_path(folder_, setting.value), depth + 1);
        }
    }

    bool read_all(const std::string& pattern, int depth) {
        bool found = false;
        for (const std::string& path : ini_.matching(pattern)) found = read(path, depth) || found;
        return found;
    }

    const FileReader& files_;
    IniFiles& ini_;
    std::string folder_;  ///< of the main file
    std::vector<const IniFile*> in_order_;
    std::set<const IniFile*> seen_;
    std::deque<Pool> pools_;  // pools never move
    std::map<std::string, Pool*> by_name_;
    Pool* open_ = nullptr;
};

/// A setting's value with `$pool` replaced, or nothing where only run time or a template knows it.
/// Backed by the setting or by `arena`.
std::optional<std::string_view> text_of(const IniSetting& setting, const Pool& pool, Arena& arena) {
    if (setting.computed) return std::nullopt;
    constexpr std::string_view variable = "$pool";
    std::string_view rest = setting.value;
    std::string expanded;
    for (std::size_t at = rest.find(variable); at != std::string_view::npos;
         at = rest.find(variable)) {
        if (expanded.size() > max_path) return std::nullopt;
        expanded += rest.substr(0, at);
        expanded += pool.name;
        rest.remove_prefix(at + variable.size());
    }
    expanded += rest;
    if (has_placeholder(expanded)) return std::nullopt;
    return expanded == setting.value ? setting.value : arena.copy(expanded);
}

/// atoi(3).
std::int64_t leading_number(std::string_view text) {
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') break;
        number = std::min(number * 10 + (digit - '0'), limit);
    }
    return negative ? -number : number;
}

/// Of a whole number (fpm_conf_set_integer) that the pool sets, and that is known.
std::optional<std::int64_t> integer_of(const Pool& pool, std::string_view key, Arena& arena) {
    const IniSetting* setting = pool.find(key);
    if (setting == nullptr) return std::nullopt;
    const std::optional<std::string_view> text = text_of(*setting, pool, arena);
    const std::string_view digits = text ? text->substr(text->starts_with('-') ? 1 : 0) : "";
    if (!parse_number(digits)) return std::nullopt;
    return leading_number(*text);
}

/// The facts about a pool that are the same of any program that listens.
void set_limits(Listener& listener, const Pool& pool, Arena& arena) {
    if (const IniSetting* kill = pool.find("request_terminate_timeout"); kill != nullptr) {
        const auto text = text_of(*kill, pool, arena);
        const auto time = text ? parse_php_fpm_time(*text) : std::nullopt;
        if (time && *time > 0) {
            listener.kill_timeout = Limit{static_cast<std::uint64_t>(*time), kill->span};
        }
    }
    if (const auto children = integer_of(pool, "pm.max_children", arena); children > 0) {
        listener.children =
            Limit{static_cast<std::uint64_t>(*children), pool.find("pm.max_children")->span};
    }
    constexpr std::uint64_t default_backlog = 511;  // FPM_BACKLOG_DEFAULT on Linux
    if (pool.find("listen.backlog") == nullptr) {
        listener.backlog = Limit{default_backlog, {}};
    } else if (const auto backlog = integer_of(pool, "listen.backlog", arena); backlog) {
        // The kernel compares it unsigned: -1 is as much as net.core.somaxconn allows.
        listener.backlog = Limit{static_cast<std::uint32_t>(*backlog),  //
                                 pool.find("listen.backlog")->span};
    }
}

/// Addresses from which php-fpm takes connections; a unix socket ignores them.
std::optional<Value> allowed_clients(const Pool& pool, Arena& arena) {
    const IniSetting* setting = pool.find("listen.allowed_clients");
    if (setting == nullptr) return std::nullopt;
    const std::optional<std::string_view> text = text_of(*setting, pool, arena);
    return Value{text ? std::string(*text) : std::string(1, unknown_byte), setting->span};
}

/// `[::1]:9000`, `*:9000`, `name:9000` (fpm_socket_af_inet_listening_socket). `*` stays a name: to
/// getaddrinfo(3) of glibc it is localhost, in either family, and to that of musl nothing.
std::optional<Address> parse_host_and_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    // A number alone is every address, of both families where the host has both.
    const std::string_view host = colon == std::string_view::npos ? "::" : text.substr(0, colon);
    const std::optional<std::uint16_t> port =
        parse_port(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (host.empty() || !port) return std::nullopt;
    return parse_host(host).at_port(*port);
}

/// fpm_sockets_domain_from_address(): digits, or anything with a colon, is no path; `unix:/path`
/// keeps php-fpm from starting.
std::optional<Address> listen_address(const IniSetting& listen, const Pool& pool, Arena& arena) {
    const std::optional<std::string_view> text = text_of(listen, pool, arena);
    if (!text) return std::nullopt;
    if (parse_number(*text) || text->find(':') != std::string_view::npos) {
        return parse_host_and_port(*text);
    }
    Address address;
    address.kind = Address::Kind::unix_socket;
    address.host = *text;
    if (text->starts_with('/')) return address;
    // Without a prefix of the pool's own, php-fpm takes the one that it was compiled for.
    const IniSetting* prefix = pool.find("prefix");
    if (prefix == nullptr) return std::nullopt;
    const std::optional<std::string_view> folder = text_of(*prefix, pool, arena);
    if (!folder || !folder->starts_with('/')) return std::nullopt;
    address.host = arena.copy(std::string(*folder) + '/' + std::string(*text));
    return address;
}

/// As strtoul(3) reads it: octal digits as far as they go, and 0 where there are none.
std::uint32_t parse_mode(std::string_view text) {
    std::uint32_t mode = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '7') break;
        mode = mode * 8 + static_cast<std::uint32_t>(digit - '0');
    }
    return mode & 0777;
}

/// fpm_unix_resolve_socket_permissions(). A master that root runs wants a `user` in every pool, so
/// that a pool without one tells of a master that somebody else runs.
std::optional<SocketAccess> socket_access(const Pool& pool, Span listen, const Accounts& accounts,
                                          Arena& arena) {
    const IniSetting* owner = pool.find("listen.owner");
    const IniSetting* group = pool.find("listen.group");
    const IniSetting* mode = pool.find("listen.mode");
    const bool by_root = pool.find("user") != nullptr;

    SocketAccess access;
    access.has_acl =
        pool.find("listen.acl_users") != nullptr || pool.find("listen.acl_groups") != nullptr;
    if (access.has_acl) owner = group = nullptr;  // php-fpm ignores them then
    access.is_written = owner != nullptr || group != nullptr;
    access.span = owner != nullptr ? owner->span : group != nullptr ? group->span : listen;
    if (mode != nullptr) {
        const std::optional<std::string_view> text = text_of(*mode, pool, arena);
        if (!text) return std::nullopt;
        access.mode = parse_mode(*text);
        access.mode_span = mode->span;
    }
    if (owner != nullptr) {
        const std::optional<std::string_view> text = text_of(*owner, pool, arena);
        if (!text) return std::nullopt;
        access.owner = *text;
    } else if (by_root) {
        access.owner = "root";
    } else {
        return std::nullopt;
    }
    if (group != nullptr) {
        const std::optional<std::string_view> text = text_of(*group, pool, arena);
        if (!text) return std::nullopt;
        access.group = *text;
    } else if (owner == nullptr) {
        access.group = "root";
    } else if (parse_number(access.owner)) {
        // A number has no group of its own: the maker's stays.
        access.group = by_root ? "root" : "";
    } else {
        access.group = arena.copy(accounts.own_group(access.owner).value_or(""));
    }
    return access;
}

/// Whether the files are all that this master reads: those of a package in its own place, or a main
/// file with what it includes. Pool files that lie elsewhere may be parts of something.
bool is_whole_master(const std::vector<std::string>& paths, const std::vector<const IniFile*>& read,
                     const FileReader& files) {
    if (paths.empty() || !files.complete()) return false;
    constexpr std::array<std::string_view, 3> places = {"/etc/", "/usr/local/etc/", "/opt/"};
    const bool is_installed =
        std::any_of(places.begin(), places.end(),
                    [&paths](std::string_view place) { return paths.front().starts_with(place); });
    return is_installed || std::any_of(read.begin(), read.end(), [](const IniFile* file) {
               return classify_php_fpm(*file) == PhpFpmFile::main;
           });
}

/// What rules about the process manager look at.
PhpFpmPool settings_of(const Pool& pool, Arena& arena) {
    PhpFpmPool all;
    all.name = pool.name;
    all.heading = pool.heading;
    for (const auto& [key, setting] : pool.settings) {
        Value value{{}, setting->span};
        if (setting->computed || !means_nothing(setting->value)) {
            const std::optional<std::string_view> text = text_of(*setting, pool, arena);
            value.text = text ? std::string(*text) : std::string(1, unknown_byte);
        }
        all.settings.insert_or_assign(key, std::move(value));
    }
    return all;
}

}  // namespace

std::optional<std::int64_t> parse_php_fpm_time(std::string_view text) {
    if (text.empty()) return std::nullopt;
    constexpr std::int64_t second = 1000;
    std::int64_t unit = second;
    switch (text.back()) {
        case 'd':
            unit = 24 * 60 * 60 * second;
            break;
        case 'h':
            unit = 60 * 60 * second;
            break;
        case 'm':
            unit = 60 * second;
            break;
        case 's':
            break;
        default:
            if (text.back() < '0' || text.back() > '9') return std::nullopt;
    }
    return leading_number(text) * unit;
}

PhpFpm read_php_fpm(const std::vector<std::string>& paths, const FileReader& files, IniFiles& ini,
                    const Accounts& accounts, Arena& arena) {
    MasterReader reader(files, ini);
    reader.read(paths);
    PhpFpm master;
    master.files = reader.take_files();
    const bool is_whole = is_whole_master(paths, master.files, files);
    for (const Pool& pool : reader.pools()) {
        PhpFpmPool settings = settings_of(pool, arena);
        settings.master = reader.pools().front().heading;
        settings.is_whole = is_whole;
        master.pool_settings.push_back(std::move(settings));
        const IniSetting* listen = pool.find("listen");
        // Every pool listens: where one does not, its other half is in a file out of sight.
        if (listen == nullptr && !pool.find("pm") && !pool.find("pm.max_children")) continue;
        const std::optional<Address> address =
            listen == nullptr ? std::nullopt : listen_address(*listen, pool, arena);
        if (!address) {
            master.is_whole = false;
            continue;
        }
        Listener listener;
        listener.program = Listener::Program::php_fpm;
        listener.name = "php-fpm pool " + std::string(pool.name);
        listener.speaks = Protocol::fastcgi;
        listener.at = *address;
        listener.where = listen->span;
        listener.section = listen->heading;
        if (address->is_unix()) {
            listener.access = socket_access(pool, listen->span, accounts, arena);
        }
        if (const IniSetting* user = pool.find("user"); user != nullptr) {
            listener.user = text_of(*user, pool, arena).value_or("");
        }
        set_limits(listener, pool, arena);
        if (!address->is_unix()) listener.allowed_clients = allowed_clients(pool, arena);
        master.pools.push_back(std::move(listener));
    }
    return master;
}

PhpFpmFile classify_php_fpm(const IniFile& file) {
    PhpFpmFile kind = PhpFpmFile::none;
    for (const IniSetting& setting : file.settings) {
        if (setting.key == "include") return PhpFpmFile::main;
        if (setting.section.empty() || equals_ignoring_case(setting.section, "global")) continue;
        const std::string key = lower_case(setting.key);
        if (key == "listen") {
            kind = PhpFpmFile::pool;
        } else if (kind == PhpFpmFile::none && is_pool_key(key)) {
            kind = PhpFpmFile::part;
        }
    }
    return kind;
}

}  // namespace gatelint
