#include "rule.hpp"

namespace gatelint::rules {

namespace {

constexpr Version http2_by_directive{1, 25, 1};

/// What a listener does to a connection of this kind: the clause for the message, the line in the
/// log, and the mend in words. Empty where it serves it.
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
        return Misfit{"which wants the PROXY protocol: requests get 502",
                      "upstream prematurely closed connection while reading response header from "
                      "upstream",
                      pass.stream ? "\"proxy_protocol on;\" makes stream send it"
                                  : "nginx's http side never sends it: take \"proxy_protocol\" off "
                                    "this listen, or enter through stream"};
    }
    // A listener of stream hands on what it gets; who answers is behind it.
    if (own.stream || !http) return std::nullopt;
    if (is_tls(protocol) && !own.ssl) {
        return Misfit{"which speaks no TLS: requests get 502",
                      "SSL_do_handshake() failed (... wrong version number) while SSL handshaking to "
                      "upstream",
                      ""};
    }
    if (!is_tls(protocol) && own.ssl) {
        return Misfit{protocol == Protocol::grpc ? "which speaks TLS: requests get 502"
                                                 : "which speaks TLS: requests get 400",
                      protocol == Protocol::grpc
                          ? "upstream prematurely closed connection"
                          : "the client sees \"The plain HTTP request was sent to HTTPS port\"",
                      ""};
    }
    const bool grpc = protocol == Protocol::grpc || protocol == Protocol::grpcs;
    if (grpc && !own.http2) {
        return Misfit{"which speaks no HTTP/2: requests get 502",
                      protocol == Protocol::grpc
                          ? "upstream sent too large http2 frame: 4740180"
                          : "SSL_do_handshake() failed (... no application protocol)",
                      "gRPC needs HTTP/2: \"http2 on;\", before nginx 1.25.1 \"listen ... http2\""};
    }
    const bool old = subject.nginx_version && *subject.nginx_version < http2_by_directive;
    if (protocol == Protocol::http && own.http2 && old) {
        return Misfit{"which speaks HTTP/2 only without TLS: requests fail",
                      "upstream sent no valid HTTP/1.0 header",
                      "before nginx 1.25.1 a listener without TLS speaks HTTP/2 or HTTP/1, not both"};
    }
    return std::nullopt;
}

/// The server that answers for a name at a listener, or null where regular expressions or unseen
/// parts leave it open.
const Server* chosen_server(const OwnListener& own, std::string_view host) {
    for (const Server* server : own.servers) {
        if (server->directive->opaque) return nullptr;
        for (const Directive* names : server->directive->all(DirectiveId::server_name)) {
            for (const Word& name : names->args()) {
                if (name.text.find_first_of("~*$") != std::string_view::npos) return nullptr;
                if (name.text.starts_with('.')) return nullptr;
                if (equals_ignoring_case(name.text, host)) return server;
            }
        }
    }
    return own.default_server;
}

/// Whether a server answers nothing at all: `return 444` before any location.
const Directive* find_refusal(const Server& server) {
    const Directive* refusal = server.directive->last(DirectiveId::return_);
    return refusal != nullptr && refusal->arg(0) == "444" ? refusal : nullptr;
}

/// A pass that sends the Host of its own target reaches the default server there, which may be one
/// that closes connections without an answer.
void check_default_server(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                          Report& report) {
    if (pass.directive->id != DirectiveId::proxy_pass || pass.stream || own.stream) return;
    const Setting headers = pass.effective(DirectiveId::proxy_set_header);
    if (!headers.known) return;
    for (const Directive* header : headers.values) {
        if (equals_ignoring_case(header->arg(0), "Host")) return;
    }
    const std::string_view host = endpoint.group == nullptr ? endpoint.address.host
                                                            : endpoint.group->name;
    const Server* server = chosen_server(own, host);
    const Directive* refusal = server == nullptr ? nullptr : find_refusal(*server);
    if (refusal == nullptr) return;
    report(*pass.directive, pass.target_span(),
           "nginx sends \"Host: {}\" to its own listener, where the default server closes the "
           "connection: requests get 502",
           host)
        .note(refusal->span(), "the default server answers nothing")
        .note("\"proxy_set_header Host $host;\" hands the client's name on");
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            for (const OwnListener* own : subject.own_listeners.reached_by(endpoint.address)) {
                const std::optional<Misfit> found = misfit(pass, endpoint, *own, subject);
                if (!found) {
                    check_default_server(pass, endpoint, *own, report);
                    continue;
                }
                Draft draft = report(*pass.directive, pass.target_span(),
                                     "{} over {} leads to nginx's own listener {}, {}",
                                     name_of(endpoint.protocol), to_string(endpoint.address),
                                     to_string(own->listener.at), found->what);
                draft.note(own->listen->span(), "the listener");
                if (endpoint.group != nullptr) draft.note(endpoint.span, "the server of the group");
                draft.note("{}", found->log);
                if (!found->mend.empty()) draft.note("{}", found->mend);
            }
        }
    }
}

}  // namespace

extern constinit const Rule hop_listener_mismatch{
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

The error log has `upstream prematurely closed connection`, `wrong version number` or `upstream sent
too large http2 frame: 4740180`, which name neither side.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
    .check = check,
};

}  // namespace gatelint::rules
