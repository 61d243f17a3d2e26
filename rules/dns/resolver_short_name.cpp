#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::resolver_short_name {

namespace {

/// `app`, `app.shop` and `app.shop.svc`: what Kubernetes completes by search domains.
bool is_short_in_kubernetes(std::string_view name) {
    const auto dots = std::count(name.begin(), name.end(), '.');
    return dots < 2 || (dots == 2 && lower_case(name).ends_with(".svc"));
}

/// Whether somebody else than DNS has the name, which other rules speak of.
bool is_known(std::string_view name, const Surroundings& surroundings) {
    if (equals_ignoring_case(name, "localhost") || !surroundings.hosts().find(name).empty()) {
        return true;
    }
    const ComposeService* nginx = surroundings.nginx_service();
    if (nginx == nullptr) return false;
    const Resolution::Kind kind = resolve(*nginx, name).kind;
    return kind != Resolution::Kind::absent && kind != Resolution::Kind::unknown;
}

enum class Asked { kubernetes, everybody, systemd, other };

Asked asked(const std::vector<NameServer>& servers) {
    const auto all = [&servers](auto is) {
        return !servers.empty() &&
               std::all_of(servers.begin(), servers.end(),
                           [is](const NameServer& server) { return (server.*is)(); });
    };
    if (all(&NameServer::is_of_kubernetes)) return Asked::kubernetes;
    if (all(&NameServer::is_public)) return Asked::everybody;
    if (all(&NameServer::is_of_systemd)) return Asked::systemd;
    return Asked::other;
}

void check_name(const RunTimeName& name, const Subject& subject, Report& report) {
    const std::vector<NameServer> servers = name_servers(name.resolver);
    const Asked whom = asked(servers);
    if (whom == Asked::other) return;
    // In a container none of those is the right one to ask, but for the cluster's in a pod.
    const bool is_of_host = whom == Asked::systemd;
    const bool is_elsewhere =
        (subject.surroundings.nginx_service() != nullptr && whom != Asked::everybody) ||
        (subject.surroundings.nginx_on_host() == OnHost::no && is_of_host);
    const bool is_short = whom == Asked::kubernetes ? is_short_in_kubernetes(name.name)
                                                    : name.name.find('.') == std::string::npos;
    if (!is_short || is_elsewhere || is_known(name.name, subject.surroundings)) return;

    Draft draft = report(*name.written, name.span,
                         "nginx queries {} for {} as written, without search domains: {} {}",
                         to_string(servers.front().address), name.name, requests_to(*name.pass),
                         failure_of(*name.pass));
    const std::string_view server = whom == Asked::kubernetes
                                        ? "this server only resolves full names"
                                        : "this is the name server that nginx queries";
    draft.note(servers.front().span, "{}", server);
    switch (whom) {
        case Asked::kubernetes:
            draft.note("the full name looks like {}.NAMESPACE.svc.cluster.local",
                       name.name.substr(0, name.name.find('.')));
            break;
        case Asked::systemd:
            draft.note("systemd-resolved does not forward names without a dot");
            // /etc/hosts may have it, which systemd-resolved reads.
            if (!subject.surroundings.sees_whole_host()) draft.severity(Severity::note);
            break;
        default:
            draft.note("public name servers do not resolve names without a dot");
            break;
    }
    draft.note("{} could not be resolved (3: Host not found)", name.name);
}

void check(const Subject& subject, Report& report) {
    for (const RunTimeName& name : run_time_names(subject.model)) {
        check_name(name, subject, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "resolver-short-name",
    .family = Family::dns,
    .severity = Severity::warning,
    .summary = "a name without its domain is resolved at run time",
    .why =
        R"(The system's resolver completes short names with the search domains of
/etc/resolv.conf: in a Kubernetes pod `app` becomes `app.shop.svc.cluster.local`, and `curl` and
`ping` find it. If a variable or `resolve` makes nginx resolve a name at run time, nginx queries
its `resolver` for exactly the name as written, and requests get 502:

    app could not be resolved (3: Host not found)

Write the full name. gatelint reports this for the name servers of Kubernetes, public ones
(8.8.8.8) and systemd-resolved (127.0.0.53); a network's own name server may resolve short names.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver",
    .check = check,
};

}  // namespace gatelint::rules::resolver_short_name
