#include <algorithm>
#include <array>
#include <string_view>

#include "rule.hpp"

namespace gatelint::rules::resolver_missing {

namespace {

/// Whether a group may be meant by the name that the client asked for.
bool has_groups_of_hosts(const Model& model) {
    const auto& groups = model.upstreams();
    return std::any_of(groups.begin(), groups.end(), [](const Upstream& group) {
        return group.name.find('.') != std::string_view::npos;
    });
}

/// Whether a host is the name that the client asked for.
bool is_of_the_request(const PassTarget& target, const Pass& pass) {
    constexpr std::array<std::string_view, 3> names = {"host", "http_host",
                                                       "ssl_preread_server_name"};
    std::string_view host = target.host_text;
    const std::size_t colon = host.find(':');
    // Without a port, stream can only mean a group.
    if (pass.stream && colon == std::string_view::npos) return false;
    host = host.substr(0, colon);
    const auto uses = variables_in(host);
    return uses.size() == 1 && uses[0].begin == 0 && uses[0].end == host.size() &&
           is_among(uses[0].name, names);
}

void report_name(const Pass& pass, const PassTarget& target, Report& report) {
    const std::string_view host = target.address.host;
    Draft draft =
        report(*pass.directive, pass.target_span(),
               "nginx cannot resolve {} at run time, because no resolver is set here: {} {}", host,
               requests_to(pass), failure_of(pass));
    if (target.written != pass.directive) {
        draft.note(target.span, "the name is set here");
    }
    draft.note(
        "a variable in {} makes nginx resolve the name for each request, through \"resolver\" only "
        "and not through /etc/hosts or the system's resolver",
        pass.directive->name());
}

void check(const Subject& subject, Report& report) {
    const bool may_be_group = has_groups_of_hosts(subject.model);
    for (const Pass& pass : subject.model.passes()) {
        if (!pass.has_variables) continue;
        const Setting resolver = pass.effective(DirectiveId::resolver);
        if (!resolver.is_default()) continue;
        for (const PassTarget& target : pass.targets) {
            if (!target.host_known) {
                if (may_be_group || !is_of_the_request(target, pass)) continue;
                report(*pass.directive, pass.target_span(),
                       "{} may be any host name, and no resolver is set here: {} {}",
                       target.host_text, requests_to(pass), failure_of(pass))
                    .severity(Severity::warning)
                    .note("without a resolver only IP addresses and upstream names work");
                continue;
            }
            const bool needs_dns = target.error.empty() && target.group == nullptr &&
                                   target.address.is_name() && !target.implicit;
            if (needs_dns) report_name(pass, target, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "resolver-missing",
    .family = Family::dns,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a name is resolved at run time, but no resolver is set",
    .why =
        R"(With a variable anywhere in the argument of a pass, even only in the URI, nginx
resolves the host for each request. For that it does not use the system's resolver, /etc/hosts or
search domains, but only the name servers of the `resolver` directive. Without one, requests get
502:

    no resolver defined to resolve app while sending to client

No resolver is needed if the value is an IP address, the name of an `upstream` (without a port),
or a host and port that another pass names without variables.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver",
    .check = check,
};

}  // namespace gatelint::rules::resolver_missing
