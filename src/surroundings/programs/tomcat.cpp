#include "surroundings/programs/tomcat.hpp"

#include <algorithm>
#include <utility>

#include "nginx/text.hpp"
#include "nginx/units.hpp"
#include "surroundings/formats/xml_file.hpp"

namespace gatelint {

namespace {

// Defaults of AbstractHttp11Protocol and AbstractEndpoint. The server.xml that Tomcat brings
// writes a connectionTimeout of 20000.
constexpr std::uint64_t default_connection_timeout = 60'000;
constexpr std::uint64_t default_header_size = 8192;
constexpr std::uint64_t default_accept_count = 100;
constexpr std::uint64_t default_threads = 200;

/// `${http.port}` is a property of Java, given elsewhere.
bool is_open(std::string_view text) {
    return text.find("${") != std::string_view::npos;
}

std::string_view text_of(const XmlElement& connector, std::string_view attribute) {
    const Value* value = connector.find(attribute);
    return value == nullptr ? std::string_view() : value->text;
}

bool is_true(const XmlElement& connector, std::string_view attribute) {
    return equals_ignoring_case(text_of(connector, attribute), "true");
}

/// `AJP/1.3`, `org.apache.coyote.ajp.AjpNioProtocol`.
bool is_ajp(const XmlElement& connector) {
    return lower_case(text_of(connector, "protocol")).find("ajp") != std::string::npos;
}

/// A number; the default where nothing is written. Nothing for what is unknown, and for -1, which
/// stands for no limit.
std::optional<Limit> number(const XmlElement& connector, std::string_view attribute,
                            std::optional<Limit> fallback) {
    const Value* value = connector.find(attribute);
    if (value == nullptr) return fallback;
    const std::optional<std::uint64_t> parsed = parse_number(value->text);
    if (!parsed) return std::nullopt;
    return Limit{*parsed, value->span};
}

/// Nothing where it cannot be told, or where nothing listens.
std::optional<Address> address_of(const XmlElement& connector, Reading& reading) {
    Address address;
    if (const Value* path = connector.find("unixDomainSocketPath")) {
        if (is_open(path->text) || !path->text.starts_with('/')) return std::nullopt;
        address.kind = Address::Kind::unix_socket;
        address.host = reading.keep(path->text);
        return address;
    }
    const std::optional<std::uint16_t> port = parse_port(text_of(connector, "port"));
    if (!port) return std::nullopt;
    const std::string_view host = text_of(connector, "address");
    if (is_open(host)) return std::nullopt;
    // Java binds a wildcard for both families, however it is written.
    const bool is_wildcard = host.empty() || host == "0.0.0.0";
    return parse_host(is_wildcard ? "::" : reading.keep(host)).at_port(*port);
}

Listener make(const XmlElement& connector, const Address& address) {
    Listener listener;
    listener.program = Listener::Program::tomcat;
    const bool ajp = is_ajp(connector);
    listener.name = ajp ? "Tomcat AJP connector" : "Tomcat connector";
    const bool tls = is_true(connector, "SSLEnabled");
    listener.speaks = ajp ? Protocol::tcp : tls ? Protocol::https : Protocol::http;
    listener.at = address;
    const Value* written = connector.find(address.is_unix() ? "unixDomainSocketPath" : "port");
    listener.where = written == nullptr ? connector.span : written->span;
    listener.section = connector.span;
    listener.backlog = number(connector, "acceptCount", Limit{default_accept_count, {}});
    // A shared executor says how many threads there are.
    if (connector.find("executor") == nullptr) {
        listener.children = number(connector, "maxThreads", Limit{default_threads, {}});
    }
    if (ajp) return listener;
    listener.idle_timeout =
        number(connector, "keepAliveTimeout",
               number(connector, "connectionTimeout", Limit{default_connection_timeout, {}}));
    listener.header_limit =
        number(connector, "maxHttpRequestHeaderSize",
               number(connector, "maxHttpHeaderSize", Limit{default_header_size, {}}));
    return listener;
}

void add_connectors(const XmlElement& service, Listening& listening, Reading& reading) {
    for (const XmlElement& connector : service.children) {
        if (connector.name != "Connector") continue;
        if (text_of(connector, "port") == "-1") continue;  // switched off
        const std::optional<Address> address = address_of(connector, reading);
        if (address) {
            listening.listeners.push_back(make(connector, *address));
        } else {
            listening.is_whole = false;
            reading.remark(connector.span, "cannot tell where this connector listens");
        }
    }
}

}  // namespace

Listening parse_tomcat(SourceId source, const Place* place, Reading& reading) {
    Listening listening;
    const std::optional<XmlElement> server = parse_xml(reading.text(source), source);
    if (!server) reading.remark({source, 0, 0}, "invalid XML");
    if (!server || server->name != "Server") return listening;
    listening.is_known_program = true;
    for (const XmlElement& service : server->children) {
        if (service.name == "Service") add_connectors(service, listening, reading);
    }
    for (Listener& listener : listening.listeners) listener.place = place;
    return listening;
}

}  // namespace gatelint
