#include "rule.hpp"

namespace gatelint::rules::hop_listener_mismatch {

namespace {

constexpr Version http2_by_directive{1, 25, 1};

/// What a listener does to a connection that it cannot serve: the clause for the message, with {}
/// for the requests; the line in the log; the mend in words, if there is one.
struct Misfit {
    std::string what;
    std::string log;
    std::string mend;
};

std::optional<Misfit> misfit(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                             const Subject& subject) {
    const Protocol protocol = endpoint.protocol;
    const bool http = protocol == Protocol::http || protocol == Protocol::https ||
                      protocol == Protocol::grpc || protocol == Protocol::grpcs;
    if (own.proxy_protocol) {
        const Setting sends = pass.effective(DirectiveId::proxy_protocol);
        if (pass.stream && (sends.is_on() || !sends.known)) return std::nullopt;
        if (pass.stream) {
            return Misfit{
                "which wants the PROXY protocol: {} are closed unless the clients "
                "send it",
                "broken header while reading PROXY protocol",
                "\"proxy_protocol on;\" makes stream send it"};
        }
        return Misfit{
            "which wants the PROXY protocol: {} get 502",
            "upstream prematurely closed connection while reading response header from "
            "upstream",
            "nginx's http side never sends it: take \"proxy_protocol\" off this listen, or "
            "enter through stream"};
    }
    // A listener of stream hands on what it gets; who answers is behind it.
    if (own.stream || !http) return std::nullopt;
    if (is_tls(protocol) && !own.ssl) {
        return Misfit{
            "which speaks no TLS: {} get 502",
            "SSL_do_handshake() failed (... wrong version number) while SSL handshaking to "
            "upstream",
            ""};
    }
    if (!is_tls(protocol) && own.ssl) {
        return Misfit{protocol == Protocol::grpc ? "which speaks TLS: {} get 502"
                                                 : "which speaks TLS: {} get 400",
                      protocol == Protocol::grpc
                          ? "upstream prematurely closed connection"
                          : "the client sees \"The plain HTTP request was sent to HTTPS port\"",
                      ""};
    }
    const bool grpc = protocol == Protocol::grpc || protocol == Protocol::grpcs;
    if (grpc && !own.http2) {
        return Misfit{"which speaks no HTTP/2: {} get 502",
                      protocol == Protocol::grpc
                          ? "upstream sent too large http2 frame: 4740180"
                          : "SSL_do_handshake() failed (... no application protocol)",
                      "gRPC needs HTTP/2: \"http2 on;\", before nginx 1.25.1 \"listen ... http2\""};
    }
    const bool old = subject.nginx.version && *subject.nginx.version < http2_by_directive;
    if (protocol == Protocol::http && own.http2 && old) {
        return Misfit{
            "which speaks HTTP/2 only without TLS: {} fail",
            "upstream sent no valid HTTP/1.0 header",
            "before nginx 1.25.1 a listener without TLS speaks HTTP/2 or HTTP/1, not both"};
    }
    return std::nullopt;
}

/// The server that answers for a name ("" for none) at a listener, or null where regular
/// expressions or unseen parts leave it open.
const Server* chosen_server(const OwnListener& own, std::string_view host) {
    if (host.empty()) return own.default_server;
    for (const Server* server : own.servers) {
        if (server->directive->opaque) return nullptr;
        for (const Directive* names : server->directive->all(DirectiveId::server_name)) {
            for (const Word& name : names->args()) {
                if (name.text.find_first_of("~*$") != std::string_view::npos) return nullptr;
                if (name.is_unknown()) return nullptr;
                if (name.text.starts_with('.')) return nullptr;
                if (equals_ignoring_case(name.text, host)) return server;
            }
        }
    }
    return own.default_server;
}

/// Whether nginx has somebody else to try when an endpoint fails.
bool has_other_members(const Endpoint& endpoint) {
    return endpoint.group != nullptr &&
           endpoint.group->directive->all(DirectiveId::server).size() > 1;
}

/// What makes a server refuse all that reach it: a handshake that it rejects, or `return 444`
/// before any location. Null if it does not.
const Directive* find_refusal(const Server& server, bool tls) {
    const Directive* reject = server.directive->last(DirectiveId::ssl_reject_handshake);
    if (tls && reject != nullptr && equals_ignoring_case(reject->arg(0), "on")) return reject;
    const Directive* answer = server.directive->last(DirectiveId::return_);
    return answer != nullptr && answer->arg(0) == "444" ? answer : nullptr;
}

/// The name by which the listener chooses a server: in TLS that of the handshake ("" if none is
/// sent), else the Host. Nothing where only run time or an unseen part knows it.
std::optional<std::string_view> name_sent(const Pass& pass, const Endpoint& endpoint) {
    const std::string_view target =
        endpoint.group == nullptr ? endpoint.address.host : endpoint.group->name;
    if (is_tls(endpoint.protocol)) {
        const Setting sni = pass.effective(DirectiveId::proxy_ssl_server_name);
        if (!sni.known) return std::nullopt;
        if (!sni.is_on()) return "";
    }
    const DirectiveId override =
        is_tls(endpoint.protocol) ? DirectiveId::proxy_ssl_name : DirectiveId::proxy_set_header;
    const Setting setting = pass.effective(override);
    if (!setting.known) return std::nullopt;
    for (const Directive* directive : setting.values) {
        if (override == DirectiveId::proxy_ssl_name) return std::nullopt;
        if (equals_ignoring_case(directive->arg(0), "Host")) return std::nullopt;
    }
    return target;
}

/// A pass that sends its own target's name, or none, reaches the default server, which may be one
/// that refuses everybody.
void check_default_server(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                          Report& report) {
    if (pass.directive->id != DirectiveId::proxy_pass || pass.stream || own.stream) return;
    const std::optional<std::string_view> name = name_sent(pass, endpoint);
    if (!name) return;
    const Server* server = chosen_server(own, *name);
    const bool tls = is_tls(endpoint.protocol);
    const Directive* refusal = server == nullptr ? nullptr : find_refusal(*server, tls);
    if (refusal == nullptr || has_other_members(endpoint)) return;
    Draft draft =
        report(*pass.directive, pass.target_span(),
               "{} to {} meets the default server of a listener of this nginx, which "
               "refuses everybody: {} get 502",
               name_of(endpoint.protocol), to_string(endpoint.address), requests_to(pass));
    draft.note(refusal->span(), "it refuses here");
    if (tls) {
        draft.note(
            "no name is sent that another server answers to: \"proxy_ssl_server_name on;\" "
            "and \"proxy_ssl_name\" send one");
    } else {
        draft.note(
            "\"Host: {}\" is sent, which no other server there answers to: "
            "\"proxy_set_header Host $host;\" hands the client's name on",
            *name);
    }
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            for (const OwnListener* own : subject.own_listeners.reached_by(endpoint.address)) {
                if (!own->known) continue;
                const std::optional<Misfit> found = misfit(pass, endpoint, *own, subject);
                if (!found) {
                    check_default_server(pass, endpoint, *own, report);
                    continue;
                }
                Draft draft = report(*pass.directive, pass.target_span(),
                                     "{} to {} meets a listener of this nginx, {}",
                                     name_of(endpoint.protocol), to_string(endpoint.address),
                                     fmt::format(fmt::runtime(found->what), requests_to(pass)));
                if (pass.stream) draft.severity(Severity::note);  // the clients may send it
                if (has_other_members(endpoint)) draft.severity(Severity::warning);
                draft.note(own->listen->span(), "the listener");
                if (endpoint.group != nullptr) draft.note(endpoint.span, "the server of the group");
                draft.note("{}", found->log);
                if (!found->mend.empty()) draft.note("{}", found->mend);
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "hop-listener-mismatch",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a pass leads to a listener of the same configuration that cannot serve it",
    .why = R"(Where nginx passes to an address at which it listens itself, both sides are in one
configuration, and gatelint compares them:

| pass | listener | the client gets |
|---|---|---|
| `http://`, or stream without `proxy_protocol on` | `proxy_protocol` | 502 |
| `https://` | without `ssl` | 502 |
| `http://` | `ssl` | 400 |
| `grpc://` | without HTTP/2 | 502 |
| `http://`, its own Host sent | default server says `return 444` | 502 |
| `https://`, no name sent | default server says `ssl_reject_handshake on` | 502 |

The error log has `upstream prematurely closed connection`, `wrong version number` or `upstream sent
too large http2 frame: 4740180`, which name neither side.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
    .check = check,
};

}  // namespace gatelint::rules::hop_listener_mismatch
