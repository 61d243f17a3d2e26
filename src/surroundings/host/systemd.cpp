#include "surroundings/host/systemd.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "nginx/text.hpp"
#include "nginx/units.hpp"
#include "source/unknown.hpp"
#include "surroundings/formats/unit_file.hpp"

namespace gatelint {

namespace {

/// Where systemd looks for units, the first counts most.
constexpr std::array<std::string_view, 5> system_folders = {
    "/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system", "/lib/systemd/system"};

constexpr std::size_t max_drop_ins = 100;

std::size_t rank(std::string_view path) {
    const auto* found = std::find(system_folders.begin(), system_folders.end(), directory_of(path));
    return static_cast<std::size_t>(found - system_folders.begin());
}

bool is_system(std::string_view path) {
    return rank(path) < system_folders.size();
}

/// parse_boolean() of systemd.
bool is_yes(std::string_view text) {
    constexpr std::array<std::string_view, 6> words = {"1", "yes", "y", "true", "t", "on"};
    return std::any_of(words.begin(), words.end(),
                       [text](std::string_view word) { return equals_ignoring_case(text, word); });
}

bool is_no(std::string_view text) {
    constexpr std::array<std::string_view, 7> words = {"", "0", "no", "n", "false", "f", "off"};
    return std::any_of(words.begin(), words.end(),
                       [text](std::string_view word) { return equals_ignoring_case(text, word); });
}

/// What a unit's specifiers stand for.
class Specifiers {
  public:
    Specifiers(std::string_view name, bool is_of_user) : name_(name), is_of_user_(is_of_user) {}

    std::string fill_in(std::string_view text) const {
        std::string filled;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] != '%' || i + 1 == text.size()) {
                filled += text[i];
                continue;
            }
            filled += value(text[++i]);
        }
        return filled;
    }

  private:
    std::string value(char specifier) const {
        const std::string_view stem = name_.substr(0, name_.rfind('.'));
        const std::size_t at = stem.find('@');
        switch (specifier) {
            case '%':
                return "%";
            case 'n':
                return hidden_instance() ? unknown() : std::string(name_);
            case 'N':
                return hidden_instance() ? unknown() : std::string(stem);
            case 'p':
                return std::string(stem.substr(0, at));
            case 'i':
            case 'I':
                if (at == std::string_view::npos) return "";
                return hidden_instance() ? unknown() : std::string(stem.substr(at + 1));
            default:
                return is_of_user_ ? unknown() : value_of_system(specifier);
        }
    }

    static std::string value_of_system(char specifier) {
        constexpr std::array<std::pair<char, std::string_view>, 10> values = {{{'t', "/run"},
                                                                               {'S', "/var/lib"},
                                                                               {'C', "/var/cache"},
                                                                               {'L', "/var/log"},
                                                                               {'E', "/etc"},
                                                                               {'T', "/tmp"},
                                                                               {'V', "/var/tmp"},
                                                                               {'h', "/root"},
                                                                               {'u', "root"},
                                                                               {'U', "0"}}};
        const auto* found =
            std::find_if(values.begin(), values.end(),
                         [specifier](const auto& each) { return each.first == specifier; });
        return found == values.end() ? unknown() : std::string(found->second);
    }

    bool hidden_instance() const { return name_.find("@.") != std::string_view::npos; }

    static std::string unknown() { return std::string(1, unknown_byte); }

    std::string_view name_;
    bool is_of_user_;
};

/// The settings of a unit and its drop-ins.
class Settings {
  public:
    Settings(std::vector<UnitSetting> settings, Specifiers specifiers)
        : settings_(std::move(settings)), specifiers_(specifiers) {}

    /// Of a setting that has one value the last one; an empty one takes it back.
    std::optional<Value> last(std::string_view section, std::string_view key) const {
        std::optional<Value> value;
        for (const UnitSetting& setting : settings_) {
            if (setting.section != section || setting.key != key) continue;
            value = setting.value.empty() ? std::nullopt : std::optional(filled_in(setting));
        }
        return value;
    }

    /// The settings of a list; an empty one takes back all before it.
    std::vector<const UnitSetting*> all(std::string_view section, std::string_view key) const {
        std::vector<const UnitSetting*> list;
        for (const UnitSetting& setting : settings_) {
            if (setting.section != section || setting.key != key) continue;
            if (setting.value.empty()) {
                list.clear();
            } else {
                list.push_back(&setting);
            }
        }
        return list;
    }

    std::vector<Value> values(std::string_view section, std::string_view key) const {
        std::vector<Value> list;
        for (const UnitSetting* each : all(section, key)) list.push_back(filled_in(*each));
        return list;
    }

    /// The words of a list, specifiers filled in.
    std::vector<Value> words(std::string_view section, std::string_view key) const {
        std::vector<Value> list;
        for (const UnitSetting* each : all(section, key)) {
            for (const Value& word : words_of(*each)) list.push_back(word);
        }
        return list;
    }

    std::vector<Value> words_of(const UnitSetting& setting) const {
        std::vector<Value> list = split_unit_words(setting);
        for (Value& word : list) word.text = specifiers_.fill_in(word.text);
        return list;
    }

    Span heading(std::string_view section) const {
        const auto found =
            std::find_if(settings_.begin(), settings_.end(),
                         [section](const UnitSetting& each) { return each.section == section; });
        return found == settings_.end() ? Span{} : found->heading;
    }

  private:
    Value filled_in(const UnitSetting& setting) const {
        Value value = setting.whole();
        value.text = specifiers_.fill_in(value.text);
        return value;
    }

    std::vector<UnitSetting> settings_;
    Specifiers specifiers_;
};

/// The words of a command line without its prefixes, several commands in one line left out.
std::vector<Value> command_words(const Settings& settings, const UnitSetting& start) {
    std::vector<Value> words = settings.words_of(start);
    if (words.empty()) return words;
    std::string& first = words.front().text;
    const std::size_t size = std::min(first.find_first_not_of("@-:+!|"), first.size());
    const bool has_name = first.substr(0, size).find('@') != std::string::npos;
    first.erase(0, size);
    Span& place = words.front().span;
    place.begin = std::min(place.begin + static_cast<std::uint32_t>(size), place.end);
    // After `@` the second word is what the program takes for its own name.
    if (has_name && words.size() > 1) words.erase(words.begin() + 1);
    if (first.empty()) words.erase(words.begin());
    for (Value& word : words) {
        for (std::size_t at = word.text.find("$$"); at != std::string::npos;
             at = word.text.find("$$", at + 1)) {
            word.text.erase(at, 1);
        }
    }
    return words;
}

/// `A=b` of Environment= or of a file.
void set_variable(Process& process, const Value& word) {
    const std::size_t equals = word.text.find('=');
    if (equals == std::string::npos || equals == 0) return;
    process.environment.insert_or_assign(word.text.substr(0, equals),
                                         Value{word.text.substr(equals + 1), word.span});
}

/// load_env_file(): comments, `A=b` with or without quotes.
void read_environment_file(SourceId source, std::string_view text, Process& process) {
    for (UnitSetting& setting : parse_unit_file(text, source)) {
        const std::vector<Value> words = split_unit_words(setting);
        const bool is_quoted = setting.value.starts_with('"') || setting.value.starts_with('\'');
        const std::string value =
            is_quoted && words.size() == 1 ? words.front().text : setting.value;
        std::string key = setting.key;
        if (key.starts_with("export ")) key.erase(0, 7);
        process.environment.insert_or_assign(key, Value{value, setting.whole().span});
    }
}

/// Makes units of files.
class SystemdReader {
  public:
    SystemdReader(const FileReader& files, const Place* host, Reading& reading)
        : files_(files), host_(host), reading_(reading) {}

    Systemd read(const std::vector<std::string>& paths) {
        systemd_.host = host_;
        for (const std::string& path : chosen(paths)) read_unit(path);
        for (SystemdUnit& unit : systemd_.units) {
            if (unit.kind == SystemdUnit::Kind::socket) read_sockets(unit);
        }
        for (SystemdUnit& unit : systemd_.units) {
            if (unit.kind == SystemdUnit::Kind::service) read_processes(unit);
        }
        return std::move(systemd_);
    }

  private:
    /// Of files of one name in systemd's own folders the one that counts.
    static std::vector<std::string> chosen(const std::vector<std::string>& paths) {
        std::map<std::string_view, std::string_view> best;
        for (const std::string& path : paths) {
            if (!is_system(path)) continue;
            const auto [found, is_new] = best.try_emplace(base_name(path), path);
            if (!is_new && rank(path) < rank(found->second)) found->second = path;
        }
        std::vector<std::string> chosen;
        for (const std::string& path : paths) {
            if (!is_system(path) || best.at(base_name(path)) == path) chosen.push_back(path);
        }
        return chosen;
    }

    /// Drop-ins by their names; of one name the one that counts most.
    std::map<std::string, std::string> drop_ins(const std::string& path) const {
        const std::string name(base_name(path));
        std::vector<std::string> folders;
        if (is_system(path)) {
            folders.assign(system_folders.begin(), system_folders.end());
        } else {
            folders.emplace_back(directory_of(path));
        }
        std::vector<std::string> owners = {name};
        const std::size_t at = name.find('@');
        if (at != std::string::npos) {
            owners.push_back(name.substr(0, at + 1) + name.substr(name.rfind('.')));
        }
        std::map<std::string, std::string> found;
        for (const std::string& owner : owners) {
            for (const std::string& folder : folders) {
                std::string place = absolute_path(folder, owner);
                place += ".d";
                for (const std::string& file : files_.list(place)) {
                    if (file.ends_with(".conf") && found.size() < max_drop_ins) {
                        found.try_emplace(file, absolute_path(place, file));
                    }
                }
            }
        }
        return found;
    }

    void read_unit(const std::string& path) {
        const bool is_socket = path.ends_with(".socket");
        if (!is_socket && !path.ends_with(".service")) return;
        const std::optional<SourceId> source = reading_.read(files_, path);
        const std::map<std::string, std::string> added = drop_ins(path);
        if (!source && added.empty()) return;
        std::vector<UnitSetting> written;
        if (source) written = parse_unit_file(reading_.text(*source), *source);
        for (const auto& [name, file] : added) {
            const std::optional<SourceId> more = reading_.read(files_, file);
            if (!more) continue;
            for (UnitSetting& each : parse_unit_file(reading_.text(*more), *more)) {
                written.push_back(std::move(each));
            }
        }
        SystemdUnit& unit = systemd_.units.emplace_back();
        unit.name = base_name(path);
        unit.file = path;
        unit.kind = is_socket ? SystemdUnit::Kind::socket : SystemdUnit::Kind::service;
        unit.is_of_user = path.find("/systemd/user/") != std::string::npos ||
                          std::any_of(written.begin(), written.end(), [](const UnitSetting& each) {
                              return each.key == "WantedBy" && each.value == "default.target";
                          });
        const Settings& settings =
            settings_.emplace_back(std::move(written), Specifiers(unit.name, unit.is_of_user));
        by_unit_[&unit] = &settings;
        take_facts(settings, unit);
        const std::size_t position = systemd_.units.size() - 1;
        first_of_name_.try_emplace(unit.name, position);
        if (unit.kind == SystemdUnit::Kind::socket) {
            sockets_[unit.name].push_back(position);
            sockets_for_[unit.service].push_back(position);
        }
    }

    static void take_facts(const Settings& settings, SystemdUnit& unit) {
        unit.required = settings.words("Unit", "Requires");
        for (const char* key : {"BindsTo", "Wants"}) {
            for (Value& word : settings.words("Unit", key)) unit.required.push_back(word);
        }
        unit.after = settings.words("Unit", "After");
        unit.joins_namespace_of = settings.words("Unit", "JoinsNamespaceOf");
        if (unit.kind == SystemdUnit::Kind::socket) {
            take_socket(settings, unit);
        } else {
            take_service(settings, unit);
        }
    }

    static void take_socket(const Settings& settings, SystemdUnit& unit) {
        unit.section = settings.heading("Socket");
        unit.user = settings.last("Socket", "SocketUser");
        unit.group = settings.last("Socket", "SocketGroup");
        unit.mode = settings.last("Socket", "SocketMode");
        unit.streams = settings.values("Socket", "ListenStream");
        const std::string stem = unit.name.substr(0, unit.name.rfind('.'));
        const std::optional<Value> accept = settings.last("Socket", "Accept");
        const std::optional<Value> service = settings.last("Socket", "Service");
        unit.service = service ? service->text
                               : stem + (accept && is_yes(accept->text) ? "@" : "") + ".service";
    }

    static void take_service(const Settings& settings, SystemdUnit& unit) {
        constexpr std::string_view section = "Service";
        unit.section = settings.heading(section);
        unit.user = settings.last(section, "User");
        unit.group = settings.last(section, "Group");
        unit.mode = settings.last(section, "UMask");
        unit.working_directory = settings.last(section, "WorkingDirectory");
        unit.runtime_directories = settings.words(section, "RuntimeDirectory");
        unit.runtime_directory_mode = settings.last(section, "RuntimeDirectoryMode");
        unit.runtime_directory_preserve = settings.last(section, "RuntimeDirectoryPreserve");
        unit.starts = settings.values(section, "ExecStart");
        unit.starts_before = settings.values(section, "ExecStartPre");
        const auto in_force = [&](std::string_view key) {
            std::optional<Value> value = settings.last(section, key);
            return value && is_no(value->text) ? std::nullopt : value;
        };
        unit.private_tmp = in_force("PrivateTmp");
        unit.private_network = in_force("PrivateNetwork");
        unit.protect_home = in_force("ProtectHome");
        for (const char* key : {"BindPaths", "BindReadOnlyPaths"}) {
            for (Value& word : settings.words(section, key)) unit.bind_paths.push_back(word);
        }
        if (const std::optional<Value> dynamic = in_force("DynamicUser")) {
            // It implies the others, whatever they say.
            if (!unit.private_tmp) unit.private_tmp = dynamic;
            if (!unit.protect_home) unit.protect_home = Value{"read-only", dynamic->span};
            const std::string stem = unit.name.substr(0, unit.name.rfind('.'));
            if (!unit.user) unit.user = Value{stem, dynamic->span};
        }
        if (const std::optional<Value> limit = settings.last(section, "LimitNOFILE")) {
            const std::string soft = limit->text.substr(0, limit->text.find(':'));
            if (const std::optional<std::uint64_t> number = parse_number(soft)) {
                unit.descriptors = Limit{*number, limit->span};
            }
        }
    }

    void read_environment(const Settings& settings, Process& process) {
        process.knows_environment = true;
        for (const Value& word : settings.words("Service", "Environment")) {
            set_variable(process, word);
        }
        for (const Value& file : settings.values("Service", "EnvironmentFile")) {
            const bool is_optional = file.text.starts_with('-');
            const std::string path = file.text.substr(is_optional ? 1 : 0);
            const bool is_plain = !is_unknown(path) && path.starts_with('/') &&
                                  path.find_first_of("*?[") == std::string::npos;
            const std::optional<SourceId> source =
                is_plain ? reading_.read(files_, path) : std::nullopt;
            if (source) {
                read_environment_file(*source, reading_.text(*source), process);
            } else if (!is_optional || !is_plain || !files_.complete()) {
                // It comes over everything before it.
                reading_.remark(file.span, "cannot read this environment file");
                process.environment.clear();
                process.knows_environment = false;
            }
        }
        for (const Value& name : settings.words("Service", "PassEnvironment")) {
            process.environment.erase(name.text);
            process.knows_environment = false;
        }
        for (const Value& name : settings.words("Service", "UnsetEnvironment")) {
            process.environment.erase(name.text);
        }
    }

    Process process_of(const SystemdUnit& unit, const Settings& settings) {
        Process process;
        process.name = "unit " + unit.name;
        process.files = &files_;
        process.place = host_;
        read_environment(settings, process);
        if (!unit.is_of_user) process.user = "root";
        if (unit.user) process.user = is_unknown(unit.user->text) ? "" : unit.user->text;
        if (process.user == "root") process.group = "root";
        if (unit.group && !is_unknown(unit.group->text)) process.group = unit.group->text;
        process.umask = unit.mode ? parse_permissions(unit.mode->text) : 022;
        std::string directory = unit.working_directory ? unit.working_directory->text : "/";
        if (directory.starts_with('-')) directory.erase(0, 1);
        if (directory == "~" && process.user == "root") directory = "/root";
        if (directory.starts_with('/') && !is_unknown(directory)) {
            process.working_directory = directory;
        }
        return process;
    }

    void read_processes(SystemdUnit& unit) {
        const Settings& settings = *by_unit_.at(&unit);
        // Paths below another root are others.
        if (settings.last("Service", "RootDirectory") || settings.last("Service", "RootImage")) {
            return;
        }
        const Place* place = host_;
        const std::optional<Value> named = settings.last("Service", "NetworkNamespacePath");
        if (unit.private_network || named) {
            Place& own = systemd_.places.emplace_back();
            own.name = "unit " + unit.name;
            place = &own;
        }
        take_sockets(settings, unit);
        for (const UnitSetting* start : settings.all("Service", "ExecStart")) {
            Process& process = unit.processes.emplace_back(process_of(unit, settings));
            process.place = place;
            process.arguments = command_words(settings, *start);
            process.span = start->whole().span;
            process.sockets = unit.sockets;
        }
    }

    /// The sockets that the service is given: those that are for it, and those that it names.
    void take_sockets(const Settings& settings, SystemdUnit& service) {
        std::set<std::size_t> mine;
        const auto take = [&mine](const auto& by, const std::string& name) {
            const auto found = by.find(name);
            if (found != by.end()) mine.insert(found->second.begin(), found->second.end());
        };
        take(sockets_for_, service.name);
        for (const Value& name : settings.words("Service", "Sockets")) take(sockets_, name.text);
        for (const std::size_t position : mine) {
            const SystemdUnit& unit = systemd_.units[position];
            // Where there are copies in several folders, those beside one another belong together.
            const bool is_beside = directory_of(unit.file) == directory_of(service.file) ||
                                   (is_system(unit.file) && is_system(service.file));
            if (!is_beside) continue;
            service.sockets.insert(service.sockets.end(), unit.sockets.begin(), unit.sockets.end());
        }
        service.requires_its_socket =
            std::any_of(service.required.begin(), service.required.end(), [&](const Value& word) {
                const auto named = first_of_name_.find(word.text);
                return named != first_of_name_.end() &&
                       systemd_.units[named->second].service == service.name;
            });
    }

    void read_sockets(SystemdUnit& unit) {
        const Settings& settings = *by_unit_.at(&unit);
        const std::optional<Value> only = settings.last("Socket", "BindIPv6Only");
        for (const Value& stream : unit.streams) {
            std::optional<PassedSocket> socket = passed_socket(unit, stream);
            if (!socket) {
                reading_.remark(stream.span, "cannot tell where the socket is");
                continue;
            }
            socket->ipv6_only = only && only->text == "ipv6-only";
            unit.sockets.push_back(std::move(*socket));
        }
    }

    /// socket_address_parse(): a path, an address with a port, or a port alone, which is of IPv6
    /// and with it of IPv4.
    std::optional<PassedSocket> passed_socket(const SystemdUnit& unit, const Value& stream) {
        if (is_unknown(stream.text)) return std::nullopt;
        PassedSocket socket;
        socket.where = stream.span;
        if (stream.text.starts_with('/')) {
            socket.at.kind = Address::Kind::unix_socket;
            socket.at.host = reading_.keep(stream.text);
            socket.access = access_of(unit, stream);
            return socket;
        }
        const std::size_t colon = stream.text.rfind(':');
        const bool has_host = colon != std::string::npos;
        const std::optional<std::uint16_t> port =
            parse_port(has_host ? stream.text.substr(colon + 1) : stream.text);
        if (!port) return std::nullopt;
        const std::string host = has_host ? stream.text.substr(0, colon) : "::";
        socket.at = parse_host(reading_.keep(host)).at_port(*port);
        return socket.at.is_literal_ip() ? std::optional(socket) : std::nullopt;
    }

    std::optional<SocketAccess> access_of(const SystemdUnit& unit, const Value& stream) {
        SocketAccess access;
        access.mode = 0666;
        access.span = stream.span;
        if (unit.mode) {
            const std::optional<std::uint32_t> bits = parse_permissions(unit.mode->text);
            if (!bits) return std::nullopt;
            access.mode = *bits;
            access.mode_span = unit.mode->span;
        }
        constexpr std::uint32_t everybody_writes = 0222;
        const bool knows_maker = !unit.is_of_user || unit.user;
        if (!knows_maker && (access.mode & everybody_writes) != everybody_writes) {
            return std::nullopt;
        }
        if (!unit.is_of_user) access.owner = access.group = "root";
        // With a user and no group it is that user's own.
        if (unit.user) access.owner = reading_.keep(unit.user->text);
        if (unit.user) access.group = {};
        if (unit.group) access.group = reading_.keep(unit.group->text);
        access.is_written = unit.user || unit.group;
        if (unit.user) access.span = unit.user->span;
        if (!unit.user && unit.group) access.span = unit.group->span;
        return access;
    }

    const FileReader& files_;
    const Place* host_;
    Reading& reading_;
    Systemd systemd_;
    std::deque<Settings> settings_;
    std::unordered_map<const SystemdUnit*, const Settings*> by_unit_;

    // Positions among the units, by names.
    std::unordered_map<std::string, std::size_t> first_of_name_;
    std::unordered_map<std::string, std::vector<std::size_t>> sockets_;
    std::unordered_map<std::string, std::vector<std::size_t>> sockets_for_;  ///< their services
};

bool is_of_nginx(const SystemdUnit& unit) {
    constexpr std::array<std::string_view, 4> names = {"nginx.service", "openresty.service",
                                                       "angie.service", "tengine.service"};
    return !unit.is_of_user && std::find(names.begin(), names.end(), unit.name) != names.end();
}

}  // namespace

bool SystemdUnit::is_installed() const {
    return is_system(file);
}

const SystemdUnit* Systemd::find_nginx() const {
    const SystemdUnit* found = nullptr;
    for (const SystemdUnit& unit : units) {
        if (!is_of_nginx(unit)) continue;
        // A copy beside what is installed says nothing.
        if (found != nullptr && found->is_installed() && !unit.is_installed()) continue;
        const bool is_rival = found != nullptr && found->is_installed() == unit.is_installed();
        // Of two that count as much, nobody knows which one is meant.
        if (is_rival) return nullptr;
        found = &unit;
    }
    return found;
}

Systemd read_systemd(const std::vector<std::string>& paths, const FileReader& files,
                     const Place* host, Reading& reading) {
    return SystemdReader(files, host, reading).read(paths);
}

}  // namespace gatelint
