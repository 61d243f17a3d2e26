#include <algorithm>
#include <array>
#include <utility>

#include "source/unknown.hpp"
#include "surroundings/programs/programs.hpp"

namespace gatelint::programs {

namespace {

using Takes = OptionName::Takes;

std::optional<Limit> seconds(const Value* value, std::uint64_t by_default) {
    if (value == nullptr) return Limit{by_default * 1000, {}};
    const std::optional<std::uint64_t> number = number_of(value);
    if (!number || *number > 1'000'000) return std::nullopt;
    return Limit{*number * 1000, value->span};
}

/// `host:port` and `[::1]:port`, with what stands for a missing half.
std::pair<std::string, std::string> split_bind(std::string_view text, std::string_view host,
                                               std::string_view port) {
    const std::size_t colon = text.rfind(':');
    const std::size_t bracket = text.rfind(']');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    const std::string_view written_host = has_port ? text.substr(0, colon) : text;
    return {std::string(written_host.empty() ? host : written_host),
            std::string(has_port ? text.substr(colon + 1) : port)};
}

/// A program's options, and the variables of the environment that stand for them.
class Settings {
  public:
    Settings(const Process& process, std::string_view prefix,
             std::initializer_list<OptionName> names)
        : process_(process), prefix_(prefix), command_(arguments_of(process), names) {}

    const CommandLine& command() const { return command_; }

    /// The option's value, else that of the variable PREFIX_OPTION_NAME; or null.
    const Value* find(std::string_view option) const {
        if (const Value* value = command_.last(option); value != nullptr) return value;
        std::string variable(prefix_);
        for (const char byte : option) {
            const bool is_letter = byte >= 'a' && byte <= 'z';
            variable += byte == '-' ? '_' : is_letter ? static_cast<char>(byte - 'a' + 'A') : byte;
        }
        const Value* value = prefix_.empty() ? nullptr : find_variable(process_, variable);
        return value == nullptr || value->text.empty() ? nullptr : value;
    }

    /// Whether what is not found is not set anywhere.
    bool is_whole() const {
        return command_.is_whole() && (prefix_.empty() || process_.knows_environment);
    }

  private:
    const Process& process_;
    std::string_view prefix_;
    CommandLine command_;
};

/// A host and a port, each an option of its own.
void add_host_and_port(const Settings& settings, std::string_view host, std::uint16_t port,
                       const Process& process, Collector& to) {
    const Value* written_host = settings.find("host");
    const Value* written_port = settings.find("port");
    const bool is_told =
        settings.is_whole() || (written_host != nullptr && written_port != nullptr);
    if (!is_told) {
        to.open_end(process.span, "no address is set, and other settings are unknown");
    } else if (written_host == nullptr && written_port == nullptr) {
        to.add_default(host, port);
    } else {
        const std::string port_text =
            written_port == nullptr ? std::to_string(port) : written_port->text;
        to.add(written_host == nullptr ? host : std::string_view(written_host->text), port_text,
               written_host == nullptr ? written_port->span : written_host->span);
    }
}

}  // namespace

Listening listen_uvicorn(const Process& process, Reading& reading) {
    const Settings settings(process, "UVICORN_",
                            {{"host", '\0', Takes::value},
                             {"port", '\0', Takes::value},
                             {"uds", '\0', Takes::value},
                             {"fd", '\0', Takes::value},
                             {"ssl-keyfile", '\0', Takes::value},
                             {"ssl-certfile", '\0', Takes::value},
                             {"timeout-keep-alive", '\0', Takes::value},
                             {"backlog", '\0', Takes::value}});
    Collector collector(Listener::Program::uvicorn, "uvicorn", process, reading);
    Listener& pattern = collector.pattern();
    pattern.idle_timeout = seconds(settings.find("timeout-keep-alive"), 5);
    pattern.backlog = Limit{2048, {}};
    if (const Value* backlog = settings.find("backlog"); backlog != nullptr) {
        const std::optional<std::uint64_t> number = number_of(backlog);
        pattern.backlog = number ? std::optional(Limit{*number, backlog->span}) : std::nullopt;
    }
    const bool has_tls = settings.find("ssl-keyfile") || settings.find("ssl-certfile");
    pattern.speaks = has_tls ? Protocol::https : Protocol::http;

    if (const Value* descriptor = settings.find("fd"); descriptor != nullptr) {
        if (!collector.add_passed()) {
            collector.open_end(descriptor->span,
                               "a file descriptor is given instead of an address");
        }
    } else if (const Value* path = settings.find("uds"); path != nullptr) {
        // Server.startup() gives every new socket this mode, whatever the umask.
        collector.add_unix(path->text, path->span, access_of_own(process, 0666, reading));
    } else {
        add_host_and_port(settings, "127.0.0.1", 8000, process, collector);
    }
    return collector.take();
}

Listening listen_hypercorn(const Process& process, Reading& reading) {
    const Settings settings(process, "",
                            {{"bind", 'b', Takes::value},
                             {"insecure-bind", '\0', Takes::value},
                             {"quic-bind", '\0', Takes::value},
                             {"config", 'c', Takes::value},
                             {"certfile", '\0', Takes::value},
                             {"keyfile", '\0', Takes::value},
                             {"keep-alive", '\0', Takes::value},
                             {"workers", 'w', Takes::value},
                             {"worker-class", 'k', Takes::value},
                             {"umask", 'm', Takes::value},
                             {"user", 'u', Takes::value},
                             {"group", 'g', Takes::value},
                             {"pid", 'p', Takes::value}});
    const CommandLine& command = settings.command();
    Collector collector(Listener::Program::hypercorn, "hypercorn", process, reading);
    Listener& pattern = collector.pattern();
    const Value* config = command.last("config");
    const bool is_hidden = config != nullptr || !command.is_whole();
    if (!is_hidden || command.last("keep-alive") != nullptr) {
        pattern.idle_timeout = seconds(command.last("keep-alive"), 5);
    }
    const auto add = [&](const Value& bind) {
        if (bind.text.starts_with("unix:")) {
            collector.add_unix(std::string_view(bind.text).substr(5), bind.span, std::nullopt);
        } else if (bind.text.starts_with("fd://")) {
            if (!collector.add_passed()) {
                collector.open_end(bind.span, "a file descriptor is given instead of an address");
            }
        } else {
            const auto [host, port] = split_bind(bind.text, "127.0.0.1", "8000");
            collector.add(host, port, bind.span);
        }
    };
    const bool has_tls = command.last("certfile") != nullptr && command.last("keyfile") != nullptr;
    pattern.speaks = has_tls ? Protocol::https : is_hidden ? Protocol::tcp : Protocol::http;
    const std::vector<Value> binds = command.all("bind");
    for (const Value& bind : binds) add(bind);
    if (binds.empty() && !is_hidden) collector.add_default("127.0.0.1", 8000);
    if (binds.empty() && is_hidden) {
        collector.open_end(config == nullptr ? process.span : config->span,
                           "its settings are unknown");
    }
    pattern.speaks = Protocol::http;
    for (const Value& bind : command.all("insecure-bind")) add(bind);
    return collector.take();
}

namespace {

/// An endpoint of Twisted: `tcp:8000:interface=0.0.0.0`, `unix:/run/a.sock`, `ssl:443:…`.
void add_endpoint(const Value& endpoint, Collector& to, const Process& process, Reading& reading) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < endpoint.text.size(); ++i) {
        const bool is_escaped = endpoint.text[i] == '\\' && i + 1 < endpoint.text.size();
        if (is_escaped) ++i;
        if (endpoint.text[i] == ':' && !is_escaped) {
            parts.emplace_back();
        } else {
            parts.back() += endpoint.text[i];
        }
    }
    const auto find = [&parts](std::string_view key, bool may_be_bare) -> std::string {
        for (std::size_t i = 1; i < parts.size(); ++i) {
            if (parts[i].starts_with(std::string(key) + '='))
                return parts[i].substr(key.size() + 1);
        }
        const bool is_bare =
            may_be_bare && parts.size() > 1 && parts[1].find('=') == std::string::npos;
        return is_bare ? parts[1] : std::string();
    };
    if (parts[0] == "unix") {
        const bool has_mode = !find("mode", false).empty();
        // twisted.internet.endpoints: mode 0666 whatever the umask.
        to.add_unix(find("address", true), endpoint.span,
                    has_mode ? std::nullopt : access_of_own(process, 0666, reading));
    } else if (parts[0] == "tcp" || parts[0] == "tcp6" || parts[0] == "ssl") {
        to.pattern().speaks = parts[0] == "ssl" ? Protocol::https : Protocol::http;
        std::string host = find("interface", false);
        if (host.empty()) host = parts[0] == "tcp6" ? "::" : "0.0.0.0";
        to.add(host, find("port", true), endpoint.span);
        to.pattern().speaks = Protocol::http;
    } else {
        to.open_end(endpoint.span, "the endpoint is unknown");
    }
}

}  // namespace

Listening listen_daphne(const Process& process, Reading& reading) {
    const Settings settings(process, "",
                            {{"bind", 'b', Takes::value},
                             {"port", 'p', Takes::value},
                             {"unix-socket", 'u', Takes::value},
                             {"fd", '\0', Takes::value},
                             {"endpoint", 'e', Takes::value},
                             {"verbosity", 'v', Takes::value},
                             {"http-timeout", 't', Takes::value},
                             {"access-log", '\0', Takes::value},
                             {"root-path", '\0', Takes::value}});
    const CommandLine& command = settings.command();
    Collector collector(Listener::Program::daphne, "daphne", process, reading);
    const Value* host = command.last("bind");
    const Value* port = command.last("port");
    const Value* path = command.last("unix-socket");
    const Value* descriptor = command.last("fd");
    const std::vector<Value> endpoints = command.all("endpoint");
    // CommandLineInterface.run() of daphne: several may be given together.
    if (host != nullptr || port != nullptr) {
        collector.add(host == nullptr ? "127.0.0.1" : std::string_view(host->text),
                      port == nullptr ? "8000" : std::string_view(port->text),
                      host == nullptr ? port->span : host->span);
    }
    if (path != nullptr) {
        collector.add_unix(path->text, path->span, access_of_own(process, 0666, reading));
    }
    if (descriptor != nullptr && !collector.add_passed()) {
        collector.open_end(descriptor->span, "a file descriptor is given instead of an address");
    }
    for (const Value& endpoint : endpoints) add_endpoint(endpoint, collector, process, reading);
    const bool has_any = host || port || path || descriptor || !endpoints.empty();
    if (!has_any && command.is_whole()) collector.add_default("127.0.0.1", 8000);
    if (!command.is_whole()) collector.open_end(process.span, "some of its options are unknown");
    return collector.take();
}

Listening listen_waitress(const Process& process, Reading& reading) {
    const Settings settings(process, "",
                            {{"host", '\0', Takes::value},
                             {"port", '\0', Takes::value},
                             {"listen", '\0', Takes::value},
                             {"unix-socket", '\0', Takes::value},
                             {"unix-socket-perms", '\0', Takes::value},
                             {"threads", '\0', Takes::value},
                             {"call", '\0', Takes::nothing}});
    const CommandLine& command = settings.command();
    Collector collector(Listener::Program::other, "waitress", process, reading);
    const std::vector<Value> addresses = command.all("listen");
    if (const Value* path = command.last("unix-socket"); path != nullptr) {
        std::optional<SocketAccess> access;
        // Adjustments.unix_socket_perms: octal digits, 600 by default.
        if (command.last("unix-socket-perms") == nullptr && command.is_whole()) {
            access = access_of_own(process, 0600, reading);
        }
        collector.add_unix(path->text, path->span, access);
    } else if (!addresses.empty()) {
        for (const Value& address : addresses) {
            auto [host, port] = split_bind(address.text, "0.0.0.0", "8080");
            collector.add(host == "*" ? "::" : host, port, address.span);
        }
    } else {
        add_host_and_port(settings, "0.0.0.0", 8080, process, collector);
    }
    return collector.take();
}

Listening listen_flask(const Process& process, Reading& reading) {
    const Settings settings(process, "FLASK_RUN_",
                            {{"app", 'A', Takes::value},
                             {"env-file", 'e', Takes::value},
                             {"host", 'h', Takes::value},
                             {"port", 'p', Takes::value},
                             {"cert", '\0', Takes::value},
                             {"key", '\0', Takes::value}});
    const std::vector<Value>& operands = settings.command().operands();
    if (operands.empty() || operands.front().text != "run") return {};
    Collector collector(Listener::Program::other, "flask", process, reading);
    if (settings.find("cert") != nullptr) collector.pattern().speaks = Protocol::https;
    // `.env` and `.flaskenv` may hold the variables too.
    const bool is_written = settings.find("host") != nullptr && settings.find("port") != nullptr;
    if (!is_written && !sees_directory(process)) {
        collector.open_end(process.span, "no address is set, and .flaskenv cannot be read");
        return collector.take();
    }
    for (const char* name : {".env", ".flaskenv"}) {
        const std::optional<std::string> text = text_in_directory(process, name);
        if (!is_written && text && text->find("FLASK_RUN_") != std::string::npos) {
            collector.open_end(process.span, std::string(name) + " may set it");
            return collector.take();
        }
    }
    add_host_and_port(settings, "127.0.0.1", 5000, process, collector);
    return collector.take();
}

Listening listen_django(const Process& process, Reading& reading) {
    const std::vector<Value> words = arguments_of(process);
    const CommandLine command(words, {{"settings", '\0', Takes::value},
                                      {"pythonpath", '\0', Takes::value},
                                      {"verbosity", 'v', Takes::value},
                                      {"ipv6", '6', Takes::nothing},
                                      {"cert", '\0', Takes::value},
                                      {"cert-file", '\0', Takes::value},
                                      {"key-file", '\0', Takes::value}});
    const std::vector<Value>& operands = command.operands();
    constexpr std::array<std::string_view, 3> serves = {"runserver", "runserver_plus",
                                                        "runsslserver"};
    if (operands.empty() ||
        std::find(serves.begin(), serves.end(), operands.front().text) == serves.end()) {
        return {};
    }
    Collector collector(Listener::Program::other, "Django", process, reading);
    const bool has_tls = operands.front().text == "runsslserver" ||
                         command.last("cert") != nullptr || command.last("cert-file") != nullptr;
    if (has_tls) collector.pattern().speaks = Protocol::https;
    const bool is_ipv6 = command.last("ipv6") != nullptr;
    if (operands.size() == 1) {
        // A project's own runserver may have another default.
        if (command.is_whole()) collector.add_default(is_ipv6 ? "::1" : "127.0.0.1", 8000);
        return collector.take();
    }
    const Value& address = operands[1];
    // naiveip_re: a port alone, or an address before it; 0 is every address.
    const bool is_port = address.text.find(':') == std::string::npos;
    auto [host, port] =
        split_bind(is_port ? ':' + address.text : address.text, is_ipv6 ? "::1" : "127.0.0.1", "");
    if (host == "0") host = "0.0.0.0";
    collector.add(host, port, address.span);
    return collector.take();
}

Listening listen_fastapi(const Process& process, Reading& reading) {
    const Settings settings(process, "",
                            {{"host", '\0', Takes::value},
                             {"port", '\0', Takes::value},
                             {"app", '\0', Takes::value},
                             {"entrypoint", 'e', Takes::value},
                             {"root-path", '\0', Takes::value},
                             {"workers", '\0', Takes::value}});
    const std::vector<Value>& operands = settings.command().operands();
    const std::string task = operands.empty() ? "" : operands.front().text;
    if (task != "run" && task != "dev") return {};
    Collector collector(Listener::Program::uvicorn, "fastapi", process, reading);
    collector.pattern().idle_timeout = seconds(nullptr, 5);
    // Newer versions take the port from PORT, older ones do not.
    const bool may_have_port =
        find_variable(process, "PORT") != nullptr || !process.knows_environment;
    if (may_have_port && settings.find("port") == nullptr) {
        collector.open_end(process.span, "PORT may set it");
        return collector.take();
    }
    add_host_and_port(settings, task == "run" ? "0.0.0.0" : "127.0.0.1", 8000, process, collector);
    return collector.take();
}

}  // namespace gatelint::programs
