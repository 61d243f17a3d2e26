#include "rule.hpp"

namespace gatelint::rules::pass_port_missing {

namespace {

/// The port where such a program mostly listens, 0 where there is none that is usual.
std::uint16_t usual_port(const Pass& pass) {
    if (pass.directive->id == DirectiveId::fastcgi_pass) return 9000;
    if (pass.directive->id == DirectiveId::memcached_pass) return 11211;
    return 0;
}

/// Whether the name may be a group that is defined where nobody looked, or is meant for another.
bool may_be_group(const Pass& pass, const PassTarget& target, const Model& model) {
    if (!target.address.is_name()) return false;
    const Directive& block = *pass.server->directive->parent;
    return block.opaque || model.find_misspelt(target.address.host, pass.stream) != nullptr;
}

void report_target(const Pass& pass, const PassTarget& target, Report& report) {
    const std::string_view name = pass.directive->name();
    Draft draft =
        report(*target.written, target.span, "{}{} has no default port, and \"{}\" has no port",
               name, pass.stream ? " in stream" : "", target.text);
    if (target.address.is_name()) draft.note("there is no upstream \"{}\"", target.address.host);
    if (pass.has_variables) {
        // Other requests may have another value.
        if (pass.targets.size() > 1) draft.severity(Severity::warning);
        draft.note(pass.target_span(), "{} {}: {}", requests_to(pass),
                   pass.stream ? "are closed" : "get 500", target.error);
        return;
    }
    if (target.text.starts_with('$')) draft.note("{} does not support variables", name);
    draft.refused(target.error);
    const std::uint16_t port = usual_port(pass);
    if (port == 0 || target.text.find('$') != std::string_view::npos) return;
    if (pass.directive->args()[0].quote != '\0') return;
    draft.fix(Applicability::unsafe, "add the usual port",
              {Report::insert_after(target.span, fmt::format(":{}", port))});
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const PassTarget& target : pass.targets) {
            if (target.mistake != Mistake::port_missing) continue;
            if (!may_be_group(pass, target, subject.model)) report_target(pass, target, report);
        }
    }
    for (const Upstream& group : subject.model.upstreams()) {
        for (const Member& member : group.refused_members) {
            if (member.mistake != Mistake::port_missing) continue;
            report(*member.directive, member.directive->args()[0].span,
                   "a server in a stream upstream has no default port, and \"{}\" has no port",
                   member.directive->arg(0))
                .refused(member.error);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "pass-port-missing",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a pass without a port where there is no default",
    .why =
        R"(Only proxy_pass in `http` has default ports, 80 and 443. fastcgi_pass, uwsgi_pass,
scgi_pass, grpc_pass and memcached_pass, and in `stream` proxy_pass and the servers of an
upstream, need a port, unless the name is that of an `upstream`. Without it nginx refuses to
start, and a restart takes every site down:

    no port in upstream "php"

If the host comes from a variable, nginx starts, and requests get 500.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::pass_port_missing
