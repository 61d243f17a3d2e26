#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules {

namespace {

constexpr std::array<std::uint16_t, 2> tls_ports = {443, 8443};
constexpr std::array<std::uint16_t, 5> plain_ports = {80, 3000, 8000, 8080, 9000};

template <std::size_t N>
bool is_one_of(std::uint16_t port, const std::array<std::uint16_t, N>& ports) {
    return std::find(ports.begin(), ports.end(), port) != ports.end();
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.directive->id != DirectiveId::proxy_pass || pass.stream) continue;
        for (const Endpoint& endpoint : pass.endpoints) {
            const Address& address = endpoint.address;
            // A group's member without a port is a matter of its own (implicit-port-80), and so is
            // a listener of this configuration (hop-listener-mismatch).
            const bool written =
                endpoint.group == nullptr
                    ? endpoint.target->has_port
                    : endpoint.written->arg(0).ends_with(":" + std::to_string(address.port));
            if (!written || !subject.own_listeners.reached_by(address).empty()) continue;
            const bool tls = is_tls(endpoint.protocol);
            const bool odd =
                tls ? is_one_of(address.port, plain_ports) : is_one_of(address.port, tls_ports);
            if (!odd) continue;
            Draft draft = report(*pass.directive, pass.target_span(),
                                 "{} is spoken to port {} of {}, where {} is usual",
                                 tls ? "TLS" : "plain HTTP", address.port, address.host,
                                 tls ? "plain HTTP" : "TLS");
            draft.severity(Severity::note);
            if (endpoint.group != nullptr) draft.note(endpoint.span, "the server of the group");
            if (tls) {
                draft.note(
                    "if it speaks plain HTTP, requests get 502: SSL_do_handshake() failed "
                    "(... wrong version number)");
            } else {
                draft.note(
                    "if it speaks TLS, requests get 400 (\"plain HTTP request was sent to "
                    "HTTPS port\") or 502");
            }
            break;
        }
    }
}

}  // namespace

extern constinit const Rule tls_scheme_mismatch{
    .id = "tls-scheme-mismatch",
    .family = Family::tls,
    .severity = Severity::error,
    .precision = Precision::medium,
    .summary = "https:// to a plain backend, or http:// to one that speaks TLS",
    .why = R"(`proxy_pass https://` to a backend that speaks plain HTTP gets 502:

    SSL_do_handshake() failed (SSL: ... wrong version number) while SSL handshaking to upstream

and `http://` to one that speaks TLS gets the backend's own 400 (nginx: "The plain HTTP request was
sent to HTTPS port") or 502, when it just closes the connection. Where the port number alone speaks
for a mistake, it is a note: any program may listen at any port.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    .check = check,
};

}  // namespace gatelint::rules
