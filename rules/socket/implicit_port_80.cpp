#include "rule.hpp"

namespace gatelint::rules::implicit_port_80 {

namespace {

bool wants_another_port(Protocol protocol) {
    return protocol != Protocol::http && protocol != Protocol::tcp && protocol != Protocol::udp;
}

bool is_grpc(Protocol protocol) {
    return protocol == Protocol::grpc || protocol == Protocol::grpcs;
}

/// Whether something is known to listen at this very port, and may speak this very protocol: of
/// HTTP servers nobody knows whether they speak HTTP/2.
bool is_right_after_all(const Endpoint& endpoint, const Subject& subject) {
    for (const OwnListener* own : subject.own_listeners.reached_by(endpoint.address)) {
        const bool speaks_grpc = is_grpc(endpoint.protocol) && own->http2;
        if (own->listener.speaks == endpoint.protocol || own->stream || speaks_grpc) return true;
    }
    for (const Listener* listener : subject.surroundings.reached_by(endpoint.address)) {
        const Protocol speaks = listener->speaks;
        const bool may_speak_grpc =
            is_grpc(endpoint.protocol) && (speaks == Protocol::http || speaks == Protocol::https);
        if (speaks == endpoint.protocol || speaks == Protocol::tcp || may_speak_grpc) return true;
    }
    return false;
}

bool is_service(const Directive& member) {
    for (const Word& word : member.args()) {
        if (word.text.starts_with("service=")) return true;
    }
    return false;
}

void check(const Subject& subject, Report& report) {
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (pass.stream || !endpoint.has_implied_port()) continue;
        if (!wants_another_port(endpoint.protocol) || is_service(*endpoint.written)) continue;
        if (is_right_after_all(endpoint, subject)) continue;

        const bool https = endpoint.protocol == Protocol::https;
        Draft draft = report(*endpoint.written, endpoint.span,
                             "nginx connects to port 80 of {} for {}: requests get 502",
                             endpoint.address.host, name_of(endpoint.protocol));
        draft.note(pass.target_span(), "upstream \"{}\" is used here", endpoint.group->name);
        draft.note(
            "a server in an upstream has the default port 80, whatever the scheme of the pass");
        if (https && endpoint.written->args()[0].quote == '\0') {
            draft.fix(Applicability::unsafe, "add the HTTPS port",
                      {Report::insert_after(endpoint.span, ":443")});
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "implicit-port-80",
    .family = Family::socket,
    .severity = Severity::error,
    .summary = "a server in an upstream has no port, but is not used for plain HTTP",
    .why = R"(A `server` in an `upstream` that names no port uses port 80, even if the upstream
is used with `https://`, `fastcgi_pass`, `uwsgi_pass`, `scgi_pass`, `grpc_pass` or
`memcached_pass`. Nothing listens there, or something that speaks plain HTTP, and requests get
502:

    connect() failed (111: Connection refused) while connecting to upstream,
    upstream: "https://203.0.113.7:80/"

Port 443 is only the default for `proxy_pass https://host` without an upstream.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server",
    .check = check,
};

}  // namespace gatelint::rules::implicit_port_80
