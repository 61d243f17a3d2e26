#include "rule.hpp"

namespace gatelint::rules::upstream_server_has_url {

namespace {

struct Mend {
    std::string text;
    Applicability applicability;
};

/// The address alone, where it is one that nginx takes.
std::optional<Mend> mend(std::string_view text, bool stream) {
    const std::string_view scheme = text.substr(0, scheme_length(text));
    const std::string_view rest = text.substr(scheme.size());
    const Url url = parse_url(rest, true);
    if (!url.error.empty() || url.address.is_unix()) return std::nullopt;
    const bool tls = equals_ignoring_case(scheme, "https://");
    const bool http = tls || equals_ignoring_case(scheme, "http://");
    const bool needs_port = url.address.port == 0 && (tls || stream);
    if (needs_port && !http) return std::nullopt;
    std::string address(rest.substr(0, rest.size() - url.uri.size()));
    if (needs_port) address += tls ? ":443" : ":80";
    const bool bare = url.uri.empty() || url.uri == "/";
    return Mend{std::move(address),
                tls || needs_port || !bare ? Applicability::unsafe : Applicability::safe};
}

void check_member(const Upstream& group, const Member& member, Report& report) {
    const Word& word = member.directive->args()[0];
    const std::size_t scheme = scheme_length(word.text);
    Draft draft = report(*member.directive, word.span,
                         "a server in an upstream takes an address without {}, not \"{}\"",
                         scheme == 0 ? "a path" : "a scheme", word.text);
    if (equals_ignoring_case(word.text.substr(0, scheme), "https://") && !group.stream) {
        draft.note("use HTTPS in the pass: proxy_pass https://{}", group.name);
    }
    draft.refused(member.error);
    const std::optional<Mend> mended = mend(word.text, group.stream);
    if (!mended || word.quote != '\0') return;
    draft.fix(mended->applicability, "keep only the address",
              {Report::replace(word.span, mended->text)});
}

void check(const Subject& subject, Report& report) {
    for (const Upstream& group : subject.model.upstreams()) {
        for (const Member& member : group.refused_members) {
            if (member.mistake == Mistake::url_in_member) check_member(group, member, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-server-has-url",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a scheme or a path in an upstream's server",
    .why =
        R"(A `server` in an `upstream` takes an address: a host with or without a port, or
`unix:` and a path. The scheme and the path belong to the pass that uses the upstream
(`proxy_pass https://upstream/path/;`). With `http://` or a slash, even a single one at the end,
nginx refuses to start, and a restart takes every site down:

    invalid host in upstream "http://127.0.0.1:3000")",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server",
    .check = check,
};

}  // namespace gatelint::rules::upstream_server_has_url
