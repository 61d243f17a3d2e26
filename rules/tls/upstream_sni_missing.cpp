#include <array>

#include "rule.hpp"

namespace gatelint::rules::upstream_sni_missing {

namespace {

/// A name of the public DNS: its server likely has many names at one address.
bool is_public(std::string_view host) {
    constexpr std::array<std::string_view, 14> private_ends = {
        ".local", ".internal", ".lan",     ".svc",   ".localhost", ".test",   ".home",
        ".arpa",  ".corp",     ".private", ".intra", ".intranet",  ".docker", ".example"};
    std::string name = lower_case(host);
    if (name.ends_with('.')) name.pop_back();
    if (name.find('.') == std::string::npos) return false;
    for (const std::string_view end : private_ends) {
        if (name.ends_with(end)) return false;
    }
    return true;
}

struct Module {
    DirectiveId pass;
    std::string_view prefix;
    DirectiveId server_name;
    DirectiveId name;
};

using enum DirectiveId;
constexpr std::array<Module, 3> modules = {{
    {proxy_pass, "proxy", proxy_ssl_server_name, proxy_ssl_name},
    {grpc_pass, "grpc", grpc_ssl_server_name, grpc_ssl_name},
    {uwsgi_pass, "uwsgi", uwsgi_ssl_server_name, uwsgi_ssl_name},
}};

/// The first endpoint that has to be told a public name, or null.
const Endpoint* find_public(const PassTarget& target) {
    if (!is_tls(target.protocol)) return nullptr;
    for (const Endpoint& endpoint : target.endpoints) {
        if (endpoint.address.is_name() && is_public(endpoint.address.host)) return &endpoint;
    }
    return nullptr;
}

void check_pass(const Pass& pass, const Module& module, ListMemo<const Endpoint*>& known,
                Report& report) {
    const Setting sni = pass.effective(module.server_name);
    if (!sni.known || (sni.is_set() && !equals_ignoring_case(sni.value_or(""), "off"))) return;
    const Setting name = pass.effective(module.name);
    for (const PassTarget& target : pass.targets) {
        const Endpoint* found = known.of(target.endpoints, [&] { return find_public(target); });
        if (found == nullptr) continue;
        const Endpoint& endpoint = *found;
        const std::string_view host = endpoint.address.host;
        Draft draft =
            report(*pass.directive, pass.target_span(),
                   "nginx sends no SNI to {}: many servers refuse such a handshake, and {} get 502",
                   host, requests_to(pass));
        draft.note_member(endpoint);
        if (sni.is_set()) draft.note(sni.last()->span(), "SNI is turned off here");
        draft.note(
            "SSL_do_handshake() failed (... unrecognized name, or handshake failure) while "
            "SSL handshaking to upstream");
        std::vector<std::string> lines = {fmt::format("{}_ssl_server_name on;", module.prefix)};
        if (endpoint.group != nullptr && name.is_default()) {
            lines.push_back(fmt::format("{}_ssl_name {};", module.prefix, host));
            draft.note("without {}_ssl_name, nginx sends the upstream's name, \"{}\"",
                       module.prefix, endpoint.group->name);
        }
        if (!sni.is_set() && &pass.level() == pass.location->directive) {
            draft.fix(Applicability::unsafe, "send SNI",
                      {report.lines_after(*pass.directive, lines)});
        }
        return;
    }
}

void check(const Subject& subject, Report& report) {
    ListMemo<const Endpoint*> known;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        for (const Module& module : modules) {
            if (pass.directive->id == module.pass) check_pass(pass, module, known, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-sni-missing",
    .family = Family::tls,
    .severity = Severity::warning,
    .summary = "nginx sends no SNI to a TLS upstream",
    .why = R"(nginx does not send the server's name in the TLS handshake (SNI) unless it is
configured to (`proxy_ssl_server_name on`, and likewise for grpc and uwsgi). A server with several
names on one address, such as any CDN, cloud load balancer or shared host, then cannot choose a
certificate and aborts the handshake. Requests get 502:

    SSL_do_handshake() failed (SSL: ... tlsv1 unrecognized name:SSL alert number 112) while SSL
    handshaking to upstream

Some servers answer with a default site instead, until their operators change that. For an
`upstream`, the name sent is that of the upstream unless `proxy_ssl_name` sets another one.
gatelint does not report names without a dot and private names.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_server_name",
    .check = check,
};

}  // namespace gatelint::rules::upstream_sni_missing
