#include <algorithm>
#include <utility>

#include "nginx/units.hpp"
#include "source/unknown.hpp"
#include "surroundings/programs/programs.hpp"
#include "surroundings/programs/ruby_config.hpp"

namespace gatelint::programs {

namespace {

using Takes = OptionName::Takes;

/// The value of a key of a query, or nothing.
std::optional<std::string_view> find_in_query(std::string_view query, std::string_view key) {
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        if (pair.starts_with(key) && pair.substr(key.size()).starts_with('=')) {
            return pair.substr(key.size() + 1);
        }
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return std::nullopt;
}

/// Octal digits, or a number of another kind where `by_prefix` (Ruby's Integer()).
std::optional<std::uint32_t> mode_bits(std::string_view text, bool by_prefix) {
    const bool is_octal = !by_prefix || text.starts_with('0');
    std::uint32_t bits = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > (is_octal ? '7' : '9') || bits > 0777) return std::nullopt;
        bits = bits * (is_octal ? 8 : 10) + static_cast<std::uint32_t>(digit - '0');
    }
    return bits & 0777;
}

/// add_unix_listener() of puma's binder.rb: anyone may connect, unless the URI says otherwise.
std::optional<SocketAccess> puma_access(std::string_view query, const Process& process,
                                        Reading& reading) {
    std::uint32_t mode = 0777;
    if (const auto umask = find_in_query(query, "umask")) {
        const std::optional<std::uint32_t> bits = mode_bits(*umask, true);
        if (!bits) return std::nullopt;
        mode = 0777 & ~*bits;
    }
    if (const auto written = find_in_query(query, "mode")) {
        const std::optional<std::uint32_t> bits = mode_bits(*written, false);
        if (!bits) return std::nullopt;
        mode = *bits;
    }
    return access_of_own(process, mode, reading);
}

/// `tcp://0.0.0.0:3000`, `unix:///run/puma.sock?umask=0111`, `ssl://…` (Binder#parse of puma).
void add_puma(const Value& bind, const Process& process, Reading& reading, Collector& to) {
    std::string_view rest = bind.text;
    const std::size_t question = std::min(rest.find('?'), rest.size());
    const std::string_view query =
        question < rest.size() ? rest.substr(question + 1) : std::string_view();
    rest = rest.substr(0, question);
    if (rest.starts_with("unix://")) {
        to.add_unix(rest.substr(7), bind.span, puma_access(query, process, reading));
        return;
    }
    const bool has_tls = rest.starts_with("ssl://");
    if (!has_tls && !rest.starts_with("tcp://")) {
        to.open_end(bind.span, "the address is unknown");
        return;
    }
    rest.remove_prefix(6);
    const std::size_t colon = rest.rfind(':');
    to.pattern().speaks = has_tls ? Protocol::https : Protocol::http;
    to.add(rest.substr(0, colon), colon == std::string_view::npos ? "" : rest.substr(colon + 1),
           bind.span);
    to.pattern().speaks = Protocol::http;
}

/// `8080`, `0.0.0.0:8080`, `:8080`, `/run/a.sock` (HttpServer#listen of unicorn).
void add_unicorn(const Value& listen, const Process& process, Reading& reading, Collector& to) {
    const std::string_view text = listen.text;
    if (text.starts_with('/') || text.starts_with("unix:")) {
        // Without `:umask` in its file unicorn lets anyone connect.
        to.add_unix(text.starts_with('/') ? text : text.substr(5), listen.span,
                    access_of_own(process, 0777, reading));
        return;
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        to.add("0.0.0.0", text, listen.span);
        return;
    }
    const std::string_view host = text.substr(0, colon);
    to.add(host.empty() || host == "*" ? "0.0.0.0" : host, text.substr(colon + 1), listen.span);
}

/// Whether a file of settings may say where to listen: it is there, or nobody knows.
bool may_have_file(const Process& process, std::string_view path) {
    return !sees_directory(process) || text_in_directory(process, path).has_value();
}

/// A file of settings in sight, by its path from the working directory.
struct ConfigFile {
    std::string path;
    SourceId source = SourceId::none;
};

std::optional<ConfigFile> read_config(const Process& process, std::string_view path,
                                      Reading& reading) {
    const bool is_relative = !path.starts_with('/');
    if (process.files == nullptr || is_unknown(path) || path.empty() ||
        (is_relative && process.working_directory.empty())) {
        return std::nullopt;
    }
    std::string whole = absolute_path(process.working_directory, path);
    const std::optional<SourceId> source = reading.read(*process.files, whole);
    if (!source) return std::nullopt;
    return ConfigFile{std::move(whole), *source};
}

/// The version of puma that the application is locked to, or "".
std::string puma_version(const Process& process) {
    const std::optional<std::string> lock = text_in_directory(process, "Gemfile.lock");
    return lock ? locked_gem_version(*lock, "puma").value_or("") : std::string();
}

}  // namespace

Listening listen_puma(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"bind", 'b', Takes::value},
                                                      {"port", 'p', Takes::value},
                                                      {"config", 'C', Takes::value},
                                                      {"no-config", '\0', Takes::nothing},
                                                      {"environment", 'e', Takes::value},
                                                      {"threads", 't', Takes::value},
                                                      {"workers", 'w', Takes::value},
                                                      {"dir", '\0', Takes::value},
                                                      {"pidfile", '\0', Takes::value},
                                                      {"state", 'S', Takes::value},
                                                      {"include", 'I', Takes::value},
                                                      {"control-url", '\0', Takes::value},
                                                      {"control-token", '\0', Takes::value},
                                                      {"tag", '\0', Takes::value}});
    Collector collector(Listener::Program::puma, "puma", process, reading);
    // What the command says comes instead of what the file says (UserFileDefaultOptions).
    for (const Value& bind : command.all("bind")) add_puma(bind, process, reading, collector);
    for (const Value& port : command.all("port")) collector.add("::", port.text, port.span);
    const bool is_written = command.last("bind") != nullptr || command.last("port") != nullptr;
    if (is_written) return collector.take();
    const Value* config = command.last("config");
    const bool has_no_config =
        command.last("no-config") != nullptr || (config != nullptr && config->text == "-");
    const bool may_have_config =
        !has_no_config && (config != nullptr || may_have_file(process, "config/puma.rb") ||
                           command.last("environment") != nullptr);
    const bool is_told = !has_no_config && command.is_whole() && command.last("dir") == nullptr &&
                         command.last("environment") == nullptr && process.sockets.empty();
    if (is_told) {
        const std::optional<ConfigFile> file =
            read_config(process, config == nullptr ? "config/puma.rb" : config->text, reading);
        if (file) {
            return listen_as_puma(file->path, file->source, puma_version(process), process,
                                  reading);
        }
    }
    if (may_have_config || !command.is_whole() || command.last("dir") != nullptr) {
        collector.open_end(config == nullptr ? process.span : config->span,
                           "its settings are unknown");
    } else if (!collector.add_passed()) {
        // Older versions: 0.0.0.0. A connection by IPv4 reaches either.
        collector.add_default("::", 9292);
    }
    return collector.take();
}

Listening listen_unicorn(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"listen", 'l', Takes::value},
                                                      {"port", 'p', Takes::value},
                                                      {"host", 'o', Takes::value},
                                                      {"config-file", 'c', Takes::value},
                                                      {"env", 'E', Takes::value},
                                                      {"daemonize", 'D', Takes::nothing},
                                                      {"include", 'I', Takes::value},
                                                      {"require", 'r', Takes::value}});
    Collector collector(Listener::Program::unicorn, "unicorn", process, reading);
    for (const Value& each : command.all("listen")) add_unicorn(each, process, reading, collector);
    const Value* port = command.last("port");
    const Value* host = command.last("host");
    if (port != nullptr || host != nullptr) {
        collector.add(host == nullptr ? "0.0.0.0" : std::string_view(host->text),
                      port == nullptr ? "8080" : std::string_view(port->text),
                      port == nullptr ? host->span : port->span);
    }
    const Value* config = command.last("config-file");
    const bool is_written = command.last("listen") != nullptr || port != nullptr || host != nullptr;
    if (config != nullptr && !is_written && command.is_whole() && process.sockets.empty()) {
        if (const auto file = read_config(process, config->text, reading)) {
            return listen_as_unicorn(file->path, file->source, process, reading);
        }
    }
    if (config != nullptr || !command.is_whole()) {
        collector.open_end(config == nullptr ? process.span : config->span,
                           "its settings are unknown");
    } else if (!is_written) {
        // UNICORN_FD and LISTEN_FDS.
        if (!collector.add_passed()) collector.add_default("0.0.0.0", 8080);
    }
    return collector.take();
}

Listening listen_rails(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"binding", 'b', Takes::value},
                                                      {"port", 'p', Takes::value},
                                                      {"environment", 'e', Takes::value},
                                                      {"using", 'u', Takes::value},
                                                      {"pid", 'P', Takes::value},
                                                      {"config", 'c', Takes::value}});
    const std::vector<Value>& operands = command.operands();
    if (operands.empty() || (operands.front().text != "server" && operands.front().text != "s")) {
        return {};
    }
    Collector collector(Listener::Program::puma, "rails server", process, reading);
    const Value* host = command.last("binding");
    if (host == nullptr) host = find_variable(process, "BINDING");
    const Value* port = command.last("port");
    if (port == nullptr) port = find_variable(process, "PORT");
    // The server that Rails starts may have settings of its own, which count for what is missing.
    if (host == nullptr || (port == nullptr && !process.knows_environment)) {
        collector.open_end(process.span, "it depends on the environment and the server's settings");
        return collector.take();
    }
    collector.add(host->text, port == nullptr ? "3000" : std::string_view(port->text), host->span);
    return collector.take();
}

namespace {

/// Programs with `-o host -p port`.
Listening listen_by_host_and_port(std::string_view name, const CommandLine& command,
                                  std::string_view host, std::uint16_t port, const Process& process,
                                  Reading& reading) {
    Collector collector(Listener::Program::other, name, process, reading);
    const Value* written_host = command.last("host");
    const Value* written_port = command.last("port");
    if (command.last("config") != nullptr || !command.is_whole() ||
        (host.empty() && written_host == nullptr)) {
        collector.open_end(process.span, "its settings are unknown");
    } else if (const Value* path = command.last("socket"); path != nullptr) {
        collector.add_unix(path->text, path->span, std::nullopt);
    } else if (written_host == nullptr && written_port == nullptr) {
        collector.add_default(host, port);
    } else {
        collector.add(written_host == nullptr ? host : std::string_view(written_host->text),
                      written_port == nullptr ? std::to_string(port) : written_port->text,
                      written_port == nullptr ? written_host->span : written_port->span);
    }
    return collector.take();
}

}  // namespace

Listening listen_thin(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"host", 'a', Takes::value},
                                                      {"port", 'p', Takes::value},
                                                      {"socket", 'S', Takes::value},
                                                      {"config", 'C', Takes::value},
                                                      {"servers", 's', Takes::value},
                                                      {"environment", 'e', Takes::value},
                                                      {"rackup", 'R', Takes::value},
                                                      {"chdir", 'c', Takes::value}});
    if (command.last("servers") != nullptr) {
        // Several, with numbered sockets or ports one after another.
        Collector collector(Listener::Program::other, "thin", process, reading);
        collector.open_end(process.span, "there are several servers");
        return collector.take();
    }
    return listen_by_host_and_port("thin", command, "0.0.0.0", 3000, process, reading);
}

/// Where rackup listens by itself depends on its environment.
Listening listen_rackup(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"host", 'o', Takes::value},
                                                      {"port", 'p', Takes::value},
                                                      {"server", 's', Takes::value},
                                                      {"env", 'E', Takes::value},
                                                      {"option", 'O', Takes::value}});
    return listen_by_host_and_port("rackup", command, "", 9292, process, reading);
}

}  // namespace gatelint::programs
