#include <algorithm>
#include <array>
#include <utility>

#include "surroundings/programs/programs.hpp"

namespace gatelint::programs {

namespace {

using Takes = OptionName::Takes;

/// Node listens on every address of both families where no host is given.
constexpr std::string_view every_address = "::";

/// What a framework's command says of the host and the port, and what stands for what it leaves
/// out: nothing where a file of settings may say so.
struct Server {
    std::string_view name;
    const Value* host = nullptr;
    const Value* port = nullptr;
    std::optional<std::string_view> default_host;
    std::optional<std::uint16_t> default_port;
};

Listening listen_as(const Server& server, const CommandLine& command, const Process& process,
                    Reading& reading) {
    Collector collector(Listener::Program::node, server.name, process, reading);
    const bool is_told = (server.host != nullptr || server.default_host) &&
                         (server.port != nullptr || server.default_port) && command.is_whole();
    if (!is_told) {
        collector.open_end(process.span, "its settings are unknown");
    } else if (server.host == nullptr && server.port == nullptr) {
        collector.add_default(*server.default_host, *server.default_port);
    } else {
        collector.add(
            server.host == nullptr ? *server.default_host : std::string_view(server.host->text),
            server.port == nullptr ? std::to_string(*server.default_port) : server.port->text,
            server.port == nullptr ? server.host->span : server.port->span);
    }
    return collector.take();
}

/// The port that PORT names, if the command does not; or the default, if PORT is known to be unset.
void take_port_variable(Server& server, std::uint16_t by_default, const Process& process) {
    if (server.port == nullptr) server.port = find_variable(process, "PORT");
    if (process.knows_environment) server.default_port = by_default;
}

bool is_first(const CommandLine& command, std::initializer_list<std::string_view> words) {
    return !command.operands().empty() &&
           std::find(words.begin(), words.end(), command.operands().front().text) != words.end();
}

/// Whether the working directory is in sight and has none of these files, which may say so too.
bool has_none_of(const Process& process, std::string_view name) {
    if (!sees_directory(process)) return false;
    constexpr std::array<std::string_view, 6> endings = {".js",  ".ts",  ".mjs",
                                                         ".cjs", ".mts", ".cts"};
    return std::none_of(endings.begin(), endings.end(), [&](std::string_view ending) {
        return text_in_directory(process, std::string(name) + std::string(ending)).has_value();
    });
}

}  // namespace

/// What an application's own code says, nobody can tell from its command.
Listening listen_node(const Process& process, Reading& reading) {
    Collector collector(Listener::Program::node, "node", process, reading);
    collector.open_end(process.span, "its own code decides");
    return collector.take();
}

Listening listen_next(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process),
                              {{"port", 'p', Takes::value},
                               {"hostname", 'H', Takes::value},
                               {"keepAliveTimeout", '\0', Takes::value},
                               {"experimental-https", '\0', Takes::nothing}});
    if (!is_first(command, {"start", "dev"})) return {};
    Server server{"next", command.last("hostname"), command.last("port"), every_address, {}};
    take_port_variable(server, 3000, process);
    Listening listening = listen_as(server, command, process, reading);
    if (command.last("experimental-https") != nullptr) {
        for (Listener& each : listening.listeners) each.speaks = Protocol::https;
    }
    return listening;
}

Listening listen_nuxt(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"port", 'p', Takes::value},
                                                      {"hostname", 'H', Takes::value},
                                                      {"host", 'h', Takes::value}});
    if (!is_first(command, {"start", "dev", "preview"})) return {};
    const Value* host = command.last("hostname");
    if (host == nullptr) host = command.last("host");
    const Server server{"nuxt", host, command.last("port"), {}, {}};
    return listen_as(server, command, process, reading);
}

Listening listen_vite(const Process& process, Reading& reading) {
    // `--host` may have no value; before another option, or at the end, it has none.
    std::vector<Value> words = arguments_of(process);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool is_last = i + 1 == words.size() || words[i + 1].text.starts_with('-');
        if (words[i].text == "--host" && is_last) words[i].text = "--host=::";
    }
    const CommandLine command(words, {{"port", '\0', Takes::value},
                                      {"host", '\0', Takes::value},
                                      {"config", 'c', Takes::value},
                                      {"mode", 'm', Takes::value}});
    if (is_first(command, {"build", "optimize"})) return {};
    Server server{"vite", command.last("host"), command.last("port"), {}, {}};
    if (command.last("config") == nullptr && has_none_of(process, "vite.config")) {
        server.default_host = "localhost";
        server.default_port = is_first(command, {"preview"}) ? 4173 : 5173;
    }
    return listen_as(server, command, process, reading);
}

Listening listen_webpack(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"port", '\0', Takes::value},
                                                      {"host", '\0', Takes::value},
                                                      {"config", 'c', Takes::value},
                                                      {"mode", '\0', Takes::value}});
    const bool is_webpack = base_name(process.arguments.front().text) == "webpack";
    if (is_webpack && !is_first(command, {"serve", "server", "s"})) return {};
    Server server{"webpack-dev-server", command.last("host"), command.last("port"), {}, {}};
    if (command.last("config") == nullptr && has_none_of(process, "webpack.config")) {
        server.default_host = "localhost";
        server.default_port = 8080;
    }
    return listen_as(server, command, process, reading);
}

Listening listen_angular(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"port", '\0', Takes::value},
                                                      {"host", '\0', Takes::value},
                                                      {"configuration", 'c', Takes::value}});
    if (!is_first(command, {"serve", "s", "dev"})) return {};
    // angular.json may say the rest.
    const Server server{"ng serve", command.last("host"), command.last("port"), {}, {}};
    return listen_as(server, command, process, reading);
}

Listening listen_http_server(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"port", 'p', Takes::value},
                                                      {"", 'a', Takes::value},
                                                      {"tls", 'S', Takes::nothing},
                                                      {"", 'c', Takes::value},
                                                      {"proxy", 'P', Takes::value}});
    Server server{"http-server", command.last("a"), command.last("port"), every_address, {}};
    take_port_variable(server, 8080, process);
    Listening listening = listen_as(server, command, process, reading);
    if (command.last("tls") != nullptr) {
        for (Listener& each : listening.listeners) each.speaks = Protocol::https;
    }
    return listening;
}

Listening listen_serve(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"listen", 'l', Takes::value},
                                                      {"port", 'p', Takes::value},
                                                      {"config", 'c', Takes::value},
                                                      {"ssl-cert", '\0', Takes::value}});
    Server server{"serve", nullptr, command.last("port"), every_address, {}};
    const std::vector<Value> addresses = command.all("listen");
    if (addresses.empty()) {
        take_port_variable(server, 3000, process);
        return listen_as(server, command, process, reading);
    }
    Collector collector(Listener::Program::node, "serve", process, reading);
    if (command.last("ssl-cert") != nullptr) collector.pattern().speaks = Protocol::https;
    for (const Value& address : addresses) {
        std::string_view text = address.text;
        if (text.starts_with("unix:")) {
            collector.add_unix(text.substr(5), address.span, std::nullopt);
            continue;
        }
        if (text.starts_with("tcp://")) text.remove_prefix(6);
        const std::size_t colon = text.rfind(':');
        const bool has_host = colon != std::string_view::npos;
        collector.add(has_host ? text.substr(0, colon) : every_address,
                      has_host ? text.substr(colon + 1) : text, address.span);
    }
    return collector.take();
}

}  // namespace gatelint::programs
