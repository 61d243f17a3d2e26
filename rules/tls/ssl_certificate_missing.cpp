#include <algorithm>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::ssl_certificate_missing {

namespace {

constexpr std::string_view no_certificate =
    "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive";

Setting setting_of(const Server& server, DirectiveId id) {
    return server.effective(id);
}

bool has_listen_with_tls(const Server& server) {
    return std::any_of(server.listens.begin(), server.listens.end(),
                       [](const Listen& listen) { return listen.ssl && listen.known; });
}

/// Fewer keys than certificates (ngx_http_ssl_merge_srv_conf, ngx_stream_ssl_merge_conf).
void check_keys(const Server& server, Report& report) {
    const Setting certificates = setting_of(server, DirectiveId::ssl_certificate);
    const Setting keys = setting_of(server, DirectiveId::ssl_certificate_key);
    if (!certificates.known || !keys.known || certificates.values.empty()) return;
    if (server.stream && !has_listen_with_tls(server)) return;
    if (keys.values.size() >= certificates.values.size()) return;
    const Directive& certificate = *certificates.last();
    Draft draft = report(certificate, certificate.span(),
                         "ssl_certificate has no key: ssl_certificate_key is missing");
    draft.note(server.directive->span(), "the setting applies to this server");
    if (server.stream && keys.values.empty()) {
        draft.refused("no \"ssl_certificate_key\" is defined for the \"listen ... ssl\" directive");
    } else {
        draft.refused(fmt::format("no \"ssl_certificate_key\" is defined for certificate \"{}\"",
                                  certificate.arg(0)));
    }
}

/// Clients are to be verified, and nobody says against what.
void check_verify(const Server& server, Report& report) {
    const Setting verify = setting_of(server, DirectiveId::ssl_verify_client);
    const Setting client = setting_of(server, DirectiveId::ssl_client_certificate);
    const Setting trusted = setting_of(server, DirectiveId::ssl_trusted_certificate);
    const Setting certificates = setting_of(server, DirectiveId::ssl_certificate);
    if (!verify.known || !client.is_default() || !trusted.is_default()) return;
    if (!certificates.known || certificates.values.empty()) return;
    if (server.stream && !has_listen_with_tls(server)) return;
    const std::string how = lower_case(verify.value_or("off"));
    if (how != "on" && how != "optional") return;
    const Directive& directive = *verify.last();
    report(directive, directive.span(),
           "ssl_verify_client has no CA certificates to verify client certificates against: "
           "ssl_client_certificate is missing")
        .note(server.directive->span(), "the setting applies to this server")
        .refused("no ssl_client_certificate for ssl_verify_client");
}

bool lacks_certificate(const Server& server) {
    return setting_of(server, DirectiveId::ssl_certificate).is_default();
}

void report_missing(const Socket::Use& use, const Address& socket, Report& report) {
    const Directive& listen = *use.listen->directive;
    report(listen, listen.span(), "no certificate for TLS on {}: ssl_certificate is missing",
           socket_text(socket))
        .note(use.server->directive->span(),
              "this is the default server there, and it has no ssl_certificate")
        .refused(std::string(no_certificate));
}

/// The server that answers where no name fits, which has to have a certificate (ngx_http_ssl_init).
const Socket::Use& default_use(const Socket& socket) {
    const auto marked =
        std::find_if(socket.uses.begin(), socket.uses.end(),
                     [](const Socket::Use& use) { return use.listen->default_server; });
    return marked == socket.uses.end() ? socket.uses.front() : *marked;
}

void check_socket(const Socket& socket, Report& report) {
    const auto with_tls = std::find_if(socket.uses.begin(), socket.uses.end(),
                                       [](const Socket::Use& use) { return use.listen->ssl; });
    const bool known = std::all_of(socket.uses.begin(), socket.uses.end(),
                                   [](const Socket::Use& use) { return use.listen->known; });
    if (with_tls == socket.uses.end() || !known) return;
    const Socket::Use& first = default_use(socket);
    if (!lacks_certificate(*first.server)) return;
    const Setting reject = setting_of(*first.server, DirectiveId::ssl_reject_handshake);
    if (!reject.known) return;
    if (!reject.is_on()) {
        report_missing(first, socket.address(), report);
        return;
    }
    for (const Socket::Use& use : socket.uses) {
        const Setting own = setting_of(*use.server, DirectiveId::ssl_reject_handshake);
        if (!lacks_certificate(*use.server) || own.is_on() || !own.known) continue;
        report_missing(use, socket.address(), report);
    }
}

void check(const Subject& subject, Report& report) {
    // Before, every server of stream with TLS had to have a certificate.
    constexpr Version like_http{1, 25, 5};
    const bool strict = subject.nginx.version && *subject.nginx.version < like_http;
    for (const Socket& socket : subject.model.sockets(false)) check_socket(socket, report);
    if (!strict) {
        for (const Socket& socket : subject.model.sockets(true)) check_socket(socket, report);
    }
    for (const Server& server : subject.model.servers()) {
        check_keys(server, report);
        check_verify(server, report);
        if (!strict || !server.stream || !lacks_certificate(server)) continue;
        for (const Listen& listen : server.listens) {
            if (!listen.ssl || !listen.known) continue;
            report_missing({&server, &listen}, listen.address, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "ssl-certificate-missing",
    .family = Family::tls,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a TLS listener without a certificate, or a certificate without its key",
    .why =
        R"(The default server of a `listen ... ssl` socket needs an `ssl_certificate`, its own
or an inherited one, or `ssl_reject_handshake on`. Every `ssl_certificate` needs its
`ssl_certificate_key`, and `ssl_verify_client` needs CA certificates. Otherwise nginx refuses to
start, and a restart takes every site down:

    no "ssl_certificate" is defined for the "listen ... ssl" directive

gatelint only looks at the directives, never at the files.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_certificate",
    .check = check,
};

}  // namespace gatelint::rules::ssl_certificate_missing
