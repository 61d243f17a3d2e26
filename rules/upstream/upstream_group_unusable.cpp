#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::upstream_group_unusable {

namespace {

const Word* find_parameter(const Directive& server, std::string_view parameter) {
    for (const Word& word : server.args().subspan(std::min<std::size_t>(1, server.args().size()))) {
        if (word.text == parameter) return &word;
    }
    return nullptr;
}

bool all_have(std::span<const Directive* const> servers, std::string_view parameter) {
    return std::all_of(servers.begin(), servers.end(), [&](const Directive* server) {
        return find_parameter(*server, parameter) != nullptr;
    });
}

/// A parameter with the white space before it.
Edit remove(const Directive& server, const Word& parameter) {
    std::uint32_t begin = parameter.span.begin;
    for (const Word& word : server.args()) {
        if (word.span.end <= parameter.span.begin) begin = word.span.end;
    }
    return Report::replace({parameter.span.source, begin, parameter.span.end}, "");
}

/// Whether servers may come from elsewhere: what cannot be seen, NGINX Plus, or a module that is
/// not nginx's own.
bool may_have_more(const Directive& group) {
    return group.opaque || !group.all(DirectiveId::state).empty() ||
           !group.all(DirectiveId::unknown).empty();
}

void check_only_backups(const Upstream& group, std::span<const Directive* const> servers,
                        Report& report) {
    const Directive& first = *servers.front();
    report(*group.directive, group.directive->span(), "upstream \"{}\" has only backup servers",
           group.name)
        .note(first.span(), "a backup server needs a primary server to back up")
        .refused(fmt::format("no servers in upstream \"{}\"", group.name))
        .fix(Applicability::unsafe, "make the first server a primary server",
             {remove(first, *find_parameter(first, "backup"))});
}

/// All servers are down. That may be meant, for a while.
void check_down(const Upstream& group, std::span<const Directive* const> servers, Report& report) {
    if (!all_have(servers, "down") || !group.is_used()) return;
    report(*group.directive, group.directive->span(),
           "all servers of upstream \"{}\" are marked down: {}", group.name,
           group.stream ? "connections are closed" : "requests get 502")
        .severity(Severity::warning)
        .note(servers.front()->span(), "nginx never sends a request to a server marked \"down\"")
        .note("no live upstreams while connecting to upstream");
}

void check_servers(const Upstream& group, Report& report) {
    const Directive& directive = *group.directive;
    const auto servers = directive.all(DirectiveId::server);
    if (may_have_more(directive)) return;
    if (servers.empty()) {
        report(directive, directive.span(), "upstream \"{}\" has no servers", group.name)
            .refused("no servers are inside upstream");
    } else if (all_have(servers, "backup")) {
        check_only_backups(group, servers, report);
    } else {
        check_down(group, servers, report);
    }
}

/// Whether servers that follow the balancing method may be for backup; the methods that say
/// nothing of it are other directives.
std::optional<bool> takes_backup(DirectiveId id) {
    switch (id) {
        case DirectiveId::hash:
        case DirectiveId::ip_hash:
        case DirectiveId::random:
            return false;
        case DirectiveId::least_conn:
        case DirectiveId::least_time:
        case DirectiveId::unknown:
            return true;
        default:
            return std::nullopt;
    }
}

void check_backup(const Directive& server, const Directive& method, Report& report) {
    const Word* backup = find_parameter(server, "backup");
    if (backup == nullptr) return;
    report(server, backup->span, "{} does not support backup servers", method.name())
        .note(method.span(), "the balancing method is set here")
        .refused("balancing method does not support parameter \"backup\"")
        .fix(Applicability::unsafe, "make it a primary server", {remove(server, *backup)});
}

void check_weight(const Directive& server, Report& report) {
    for (const Word& word : server.args()) {
        constexpr std::string_view name = "weight=";
        if (!word.text.starts_with(name)) continue;
        if (parse_number(word.text.substr(name.size())) != 0U) continue;
        report(server, word.span, "invalid parameter \"{}\": a weight must be at least 1",
               word.text)
            .note("to send no requests to a server, mark it \"down\"")
            .refused(fmt::format("invalid parameter \"{}\"", word.text))
            .fix(Applicability::unsafe, "mark the server down",
                 {Report::replace(word.span, "down")});
    }
}

/// What nginx checks at each server, in order: a method counts for those that follow it.
void check_parameters(const Directive& group, Report& report) {
    const Directive* method = nullptr;
    for (const Directive* child : group.children) {
        if (child->id == DirectiveId::server) {
            if (method != nullptr) check_backup(*child, *method, report);
            check_weight(*child, report);
        } else if (const std::optional<bool> backup = takes_backup(child->id)) {
            method = *backup ? nullptr : child;
        }
    }
}

void check(const Subject& subject, Report& report) {
    for (const Upstream& group : subject.model.upstreams()) {
        check_parameters(*group.directive, report);
        check_servers(group, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-group-unusable",
    .family = Family::upstream,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "an upstream without a usable server",
    .why =
        R"(An upstream needs at least one server that is not a backup. Otherwise nginx refuses
to start, and a restart takes every site down, whether the upstream is used or not:

    no servers are inside upstream
    no servers in upstream "app"

`hash`, `ip_hash` and `random` do not support backup servers. If the method comes before such a
server, nginx reports:

    balancing method does not support parameter "backup"

A weight of 0 is an `invalid parameter "weight=0"`. nginx accepts an upstream whose servers are
all `down`, but requests to it get 502: `no live upstreams while connecting to upstream`.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server",
    .check = check,
};

}  // namespace gatelint::rules::upstream_group_unusable
