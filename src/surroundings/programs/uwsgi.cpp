#include "surroundings/programs/uwsgi.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "nginx/units.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

constexpr int max_depth = 8;  ///< of files in files
constexpr std::size_t max_files = 50;
constexpr std::size_t max_options = 20'000;
constexpr std::size_t max_value = 4096;

constexpr std::uint64_t default_buffer_size = 4096;
constexpr std::uint64_t default_listen = 100;
constexpr std::uint32_t uwsgi_umask = 022;  ///< of systemd, of container engines, of shells

/// Options that take in a file where they stand.
bool names_file(std::string_view name) {
    constexpr std::array<std::string_view, 11> names = {
        "ini",    "yaml",      "yml",     "json",    "js",       "xml",
        "config", "xmlconfig", "include", "inherit", "ini-paste"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// `if-env`, `ifdir`, `for`, `for-glob`: what follows counts or not, up to the end of it.
bool begins_logic(std::string_view name) {
    return name.starts_with("if-") || name.starts_with("for-") || name == "for" ||
           name == "ifenv" || name == "ifexists" || name == "ifplugin" || name == "ifdir" ||
           name == "ifopt";
}

bool ends_logic(std::string_view name) {
    return name == "end" || name == "endif" || name == "endfor" || name == "end-if" ||
           name == "end-for";
}

/// uwsgi_opt_true(): only words of negation are none.
bool is_on(std::string_view value) {
    return value != "false" && value != "off" && value != "no" && value != "0";
}

/// Replaces what stands in `open`...`)` by what `meaning` knows of it; what that does not know is
/// unknown. The text that is put in is not looked at again.
template <typename Meaning>
std::string fill_in(std::string_view text, std::string_view open, const Meaning& meaning) {
    std::string filled;
    for (std::size_t at = text.find(open); at != std::string_view::npos; at = text.find(open)) {
        const std::size_t end = text.find(')', at);
        if (end == std::string_view::npos) break;
        filled += text.substr(0, at);
        const std::string_view name = text.substr(at + open.size(), end - at - open.size());
        filled += meaning(name).value_or(std::string(1, unknown_byte));
        if (filled.size() > max_value) return std::string(1, unknown_byte);
        text.remove_prefix(end + 1);
    }
    filled += text;
    return filled;
}

/// A file's `%d` and the like (config_magic_table_fill). What depends on where the program was
/// started, or is rare, is unknown.
std::optional<std::string> magic(char letter, const std::string& path, std::string_view section) {
    const std::string_view name = base_name(path);
    const std::size_t dot = std::min(name.rfind('.'), name.size());
    switch (letter) {
        case '%':
            return "%";
        case 'p':
            return path;
        case 's':
            return std::string(name);
        case 'd':
            return std::string(directory_of(path)) + '/';
        case 'c':
            return std::string(base_name(directory_of(path)));
        case 'n':
            return std::string(name.substr(0, dot));
        case 'e':
            return std::string(name.substr(std::min(dot + 1, name.size())));
        case 'x':
            return std::string(section);
        default:
            return std::nullopt;
    }
}

std::string fill_in_magic(std::string_view text, const std::string& path,
                          std::string_view section) {
    std::string filled;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%' || i + 1 == text.size() || text[i + 1] == '(') {
            filled += text[i];
            continue;
        }
        filled += magic(text[++i], path, section).value_or(std::string(1, unknown_byte));
        if (filled.size() > max_value) return std::string(1, unknown_byte);
    }
    return filled;
}

/// All options in the order in which they count, files taken in.
class OptionReader {
  public:
    OptionReader(const Process& process, Reading& reading) : process_(process), reading_(reading) {}

    void read(const std::vector<UwsgiOption>& options, int depth) {
        for (const UwsgiOption& option : options) {
            if (options_.size() == max_options) return;
            if (ends_logic(option.name)) {
                in_logic_ = false;
            } else if (begins_logic(option.name)) {
                in_logic_ = true;
            } else if (names_file(option.name)) {
                read_file(option, depth);
            } else {
                add(option);
            }
        }
    }

    /// With `$(NAME)` and `%(name)` filled in, in order (uwsgi_apply_config_pass).
    std::vector<UwsgiOption> take() {
        for (UwsgiOption& option : options_) {
            option.value.text = resolve(option.value.text);
            const auto [name, text] = definition(option);
            const auto known = placeholders_.find(name);
            if (known != placeholders_.end() && !known->second.is_filled) {
                known->second = {std::string(text), true};
            }
        }
        return std::move(options_);
    }

    bool is_whole() const { return is_whole_; }

  private:
    void add(const UwsgiOption& option) {
        options_.push_back(option);
        if (in_logic_) options_.back().value.text = unknown_byte;
        const auto [name, text] = definition(options_.back());
        placeholders_.try_emplace(name, Placeholder{std::string(text)});
    }

    void read_file(const UwsgiOption& option, int depth) {
        std::string path = resolve(option.value.text);
        std::string section;
        if (const std::size_t colon = path.rfind(':'); colon != std::string::npos) {
            section = path.substr(colon + 1);
            path.erase(colon);
        }
        // `ini = :other` is another section of the same file.
        if (path.empty()) path = file_;
        const bool is_relative = !path.starts_with('/');
        const bool is_known = !path.empty() && !is_unknown(path) && !in_logic_ &&
                              (!is_relative || !process_.working_directory.empty()) &&
                              process_.files != nullptr;
        if (!is_known || depth == max_depth || ++files_ > max_files) {
            is_whole_ = false;
            return;
        }
        path = absolute_path(process_.working_directory, path);
        const std::optional<SourceId> source = reading_.read(*process_.files, path);
        if (!source) {
            is_whole_ = false;
            reading_.remark(option.value.span, "uWSGI's settings at " + path + " cannot be read");
            return;
        }
        std::optional<std::vector<UwsgiOption>> options;
        if (option.name == "ini") {
            options = parse_uwsgi_ini(reading_.text(*source), *source,
                                      section.empty() ? "uwsgi" : section);
        } else {
            options = parse_uwsgi_file(ending_of(option.name, path), *source, section, reading_);
        }
        if (!options) {
            is_whole_ = false;
            return;
        }
        for (UwsgiOption& one : *options) {
            one.value.text = fill_in_magic(one.value.text, path, section);
        }
        const std::string outer = std::exchange(file_, path);
        read(*options, depth + 1);
        file_ = outer;
    }

    /// `yaml = settings` says what the file is, whatever it is called; `include` does not.
    static std::string ending_of(std::string_view name, const std::string& path) {
        if (name == "config" || name == "include" || name == "inherit") return path;
        return name == "xmlconfig" ? ".xml" : '.' + std::string(name);
    }

    /// What an option means to placeholders: every one is known by its name, `set = a=b` by `a`.
    static std::pair<std::string, std::string_view> definition(const UwsgiOption& option) {
        const std::string_view text = option.value.text;
        const bool sets =
            option.name == "set" || option.name == "set-ph" || option.name == "set-placeholder";
        const std::size_t equals = sets ? text.find('=') : std::string_view::npos;
        if (equals == std::string_view::npos) return {option.name, text};
        return {std::string(text.substr(0, equals)), text.substr(equals + 1)};
    }

    std::string resolve(std::string_view text) const {
        const std::string with_environment =
            fill_in(text, "$(", [this](std::string_view name) -> std::optional<std::string> {
                const auto found = process_.environment.find(std::string(name));
                if (found == process_.environment.end()) return std::nullopt;
                return found->second.text;
            });
        const std::string with_files =
            fill_in(with_environment, "@(",
                    [](std::string_view) -> std::optional<std::string> { return {}; });
        return fill_in(
            with_files, "%(", [this](std::string_view name) -> std::optional<std::string> {
                const auto found = placeholders_.find(std::string(name));
                if (found == placeholders_.end()) return std::nullopt;
                const Placeholder& known = found->second;
                // One that comes later is put in as it is written.
                const bool is_raw = !known.is_filled && known.text.find('(') != std::string::npos;
                return is_raw ? std::nullopt : std::optional(known.text);
            });
    }

    struct Placeholder {
        std::string text;
        bool is_filled = false;
    };

    const Process& process_;
    Reading& reading_;
    std::vector<UwsgiOption> options_;
    std::map<std::string, Placeholder> placeholders_;  ///< of a name the first one counts
    std::string file_;                                 ///< that is being read
    std::size_t files_ = 0;
    bool in_logic_ = false;
    bool is_whole_ = true;
};

/// The meaning of all options together.
class UwsgiReader {
  public:
    UwsgiReader(std::vector<UwsgiOption> options, const Process& process, Reading& reading)
        : options_(std::move(options)), process_(process), reading_(reading) {
        for (const UwsgiOption& option : options_) last_[option.name] = &option;
    }

    Listening listen() {
        listening_.is_known_program = true;
        for (const UwsgiOption& option : options_) {
            if (option.name == "shared-socket" || option.name == "undeferred-shared-socket") {
                shared_.push_back(&option);
            }
        }
        for (const UwsgiOption& option : options_) read(option);
        // Without any, it listens on what is handed to it as standard input, or ends.
        if (listening_.listeners.empty()) listening_.is_whole = false;
        return std::move(listening_);
    }

  private:
    /// The last one of a name counts.
    const UwsgiOption* find(std::string_view name) const {
        const auto found = last_.find(name);
        return found == last_.end() ? nullptr : found->second;
    }

    bool is_set(std::string_view name) const {
        const UwsgiOption* option = find(name);
        return option != nullptr && is_on(option->value.text);
    }

    /// The later one of two names for one setting.
    const UwsgiOption* find(std::string_view name, std::string_view other) const {
        const UwsgiOption* first = find(name);
        const UwsgiOption* second = find(other);
        if (first == nullptr || second == nullptr) return first == nullptr ? second : first;
        return std::max(first, second);
    }

    void read(const UwsgiOption& option) {
        if (const std::optional<Protocol> speaks = protocol_of(option.name)) {
            add(option, *speaks);
            return;
        }
        const bool starts_others = option.name == "emperor" || option.name == "vassals" ||
                                   option.name == "zerg" || option.name == "map-socket" ||
                                   option.name == "plugin-socket";
        const bool is_unknown_socket = option.value.text.size() == 1 &&
                                       is_unknown(option.value.text) &&
                                       option.name.ends_with("socket");
        if (starts_others || is_unknown_socket) listening_.is_whole = false;
    }

    /// Nothing for options that are no socket.
    std::optional<Protocol> protocol_of(std::string_view option) const {
        if (option == "socket") return default_protocol();
        constexpr std::array<std::pair<std::string_view, Protocol>, 16> names = {{
            {"uwsgi-socket", Protocol::uwsgi},
            {"suwsgi-socket", Protocol::suwsgi},
            {"ssl-socket", Protocol::suwsgi},
            {"http-socket", Protocol::http},
            {"http11-socket", Protocol::http},
            {"https-socket", Protocol::https},
            {"fastcgi-socket", Protocol::fastcgi},
            {"fastcgi-nph-socket", Protocol::fastcgi},
            {"scgi-socket", Protocol::scgi},
            {"scgi-nph-socket", Protocol::scgi},
            {"raw-socket", Protocol::tcp},
            {"puwsgi-socket", Protocol::tcp},
            {"http", Protocol::http},
            {"httprouter", Protocol::http},
            {"http-to-https", Protocol::http},
            {"https", Protocol::https},
        }};
        const auto found = std::find_if(names.begin(), names.end(),
                                        [option](const auto& one) { return one.first == option; });
        if (found == names.end()) return std::nullopt;
        return found->second;
    }

    /// Of `socket`; tcp stands for what nginx does not speak.
    Protocol default_protocol() const {
        const UwsgiOption* option = find("protocol", "socket-protocol");
        if (option == nullptr || option->value.text == "uwsgi") return Protocol::uwsgi;
        const std::string_view name = option->value.text;
        if (name == "http" || name == "http11") return Protocol::http;
        if (name == "https") return Protocol::https;
        if (name == "suwsgi") return Protocol::suwsgi;
        if (name.starts_with("fastcgi")) return Protocol::fastcgi;
        if (name.starts_with("scgi")) return Protocol::scgi;
        return Protocol::tcp;
    }

    void add(const UwsgiOption& option, Protocol speaks) {
        // `=0` is the first shared socket; its own option says where that is.
        const UwsgiOption* bound = &option;
        if (option.value.text.starts_with('=')) {
            const std::optional<std::uint64_t> number = parse_number(option.value.text.substr(1));
            if (!number || *number >= shared_.size()) {
                listening_.is_whole = false;
                return;
            }
            bound = shared_[*number];
        }
        std::string_view written = bound->value.text;
        if (is_tls(speaks)) written = written.substr(0, written.find(','));
        const UwsgiOption* protocol = find("protocol", "socket-protocol");
        const bool knows_protocol =
            option.name != "socket" || protocol == nullptr || !is_unknown(protocol->value.text);
        const std::optional<Address> address = parse(written);
        if (!address || !knows_protocol) {
            listening_.is_whole = false;
            return;
        }
        // nginx has no way to reach a socket of the abstract namespace.
        if (address->is_unix() && (address->host.starts_with('@') ||
                                   address->host.starts_with("\\0") || is_set("abstract-socket"))) {
            return;
        }
        listening_.listeners.push_back(make(option, *bound, *address, speaks));
    }

    Listener make(const UwsgiOption& option, const UwsgiOption& bound, const Address& address,
                  Protocol speaks) const {
        Listener listener;
        listener.program = Listener::Program::uwsgi;
        listener.name = "uWSGI";
        if (!process_.name.empty()) listener.name += " (" + process_.name + ')';
        listener.speaks = speaks;
        listener.at = address;
        listener.ipv6_only = address.kind == Address::Kind::ipv6;  // of one family: bind_to_tcp()
        listener.where = bound.value.span;
        listener.section = option.section;
        listener.place = process_.place;
        listener.user = reading_.keep(user());
        if (address.is_unix()) listener.access = access(bound);
        if (const std::optional<Limit> limit = number("harakiri"); limit && limit->value > 0) {
            listener.kill_timeout = Limit{limit->value * 1000, limit->span};
        }
        listener.header_limit = number("buffer-size", default_buffer_size);
        listener.backlog = number("listen", default_listen);
        listener.children = children();
        return listener;
    }

    /// A setting that is a number; the default where it is not written, nothing where it is not
    /// known.
    std::optional<Limit> number(std::string_view name,
                                std::optional<std::uint64_t> fallback = std::nullopt) const {
        const UwsgiOption* option = find(name);
        if (option == nullptr) return fallback ? std::optional(Limit{*fallback, {}}) : std::nullopt;
        const std::optional<std::uint64_t> value = parse_number(option->value.text);
        if (!value || *value > UINT32_MAX) return std::nullopt;
        return Limit{*value, option->value.span};
    }

    /// Processes times threads; loops of events take any number.
    std::optional<Limit> children() const {
        if (find("async", "gevent") != nullptr || find("asyncio", "ugreen") != nullptr) {
            return std::nullopt;
        }
        const UwsgiOption* option = find("processes", "workers");
        const std::optional<Limit> processes =
            number(option == nullptr ? "workers" : std::string_view(option->name), 1);
        const std::optional<Limit> threads = number("threads", 1);
        if (!processes || !threads) return std::nullopt;
        return Limit{processes->value * std::max<std::uint64_t>(threads->value, 1),
                     processes->span};
    }

    /// As whom it works: `uid`, or who starts it.
    std::string_view user() const {
        const UwsgiOption* uid = find("uid");
        if (uid == nullptr) return process_.user;
        return is_unknown(uid->value.text) ? std::string_view() : uid->value.text;
    }

    /// generate_socket_name() and uwsgi_bind_sockets(): what has a colon is no path.
    std::optional<Address> parse(std::string_view written) const {
        if (written.empty() || is_unknown(written)) return std::nullopt;
        const std::size_t colon = written.rfind(':');
        if (colon == std::string_view::npos) return parse_path(written);
        const std::optional<std::uint16_t> port = parse_port(written.substr(colon + 1));
        // `*` stands for the first address of an interface, `fd://` for what systemd hands over.
        if (!port || written.find('*') != std::string_view::npos) return std::nullopt;
        const std::string_view host = written.substr(0, colon);
        return parse_host(host.empty() ? "0.0.0.0" : reading_.keep(host)).at_port(*port);
    }

    /// Relative ones begin where `chdir` leads (uwsgi_bind_sockets() comes after it).
    std::optional<Address> parse_path(std::string_view path) const {
        Address address;
        address.kind = Address::Kind::unix_socket;
        if (path.starts_with('/') || path.starts_with('@') || path.starts_with("\\0")) {
            address.host = reading_.keep(path);
            return address;
        }
        std::string folder = process_.working_directory;
        for (const std::string_view name : {"force-cwd", "chdir"}) {
            const UwsgiOption* option = find(name);
            if (option == nullptr) continue;
            const std::string& to = option->value.text;
            if (is_unknown(to) || (folder.empty() && !to.starts_with('/'))) return std::nullopt;
            folder = absolute_path(folder, to);
        }
        if (folder.empty()) return std::nullopt;
        address.host = reading_.keep(absolute_path(folder, path));
        return address;
    }

    /// Nothing where it cannot be told.
    std::optional<SocketAccess> access(const UwsgiOption& socket) const {
        SocketAccess access;
        access.span = socket.value.span;
        const UwsgiOption* chmod = find("chmod-socket", "chmod");
        const std::optional<std::uint32_t> mode =
            chmod == nullptr ? unchanged_mode() : mode_of(chmod->value.text);
        if (!mode) return std::nullopt;
        access.mode = *mode;
        if (chmod != nullptr) access.mode_span = chmod->value.span;
        if (!find_owner(access)) return std::nullopt;
        return access;
    }

    /// What bind(2) makes of it: all permissions but those of the umask.
    std::optional<std::uint32_t> unchanged_mode() const {
        if (const UwsgiOption* umask = find("umask")) {
            const std::optional<std::uint32_t> mask = octal(umask->value.text);
            if (!mask) return std::nullopt;
            return 0777U & ~*mask;
        }
        if (find("daemonize") != nullptr) return 0777;  // it sets the umask to 0 (daemonize())
        return 0777U & ~process_.umask.value_or(uwsgi_umask);
    }

    /// uwsgi_opt_chmod_socket(): nothing and "1" are 666, anything but three digits keeps uWSGI
    /// from starting.
    static std::optional<std::uint32_t> mode_of(std::string_view text) {
        if (text.empty() || text == "1" || text == "true") return 0666;
        return text.size() == 3 ? octal(text) : std::nullopt;
    }

    static std::optional<std::uint32_t> octal(std::string_view text) {
        if (text.empty() || text.size() > 4) return std::nullopt;
        std::uint32_t value = 0;
        for (const char digit : text) {
            if (digit < '0' || digit > '7') return std::nullopt;
            value = value * 8 + static_cast<std::uint32_t>(digit - '0');
        }
        return value & 0777U;
    }

    /// `chown-socket`; else who makes it: root drops to `uid` and `gid` before it binds, unless it
    /// has to change the owner, or stays root longer.
    bool find_owner(SocketAccess& access) const {
        const bool drops_late =
            is_set("master-as-root") || is_set("drop-after-init") || is_set("drop-after-apps");
        std::string_view owner = process_.user;
        std::string_view group = process_.group;
        const UwsgiOption* chown = find("chown-socket");
        const UwsgiOption* uid = find("uid");
        const UwsgiOption* gid = find("gid");
        if (chown == nullptr && !drops_late) {
            if (uid != nullptr) owner = uid->value.text;
            if (gid != nullptr) group = gid->value.text;
            // Root's own group stays where only the user is changed.
            if (gid == nullptr && uid != nullptr && group.empty()) group = "root";
            if (uid != nullptr) access.span = uid->value.span;
            access.is_written = uid != nullptr;
        }
        if (chown != nullptr) {
            const std::string_view text = chown->value.text;
            const std::size_t colon = text.find(':');
            owner = text.substr(0, colon);
            // Without a group the one of its maker stays.
            if (colon != std::string_view::npos) group = text.substr(colon + 1);
            if (colon == std::string_view::npos && group.empty()) group = "root";
            access.span = chown->value.span;
            access.is_written = true;
        }
        if (owner.empty() || is_unknown(owner) || is_unknown(group)) return false;
        access.owner = reading_.keep(owner);
        access.group = reading_.keep(group);
        return true;
    }

    std::vector<UwsgiOption> options_;
    std::map<std::string_view, const UwsgiOption*> last_;  ///< of each name
    const Process& process_;
    Reading& reading_;
    std::vector<const UwsgiOption*> shared_;
    Listening listening_;
};

}  // namespace

Listening listen_as_uwsgi(const std::vector<UwsgiOption>& options, const Process& process,
                          Reading& reading) {
    OptionReader reader(process, reading);
    reader.read(options, 0);
    Listening listening = UwsgiReader(reader.take(), process, reading).listen();
    listening.is_whole = listening.is_whole && reader.is_whole();
    return listening;
}

}  // namespace gatelint
