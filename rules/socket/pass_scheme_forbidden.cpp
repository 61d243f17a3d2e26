#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::pass_scheme_forbidden {

namespace {

struct Mend {
    std::string text;
    Applicability applicability;
};

/// The scheme that means the same to this pass, "" for none.
std::string_view own_scheme(const Pass& pass, bool tls) {
    if (!tls) return {};
    if (pass.directive->id == DirectiveId::grpc_pass) return "grpcs://";
    if (pass.directive->id == DirectiveId::uwsgi_pass) return "suwsgi://";
    return {};
}

/// The address alone, where it is one that nginx takes.
std::optional<Mend> mend(const Pass& pass, std::string_view text, const Model& model) {
    const std::string_view scheme = text.substr(0, scheme_length(text));
    const std::string_view rest = text.substr(scheme.size());
    const Url url = parse_url(rest, true);
    if (!url.error.empty() || url.address.is_unix()) return std::nullopt;
    const bool group = model.find_upstream(url.address.host, pass.stream) != nullptr;
    if (url.address.port == 0 && !group) return std::nullopt;
    const bool tls = equals_ignoring_case(scheme, "https://");
    const bool bare = url.uri.empty() || url.uri == "/";
    const std::string_view address = rest.substr(0, rest.size() - url.uri.size());
    return Mend{std::string(own_scheme(pass, tls)) + std::string(address),
                tls || !bare ? Applicability::unsafe : Applicability::safe};
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.has_variables) continue;
        const PassTarget& target = pass.targets.front();
        if (target.mistake != Mistake::scheme_forbidden) continue;
        const std::string_view scheme = target.text.substr(0, scheme_length(target.text));
        Draft draft = report(*pass.directive, pass.target_span(),
                             "{}{} takes an address, not a URL with \"{}\"", pass.directive->name(),
                             pass.stream ? " in stream" : "", scheme);
        draft.refused(target.error);
        const std::optional<Mend> mended = mend(pass, target.text, subject.model);
        if (!mended || pass.directive->args()[0].quote != '\0') continue;
        draft.fix(mended->applicability, "keep only the address",
                  {Report::replace(pass.target_span(), mended->text)});
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "pass-scheme-forbidden",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a URL scheme in a pass that takes an address",
    .why =
        R"(Only proxy_pass in `http` takes a URL. fastcgi_pass, scgi_pass and memcached_pass,
and proxy_pass in `stream`, take an address: `127.0.0.1:9000`, `unix:/run/app.sock`, or the name
of an `upstream`. grpc_pass also accepts `grpc://` and `grpcs://`, and uwsgi_pass `uwsgi://` and
`suwsgi://`. With any other scheme nginx refuses to start, and a restart takes every site down:

    invalid host in upstream "http://127.0.0.1:9000")",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::pass_scheme_forbidden
