#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::upstream_resolve_prerequisites {

namespace {

constexpr Version first_version{1, 27, 3};

bool is_of_resolving(const Word& word) {
    return word.text == "resolve" || word.text.starts_with("service=");
}

const Word* find_resolve(const Directive& server) {
    for (const Word& word : server.args().subspan(std::min<std::size_t>(1, server.args().size()))) {
        if (word.text == "resolve") return &word;
    }
    return nullptr;
}

/// A parameter with the white space before it.
Edit remove(const Directive& server, const Word& parameter) {
    std::uint32_t begin = parameter.span.begin;
    for (const Word& word : server.args()) {
        if (word.span.end <= parameter.span.begin) begin = word.span.end;
    }
    return Report::replace({parameter.span.source, begin, parameter.span.end}, "");
}

/// nginx stops at the first parameter that it does not know.
void check_old(const Directive& server, Version version, Report& report) {
    const auto unknown = std::find_if(server.args().begin(), server.args().end(), is_of_resolving);
    if (unknown == server.args().end()) return;
    std::vector<Edit> edits;
    for (const Word& word : server.args()) {
        if (is_of_resolving(word)) edits.push_back(remove(server, word));
    }
    report(server, unknown->span, "nginx {} does not support \"{}\", which was added in 1.27.3",
           to_string(version), unknown->text)
        .refused(fmt::format("invalid parameter \"{}\"", unknown->text))
        .fix(Applicability::unsafe, "resolve the name only at startup", std::move(edits));
}

/// The server of a group whose name is to be resolved at run time; addresses are left alone.
const Member* find_resolved(const Upstream& group) {
    for (const Member& member : group.members) {
        if (member.address.is_name() && find_resolve(*member.directive) != nullptr) return &member;
    }
    return nullptr;
}

void check_group(const Upstream& group, bool version_known, Report& report) {
    const Member* member = find_resolved(group);
    if (member == nullptr || group.directive->opaque) return;
    const Directive& block = *group.directive;
    const Directive& server = *member->directive;
    const bool zone = !block.all(DirectiveId::zone).empty();
    if (!zone) {
        Draft draft =
            report(block, block.span(),
                   "resolving {} at run time requires a shared memory zone in upstream \"{}\"",
                   member->address.host, group.name);
        draft.note(server.span(), "this server has \"resolve\"");
        if (!version_known) draft.note("\"resolve\" was added in nginx 1.27.3");
        draft
            .refused(fmt::format("resolving names at run time requires upstream \"{}\" to be in "
                                 "shared memory",
                                 group.name))
            .fix(Applicability::safe, "add a zone",
                 {report.lines_after(server, {fmt::format("zone {} 64k;", group.name)})});
    }
    // ngx_http_core_module's resolver of the http block: one of a server does not count.
    const Directive& outer = *block.parent;
    const bool resolver = !block.all(DirectiveId::resolver).empty() ||
                          !outer.all(DirectiveId::resolver).empty() || outer.opaque;
    if (resolver) return;
    Draft draft = report(server, find_resolve(server)->span,
                         "resolving {} at run time requires a resolver, in the upstream or in {}",
                         member->address.host, outer.name());
    const std::string words = fmt::format(
        "no resolver defined to resolve names at run time in upstream \"{}\"", group.name);
    draft.note("a resolver in a server or location does not apply to upstreams");
    // The missing zone is met first.
    if (zone) {
        draft.refused(words);
    } else {
        draft.note("with a zone, nginx refuses to start too: {}", words);
    }
}

void check(const Subject& subject, Report& report) {
    const std::optional<Version>& version = subject.nginx.version;
    const bool old = version && *version < first_version;
    for (const Upstream& group : subject.model.upstreams()) {
        if (!old) {
            check_group(group, version.has_value(), report);
            continue;
        }
        for (const Directive* server : group.directive->all(DirectiveId::server)) {
            check_old(*server, *version, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-resolve-prerequisites",
    .family = Family::dns,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "\"resolve\" on an upstream's server without its prerequisites",
    .why =
        R"(`server app.internal resolve;` makes nginx follow the addresses of the name at run
time. It requires nginx 1.27.3 (earlier only NGINX Plus: `invalid parameter "resolve"`), a `zone`
in the upstream, and a `resolver` in the upstream or in the `http` or `stream` block; one in a
`server` block does not apply. Otherwise nginx refuses to start, and a restart takes every site
down:

    resolving names at run time requires upstream "app" in nginx.conf:7 to be in shared memory
    no resolver defined to resolve names at run time in upstream "app" in nginx.conf:7)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve",
    .check = check,
};

}  // namespace gatelint::rules::upstream_resolve_prerequisites
