#include "rule.hpp"

namespace gatelint::rules {

namespace {

/// nginx's complaint when a backend answers in another protocol (observed with real ones).
std::string_view log_line(Protocol spoken, Protocol wanted) {
    if (spoken == Protocol::fastcgi && wanted == Protocol::http) {
        return "upstream sent unsupported FastCGI protocol version: 72";
    }
    if (spoken == Protocol::memcached) return "memcached sent invalid response";
    if (is_tls(spoken)) return "peer closed connection in SSL handshake";
    return "recv() failed (104: Connection reset by peer)";
}

/// The status that clients see. uwsgi_pass and scgi_pass take an HTTP server's 400 for an answer.
std::string_view status(Protocol spoken, Protocol wanted) {
    const bool takes_status_line =
        spoken == Protocol::uwsgi || spoken == Protocol::suwsgi || spoken == Protocol::scgi;
    return takes_status_line && is_tls(spoken) == is_tls(wanted) ? "400" : "502";
}

bool is_http(Protocol protocol) {
    return protocol == Protocol::http || protocol == Protocol::https ||
           protocol == Protocol::grpc || protocol == Protocol::grpcs;
}

void report_pool(const Pass& pass, const Endpoint& endpoint, const Listener& pool, Report& report) {
    Draft draft = report(*pass.directive, pass.directive->span(),
                         "{} speaks {}, but {} speaks FastCGI: {} get 502", pass.directive->name(),
                         name_of(endpoint.protocol), pool.name, requests_to(pass));
    draft.note(pool.where, "the pool listens on {}", to_string(pool.at));
    if (endpoint.group != nullptr) draft.note(endpoint.span, "the server of the group");
    draft.note("{} while reading response header from upstream",
               log_line(endpoint.protocol, Protocol::fastcgi));
    const Target& target = *endpoint.target;
    if (pass.has_variables || target.has_uri || pass.directive->args()[0].quote != '\0') return;
    draft.fix(Applicability::unsafe, "speak FastCGI (the pool also wants its fastcgi_param lines)",
              {Report::replace(pass.directive->span(),
                               fmt::format("fastcgi_pass {}", target.host_text))});
}

void report_server(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                   Report& report) {
    const std::string_view code = status(endpoint.protocol, own.listener.speaks);
    Draft draft =
        report(*pass.directive, pass.directive->span(),
               "{} speaks {}, but {} is nginx's own listener, which speaks {}: {} "
               "get {}",
               pass.directive->name(), name_of(endpoint.protocol), to_string(endpoint.address),
               name_of(own.listener.speaks), requests_to(pass), code);
    draft.note(own.listen->span(), "the listener");
    if (endpoint.group != nullptr) draft.note(endpoint.span, "the server of the group");
    if (code == "502") {
        draft.note("{} while reading response header from upstream",
                   log_line(endpoint.protocol, own.listener.speaks));
    }
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        for (const Endpoint& endpoint : pass.endpoints) {
            const auto own = subject.own_listeners.reached_by(endpoint.address);
            if (!own.empty() && own.front()->known && !own.front()->stream &&
                !is_http(endpoint.protocol)) {
                report_server(pass, endpoint, *own.front(), report);
            }
            if (!own.empty() || endpoint.protocol == Protocol::fastcgi) continue;
            for (const Listener* pool : subject.surroundings.reached_by(endpoint.address)) {
                if (pool->speaks != Protocol::fastcgi) continue;
                report_pool(pass, endpoint, *pool, report);
            }
        }
    }
}

}  // namespace

extern constinit const Rule pass_protocol_mismatch{
    .id = "pass-protocol-mismatch",
    .family = Family::protocol,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the pass speaks another protocol than the backend",
    .why = R"(`proxy_pass` speaks HTTP, `fastcgi_pass` FastCGI, `uwsgi_pass` uwsgi, and so on. A
php-fpm pool understands FastCGI only: with any other pass it drops the connection, and every request
gets 502:

    recv() failed (104: Connection reset by peer) while reading response header from upstream

The other way round, `fastcgi_pass` to an HTTP server gets `upstream sent unsupported FastCGI protocol
version: 72` (72 is the H of HTTP). gatelint reports a pass if it knows what listens at its address: a
php-fpm pool, or a server of the same nginx. A port number alone proves nothing.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules
