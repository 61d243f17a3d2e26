#include "rule.hpp"

namespace gatelint::rules::unix_prefix_missing {

namespace {

/// Where the path begins in a pass's argument: behind the scheme, of whose slashes the last is the
/// path's where there are one or three.
std::size_t path_begin(std::string_view text) {
    const std::size_t scheme = scheme_length(text);
    return text.substr(scheme).starts_with('/') || scheme == 0 ? scheme : scheme - 1;
}

/// What must stand before the path.
std::string prefix(const Pass& pass, std::string_view text, std::size_t path) {
    const bool http = pass.directive->id == DirectiveId::proxy_pass && !pass.stream;
    if (!http) return std::string(text.substr(0, path)) + "unix:";
    const bool tls = equals_ignoring_case(text.substr(0, 6), "https:");
    return tls ? "https://unix:" : "http://unix:";
}

void check_pass(const Pass& pass, Report& report) {
    if (pass.has_variables) return;
    const PassTarget& target = pass.targets.front();
    if (target.mistake != Mistake::unix_prefix_missing) return;
    const std::size_t begin = path_begin(target.text);
    const std::string_view path = target.text.substr(begin);
    Draft draft =
        report(*pass.directive, pass.target_span(),
               "nginx treats the socket path {} as a host name: \"unix:\" is missing", path);
    draft.refused(target.error);
    if (pass.directive->args()[0].quote != '\0') return;
    draft.fix(Applicability::safe, "add \"unix:\"",
              {Report::replace(pass.target_span(),
                               prefix(pass, target.text, begin) + std::string(path))});
}

void check_member(const Member& member, Report& report) {
    if (member.mistake != Mistake::unix_prefix_missing) return;
    const Word& word = member.directive->args()[0];
    Draft draft =
        report(*member.directive, word.span,
               "nginx treats the socket path {} as a host name: \"unix:\" is missing", word.text);
    draft.refused(member.error);
    if (word.quote != '\0') return;
    draft.fix(Applicability::safe, "add \"unix:\"",
              {Report::replace(word.span, "unix:" + std::string(word.text))});
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) check_pass(pass, report);
    for (const Upstream& group : subject.model.upstreams()) {
        for (const Member& member : group.refused_members) check_member(member, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "unix-prefix-missing",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "\"unix:\" is missing before the path of a socket",
    .why = R"(The address of a unix socket starts with `unix:`, even after a scheme:
`proxy_pass http://unix:/run/app.sock;`, `fastcgi_pass unix:/run/php/php-fpm.sock;`,
`server unix:/run/app.sock;`. php-fpm and most other programs write the path alone. nginx treats
that as a host name and refuses to start, and a restart takes every site down:

    invalid host in upstream "/run/php/php-fpm.sock")",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::unix_prefix_missing
