#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::upstream_ssl_verify_incomplete {

namespace {

struct Module {
    DirectiveId pass;
    std::string_view prefix;
    DirectiveId verify;
    DirectiveId trusted_certificate;
    DirectiveId certificate;
    DirectiveId certificate_key;
};

using enum DirectiveId;
constexpr std::array<Module, 3> modules = {{
    {proxy_pass, "proxy", proxy_ssl_verify, proxy_ssl_trusted_certificate, proxy_ssl_certificate,
     proxy_ssl_certificate_key},
    {grpc_pass, "grpc", grpc_ssl_verify, grpc_ssl_trusted_certificate, grpc_ssl_certificate,
     grpc_ssl_certificate_key},
    {uwsgi_pass, "uwsgi", uwsgi_ssl_verify, uwsgi_ssl_trusted_certificate, uwsgi_ssl_certificate,
     uwsgi_ssl_certificate_key},
}};

/// Whether nginx makes the context of TLS that it checks: it does so for any variable in the pass.
bool is_tls_checked(const Pass& pass) {
    if (pass.stream) return pass.effective(proxy_ssl).is_on();
    return pass.has_variables || is_tls(pass.targets.front().protocol);
}

void check_verify(const Pass& pass, const Module& module, Report& report) {
    const Setting verify = pass.effective(module.verify);
    const Setting trusted = pass.effective(module.trusted_certificate);
    if (!verify.is_on() || !trusted.known || !trusted.value_or("").empty()) return;
    const Directive& directive = *verify.last();
    report(directive, directive.span(),
           "{0}_ssl_verify has no CA certificates to verify the upstream's certificate against: "
           "{0}_ssl_trusted_certificate is missing",
           module.prefix)
        .note(pass.directive->span(), "the setting applies to this pass")
        .refused(fmt::format("no {0}_ssl_trusted_certificate for {0}_ssl_verify", module.prefix))
        .fix(Applicability::unsafe, "trust the system's CA certificates",
             {report.lines_after(
                 directive,
                 {fmt::format("{}_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;",
                              module.prefix)})});
}

void check_certificate(const Pass& pass, const Module& module, Report& report) {
    const Setting certificate = pass.effective(module.certificate);
    const Setting key = pass.effective(module.certificate_key);
    const std::string_view file = certificate.value_or("");
    if (file.empty() || !key.is_default()) return;
    const Directive& directive = *certificate.last();
    report(directive, directive.span(),
           "the client certificate has no key: {}_ssl_certificate_key is missing", module.prefix)
        .note(pass.directive->span(), "the setting applies to this pass")
        .refused(fmt::format("no \"{}_ssl_certificate_key\" is defined for certificate \"{}\"",
                             module.prefix, file));
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (!is_tls_checked(pass)) continue;
        for (const Module& module : modules) {
            if (pass.directive->id != module.pass) continue;
            check_certificate(pass, module, report);
            check_verify(pass, module, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-ssl-verify-incomplete",
    .family = Family::tls,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary =
        "verification of upstream certificates, or a client certificate, is only half configured",
    .why =
        R"(`proxy_ssl_verify on` needs CA certificates to trust
(`proxy_ssl_trusted_certificate`), and `proxy_ssl_certificate` needs its key. The same holds for
grpc_pass and uwsgi_pass with their own directives. If a pass uses TLS, or contains a variable and
so may use it, nginx refuses to start without them, and a restart takes every site down:

    no proxy_ssl_trusted_certificate for proxy_ssl_verify
    no "proxy_ssl_certificate_key" is defined for certificate "/etc/nginx/tls/client.pem")",
    .reference =
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_trusted_certificate",
    .check = check,
};

}  // namespace gatelint::rules::upstream_ssl_verify_incomplete
