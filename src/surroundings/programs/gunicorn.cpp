#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/formats/python_settings.hpp"
#include "surroundings/programs/programs.hpp"

namespace gatelint::programs {

namespace {

using Takes = OptionName::Takes;

/// A setting of gunicorn: what it is given last, by the file, GUNICORN_CMD_ARGS or the command.
struct Setting {
    bool is_known = true;
    std::vector<Value> values;  ///< one, but for `bind`; none: it is None
};

/// The names of settings in a file, and of their options.
constexpr auto settings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"bind", "bind"},
    {"backlog", "backlog"},
    {"workers", "workers"},
    {"worker_class", "worker-class"},
    {"threads", "threads"},
    {"timeout", "timeout"},
    {"keepalive", "keep-alive"},
    {"chdir", "chdir"},
    {"user", "user"},
    {"group", "group"},
    {"umask", "umask"},
    {"keyfile", "keyfile"},
    {"certfile", "certfile"},
    {"protocol", "protocol"},
    {"http2_cleartext", "http2-cleartext"},
});

CommandLine parse_command(const std::vector<Value>& words) {
    return {words,
            {{"config", 'c', Takes::value},
             {"bind", 'b', Takes::value},
             {"backlog", '\0', Takes::value},
             {"workers", 'w', Takes::value},
             {"worker-class", 'k', Takes::value},
             {"threads", '\0', Takes::value},
             {"timeout", 't', Takes::value},
             {"keep-alive", '\0', Takes::value},
             {"chdir", '\0', Takes::value},
             {"user", 'u', Takes::value},
             {"group", 'g', Takes::value},
             {"umask", 'm', Takes::value},
             {"keyfile", '\0', Takes::value},
             {"certfile", '\0', Takes::value},
             {"protocol", '\0', Takes::value},
             {"http2-cleartext", '\0', Takes::value},
             {"paste", '\0', Takes::value},
             {"paster", '\0', Takes::value},
             {"env", 'e', Takes::value},
             {"pid", 'p', Takes::value},
             {"name", 'n', Takes::value},
             {"access-logfile", '\0', Takes::value},
             {"error-logfile", '\0', Takes::value},
             {"log-file", '\0', Takes::value},
             {"access-logformat", '\0', Takes::value},
             {"log-level", '\0', Takes::value},
             {"pythonpath", '\0', Takes::value},
             {"log-config", '\0', Takes::value}}};
}

/// The settings of gunicorn as its Application.load_config() puts them together.
class GunicornSettings {
  public:
    GunicornSettings(const Process& process, Reading& reading)
        : process_(process), reading_(reading) {
        const CommandLine command = parse_command(arguments_of(process));
        const Value* variable = find_variable(process, "GUNICORN_CMD_ARGS");
        const CommandLine environment =
            parse_command(variable == nullptr ? std::vector<Value>{}
                                              : split_words(variable->text, variable->span));
        knows_defaults_ = command.is_whole() && environment.is_whole() &&
                          (variable != nullptr || process.knows_environment);
        // `--paste` names a file that may say where to listen.
        if (command.last("paste") != nullptr || command.last("paster") != nullptr) hide_all();
        const Value* config = command.last("config");
        if (config == nullptr) config = environment.last("config");
        if (config != nullptr) {
            read_named(*config);
        } else {
            read_default();
        }
        take(environment);
        take(command);
    }

    const Setting* find(std::string_view name) const {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : &found->second;
    }

    /// The text of a setting of one value; nothing where nobody knows or nothing says it.
    const Value* value(std::string_view name) const {
        const Setting* setting = find(name);
        if (setting == nullptr || !setting->is_known || setting->values.empty()) return nullptr;
        const Value& value = setting->values.back();
        return is_unknown(value.text) ? nullptr : &value;
    }

    /// Whether nothing gives this setting a value.
    bool is_default(std::string_view name) const {
        const Setting* setting = find(name);
        return setting == nullptr ? knows_defaults_ : setting->is_known && setting->values.empty();
    }

  private:
    void hide_all() {
        for (const auto& [name, option] : settings) by_name_[std::string(name)].is_known = false;
    }

    void read_named(const Value& config) {
        std::string path = config.text;
        if (path.starts_with("file:")) path = path.substr(5);
        const bool in_sight = process_.files != nullptr && !path.starts_with("python:") &&
                              !is_unknown(path) &&
                              (path.starts_with('/') || !process_.working_directory.empty());
        const std::optional<SourceId> file =
            in_sight
                ? reading_.read(*process_.files, absolute_path(process_.working_directory, path))
                : std::nullopt;
        if (file) {
            read(*file);
            return;
        }
        reading_.remark(config.span, "cannot read gunicorn's settings");
        hide_all();
    }

    /// Since 20.0 gunicorn.conf.py in the working directory is taken by itself.
    void read_default() {
        const bool in_sight = process_.files != nullptr && !process_.working_directory.empty();
        if (!in_sight) {
            knows_defaults_ = false;
            return;
        }
        const std::optional<SourceId> file = reading_.read(
            *process_.files, absolute_path(process_.working_directory, "gunicorn.conf.py"));
        if (file) {
            read(*file);
        } else if (!sees_directory(process_)) {
            knows_defaults_ = false;
        }
    }

    void read(SourceId file) {
        // Programs of one supervisord may all have the same file.
        constexpr std::size_t max_size = 65'536;
        if (reading_.text(file).size() > max_size) {
            hide_all();
            return;
        }
        const PythonSettings written =
            parse_python_settings(reading_.text(file), file, process_.readers_environment());
        if (!written.is_whole) hide_all();
        for (const auto& [name, option] : settings) {
            const auto found = written.values.find(name);
            if (found == written.values.end()) continue;
            Setting& setting = by_name_[std::string(name)];
            setting = {};
            const PythonValue& value = found->second;
            setting.is_known = value.kind != PythonValue::Kind::unknown;
            if (value.kind == PythonValue::Kind::list) {
                setting.values = value.items;
            } else if (value.kind != PythonValue::Kind::none) {
                setting.values = {value.value};
            }
        }
    }

    void take(const CommandLine& command) {
        for (const auto& [name, option] : settings) {
            std::vector<Value> values = command.all(option);
            if (!values.empty()) by_name_[std::string(name)] = {true, std::move(values)};
        }
    }

    const Process& process_;
    Reading& reading_;
    std::map<std::string, Setting, std::less<>> by_name_;
    bool knows_defaults_ = true;
};

std::optional<Limit> seconds(const GunicornSettings& from, std::string_view name,
                             std::uint64_t by_default) {
    if (from.is_default(name)) return Limit{by_default * 1000, {}};
    const Value* value = from.value(name);
    const std::optional<std::uint64_t> number = number_of(value);
    if (!number || *number == 0 || *number > 1'000'000) return std::nullopt;
    return Limit{*number * 1000, value->span};
}

std::optional<Limit> pieces(const GunicornSettings& from, std::string_view name,
                            std::uint64_t by_default) {
    if (from.is_default(name)) return Limit{by_default, {}};
    const Value* value = from.value(name);
    const std::optional<std::uint64_t> number = number_of(value);
    return number ? std::optional(Limit{*number, value->span}) : std::nullopt;
}

/// Config.worker_class_str: sync workers with threads are others. "" if unknown.
std::string worker_class(const GunicornSettings& from) {
    std::string name = "sync";
    if (!from.is_default("worker_class")) {
        const Value* value = from.value("worker_class");
        if (value == nullptr) return {};
        name = value->text;
    }
    if (name != "sync" && !name.ends_with("SyncWorker")) return name;
    const std::optional<Limit> threads = pieces(from, "threads", 1);
    if (!threads) return {};
    return threads->value > 1 ? "gthread" : "sync";
}

/// A worker of these classes keeps connections for `keepalive` seconds.
bool keeps_connections(std::string_view worker) {
    return worker == "gthread" || worker == "gevent" || worker == "eventlet" ||
           worker.starts_with("uvicorn") || worker.ends_with("ThreadWorker");
}

/// `protocol` (since 24.1) and `http2_cleartext` (since 26.0) make it speak what it never did
/// before.
Protocol protocol_of(const GunicornSettings& from) {
    const Setting* protocol = from.find("protocol");
    if (from.find("http2_cleartext") != nullptr || (protocol != nullptr && !protocol->is_known)) {
        return Protocol::tcp;
    }
    const Value* name = from.value("protocol");
    if (name != nullptr && name->text != "http") {
        return name->text == "uwsgi" ? Protocol::uwsgi : Protocol::tcp;
    }
    const bool is_plain = from.is_default("certfile") && from.is_default("keyfile");
    const bool has_tls = from.value("certfile") != nullptr || from.value("keyfile") != nullptr;
    const Setting* certificate = from.find("certfile");
    const bool is_hidden = certificate != nullptr && !certificate->is_known;
    if (has_tls) return Protocol::https;
    return is_plain || !is_hidden ? Protocol::http : Protocol::tcp;
}

void take_facts(const GunicornSettings& from, const Process& process, Listener& listener) {
    const std::string worker = worker_class(from);
    // Of the other classes the worker's heart beats while a request takes long.
    if (worker == "sync") listener.kill_timeout = seconds(from, "timeout", 30);
    if (keeps_connections(worker)) listener.idle_timeout = seconds(from, "keepalive", 2);
    listener.backlog = pieces(from, "backlog", 2048);
    const bool has_concurrency =
        find_variable(process, "WEB_CONCURRENCY") != nullptr || !process.knows_environment;
    const bool knows_workers = !has_concurrency || !from.is_default("workers");
    if (worker == "sync" && knows_workers) listener.children = pieces(from, "workers", 1);

    listener.speaks = protocol_of(from);
}

/// Python's int(text, 0), and 0NN for octal (config.auto_int).
std::optional<std::uint32_t> mode_bits(const Value& value) {
    std::string_view digits = value.text;
    const bool is_octal = digits.size() > 1 && digits.front() == '0';
    if (is_octal) digits.remove_prefix(digits[1] == 'o' || digits[1] == 'O' ? 2 : 1);
    std::uint32_t bits = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > (is_octal ? '7' : '9') || bits > 0777) return std::nullopt;
        bits = bits * (is_octal ? 8 : 10) + static_cast<std::uint32_t>(digit - '0');
    }
    return bits & 0777;
}

/// UnixSocket.bind() of gunicorn's sock.py: made below its own umask, then given to its user and
/// group, whatever the umask of the process.
std::optional<SocketAccess> access_of(const GunicornSettings& from, const Process& process,
                                      Reading& reading) {
    Process maker = process;
    SocketAccess written;
    for (const std::string_view name : {"group", "user"}) {
        if (from.is_default(name) || from.find(name) == nullptr) continue;
        const Value* value = from.value(name);
        if (value == nullptr) return std::nullopt;
        (name == "user" ? maker.user : maker.group) = value->text;
        // The group stays the one of who starts gunicorn.
        if (name == "user" && process.user == "root" && maker.group.empty()) maker.group = "root";
        written.is_written = true;
        written.span = value->span;
    }
    std::uint32_t umask = 0;
    if (!from.is_default("umask") && from.find("umask") != nullptr) {
        const Value* value = from.value("umask");
        if (value == nullptr) return std::nullopt;
        const std::optional<std::uint32_t> bits = mode_bits(*value);
        if (!bits) return std::nullopt;
        umask = *bits;
        written.mode_span = value->span;
    }
    std::optional<SocketAccess> access = access_of_own(maker, 0777 & ~umask, reading);
    if (!access) return std::nullopt;
    access->is_written = written.is_written;
    access->span = written.span;
    access->mode_span = written.mode_span;
    return access;
}

/// util.parse_address(). Its sockets for names are of IPv4 only.
void add(const Value& bind, const std::optional<SocketAccess>& access, Collector& to) {
    std::string_view text = bind.text;
    if (text.starts_with("unix:")) {
        text.remove_prefix(text.starts_with("unix://") ? 7 : 5);
        to.add_unix(text, bind.span, access);
        return;
    }
    if (text.starts_with("fd://")) {
        to.open_end(bind.span, "a file descriptor is given instead of an address");
        return;
    }
    if (text.starts_with("tcp://")) text.remove_prefix(6);
    std::string_view host = text;
    std::string_view port = "8000";
    const std::size_t bracket = text.find(']');
    if (text.starts_with('[') && bracket != std::string_view::npos) {
        host = text.substr(1, bracket - 1);
        const std::string_view rest = text.substr(bracket + 1);
        if (rest.starts_with(':')) port = rest.substr(1);
    } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        host = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (host.empty()) host = "0.0.0.0";
    if (host == "localhost") host = "127.0.0.1";
    to.add(host, port, bind.span);
}

void add_default(const Process& process, Collector& to) {
    const Value* port = find_variable(process, "PORT");
    if (port == nullptr && !process.knows_environment) {
        to.open_end(process.span, "no address is set, and the environment is unknown");
    } else if (port == nullptr) {
        to.add_default("127.0.0.1", 8000);
    } else {
        to.add("0.0.0.0", port->text, port->span);
    }
}

}  // namespace

Listening listen_gunicorn(const Process& process, Reading& reading) {
    const GunicornSettings from(process, reading);
    Collector collector(Listener::Program::gunicorn, "gunicorn", process, reading);
    take_facts(from, process, collector.pattern());
    if (const Value* user = from.value("user"); user != nullptr) {
        collector.pattern().user = reading.keep(user->text);
    }
    // create_sockets() looks at no address where it is given sockets.
    if (collector.add_passed()) return collector.take();

    const Setting* bind = from.find("bind");
    if (from.is_default("bind")) {
        add_default(process, collector);
    } else if (bind == nullptr || !bind->is_known) {
        collector.open_end(process.span, "its settings are unknown");
    } else {
        const std::optional<SocketAccess> access = access_of(from, process, reading);
        for (const Value& each : bind->values) add(each, access, collector);
    }
    return collector.take();
}

}  // namespace gatelint::programs
