#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::tls_scheme_mismatch {

namespace {

constexpr std::array<std::uint16_t, 2> tls_ports = {443, 8443};
constexpr std::array<std::uint16_t, 4> plain_ports = {80, 3000, 8000, 8080};

/// Whether a port is written that is one where the other is usual, TLS or none.
bool is_odd_port(const Endpoint& endpoint) {
    const bool is_written =
        endpoint.group == nullptr ? endpoint.target->has_port : !endpoint.has_implied_port();
    const std::uint16_t port = endpoint.address.port;
    const bool odd =
        is_tls(endpoint.protocol) ? is_among(port, plain_ports) : is_among(port, tls_ports);
    return odd && is_written;
}

/// What the port alone lets suspect.
void report_port(const Pass& pass, const Endpoint& endpoint, Report& report) {
    const Address& address = endpoint.address;
    const bool tls = is_tls(endpoint.protocol);
    Draft draft =
        report(*pass.directive, pass.target_span(),
               "nginx speaks {} to port {} of {}, which is usually used for {}",
               tls ? "TLS" : "plain HTTP", address.port, address.host, tls ? "plain HTTP" : "TLS");
    draft.severity(Severity::note);
    draft.note_member(endpoint);
    if (tls) {
        draft.note(
            "if the backend speaks plain HTTP, requests get 502: SSL_do_handshake() failed (... "
            "wrong version number)");
    } else {
        draft.note(
            "if the backend speaks TLS, requests get 400 (\"plain HTTP request was sent to HTTPS "
            "port\") or 502");
    }
}

void report_listener(const Pass& pass, const Endpoint& endpoint, const Listener& listener,
                     const Subject& subject, Report& report) {
    const bool tls = is_tls(endpoint.protocol);
    const Outcome found = outcome_of(endpoint.protocol, listener);
    Draft draft =
        report(*pass.directive, pass.target_span(), "nginx speaks {} to {}, which {}: {} {}",
               tls ? "TLS" : "plain HTTP", listener.name, tls ? "speaks plain HTTP" : "speaks TLS",
               requests_to(pass), found.requests);
    if (!subject.surroundings.is_certain(listener)) draft.severity(Severity::warning);
    draft.note_listener(listener);
    draft.note_member(endpoint);
    if (!found.log.empty()) draft.note("{}", found.log);
    const Span target = pass.target_span();
    const std::string_view scheme = tls ? "https" : "http";
    if (pass.has_variables || !report.text(target).starts_with(scheme)) return;
    const auto end = target.begin + static_cast<std::uint32_t>(scheme.size());
    draft.fix(Applicability::unsafe, tls ? "use plain HTTP" : "use TLS",
              {Report::replace({target.source, target.begin, end}, tls ? "http" : "https")});
}

/// Whether a program that is known to answer there may speak what is spoken to it. Those of other
/// protocols than HTTP are left to pass-protocol-mismatch.
bool may_fit(Protocol spoken, const Listener& listener) {
    const bool is_http = listener.speaks == Protocol::http || listener.speaks == Protocol::https;
    return !is_http || listener.speaks == spoken;
}

/// An endpoint to which TLS is spoken or not, against what is known of it.
struct Trouble {
    const Endpoint* endpoint = nullptr;  ///< null: there is none
    const Listener* listener = nullptr;  ///< null: the port alone tells
};

Trouble find(std::span<const Endpoint> endpoints, const Subject& subject) {
    for (const Endpoint& endpoint : endpoints) {
        // That is implicit-port-80's matter.
        if (endpoint.protocol == Protocol::https && endpoint.has_implied_port()) continue;
        // A listener of this configuration is hop-listener-mismatch's matter.
        if (!subject.own_listeners.reached_by(endpoint.address).empty()) continue;
        const auto reached = subject.surroundings.reached_by(endpoint.address);
        const bool fits = std::any_of(
            reached.begin(), reached.end(),
            [&](const Listener* listener) { return may_fit(endpoint.protocol, *listener); });
        if (fits) continue;
        if (!reached.empty()) return {&endpoint, reached.front()};
        if (is_odd_port(endpoint)) return {&endpoint, nullptr};
    }
    return {};
}

void check(const Subject& subject, Report& report) {
    ListMemo<Trouble> known;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.directive->id != DirectiveId::proxy_pass || pass.stream) continue;
        for (const PassTarget& target : pass.targets) {
            const Trouble trouble =
                known.of(target.endpoints, [&] { return find(target.endpoints, subject); });
            if (trouble.listener != nullptr) {
                report_listener(pass, *trouble.endpoint, *trouble.listener, subject, report);
            } else if (trouble.endpoint != nullptr) {
                report_port(pass, *trouble.endpoint, report);
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "tls-scheme-mismatch",
    .family = Family::tls,
    .severity = Severity::error,
    .precision = Precision::medium,
    .summary = "https:// to a backend that speaks plain HTTP, or http:// to one that speaks TLS",
    .why = R"(`proxy_pass https://` to a backend that speaks plain HTTP gets 502:

    SSL_do_handshake() failed (SSL: ... wrong version number) while SSL handshaking to upstream

or times out with 504: gunicorn and uWSGI take the handshake for the beginning of a request line.
`http://` to a backend that speaks TLS gets the backend's own 400 (nginx: "The plain HTTP request
was sent to HTTPS port"), or 502 if the backend just closes the connection.

The severity is error if the backend's command or settings say what it speaks (gunicorn's
`--certfile`, uvicorn's `--ssl-keyfile`, uWSGI's `https`, Tomcat's `SSLEnabled`), and warning if
they were found in a repository or it follows from the program's default. If only the port number
suggests a mistake, it is note: any program may listen on any port.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    .check = check,
};

}  // namespace gatelint::rules::tls_scheme_mismatch
