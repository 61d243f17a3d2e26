#include <algorithm>
#include <utility>

#include "surroundings/programs/programs.hpp"

namespace gatelint::programs {

namespace {

using Takes = OptionName::Takes;

/// `http://+:80`, `https://localhost:5001`, `http://unix:/run/app.sock`: an address of Kestrel.
void add_url(const Value& url, Collector& to) {
    std::string_view rest = url.text;
    const bool has_tls = rest.starts_with("https://");
    if (!has_tls && !rest.starts_with("http://")) {
        to.open_end(url.span, "the address is unknown");
        return;
    }
    rest.remove_prefix(has_tls ? 8 : 7);
    to.pattern().speaks = has_tls ? Protocol::https : Protocol::http;
    if (rest.starts_with("unix:/")) {
        to.add_unix(rest.substr(5), url.span, std::nullopt);
        return;
    }
    rest = rest.substr(0, rest.find('/'));
    const std::size_t bracket = rest.rfind(']');
    const std::size_t colon = rest.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    std::string_view host = has_port ? rest.substr(0, colon) : rest;
    // What is neither an address nor localhost is every address of both families.
    const Address::Kind kind = parse_host(host).kind;
    if (kind == Address::Kind::name && host != "localhost") host = "::";
    to.add(host, has_port ? rest.substr(colon + 1) : (has_tls ? "443" : "80"), url.span);
}

/// Adds what stands between semicolons.
template <typename Add>
void for_each_part(const Value& list, Add add) {
    for (std::size_t begin = 0; begin < list.text.size();) {
        const std::size_t end = std::min(list.text.find(';', begin), list.text.size());
        if (end > begin) add(part_of(list, begin, end - begin));
        begin = end + 1;
    }
}

}  // namespace

Listening listen_dotnet(const Process& process, Reading& reading) {
    const CommandLine command(arguments_of(process), {{"urls", '\0', Takes::value}});
    Collector collector(Listener::Program::other, "dotnet", process, reading);
    const Value* urls = command.last("urls");
    for (const char* name : {"ASPNETCORE_URLS", "DOTNET_URLS", "URLS"}) {
        if (urls == nullptr) urls = find_variable(process, name);
    }
    if (urls != nullptr) {
        for_each_part(*urls, [&](const Value& url) { add_url(url, collector); });
    } else {
        for (const bool has_tls : {false, true}) {
            const Value* ports = find_variable(
                process, has_tls ? "ASPNETCORE_HTTPS_PORTS" : "ASPNETCORE_HTTP_PORTS");
            if (ports == nullptr) continue;
            collector.pattern().speaks = has_tls ? Protocol::https : Protocol::http;
            for_each_part(*ports,
                          [&](const Value& port) { collector.add("::", port.text, port.span); });
        }
    }
    // The application's own settings or code may say otherwise.
    collector.open_end(process.span, "its own settings may override this");
    return collector.take();
}

Listening listen_java(const Process& process, Reading& reading) {
    Collector collector(Listener::Program::other, "java", process, reading);
    const Value* port_word = nullptr;
    std::string host;
    std::string port;
    bool has_tls = false;
    for (const Value& word : process.arguments) {
        for (const std::string_view dashes : {"--", "-D"}) {
            const std::string_view text = word.text;
            if (!text.starts_with(dashes)) continue;
            const std::string_view rest = text.substr(2);
            if (rest.starts_with("server.port=")) {
                port = rest.substr(12);
                port_word = &word;
            }
            if (rest.starts_with("server.address=")) host = rest.substr(15);
            if (rest.starts_with("server.ssl.")) has_tls = true;
        }
    }
    const Value* variable = find_variable(process, "SERVER_PORT");
    if (port_word == nullptr && variable != nullptr) {
        port = variable->text;
        port_word = variable;
    }
    if (const Value* address = find_variable(process, "SERVER_ADDRESS");
        host.empty() && address != nullptr) {
        host = address->text;
    }
    // Whether it speaks TLS, and on which address, its own settings may say.
    collector.pattern().speaks = has_tls ? Protocol::https : Protocol::tcp;
    if (port_word != nullptr) collector.add(host.empty() ? "::" : host, port, port_word->span);
    collector.open_end(process.span, "its own settings may override this");
    return collector.take();
}

}  // namespace gatelint::programs
