#include "rule.hpp"

namespace gatelint::rules::keepalive_ineffective {

namespace {

constexpr Version keepalive_by_default{1, 29, 7};

/// An emptied Connection header further out, which the headers that apply have replaced.
const Directive* find_lost(const Setting& headers, Headers& known) {
    const Directive* outer = headers.level == nullptr ? nullptr : headers.level->parent;
    if (outer == nullptr) return nullptr;
    const Directive* header = known.find(effective(*outer, DirectiveId::proxy_set_header));
    return header != nullptr && header->args().size() == 2 && header->arg(1).empty() ? header
                                                                                     : nullptr;
}

/// The lines that are missing, after the pass or after the headers that they belong to.
std::vector<Edit> missing_lines(const Pass& pass, const Setting& headers, bool version, bool header,
                                const Report& report) {
    const std::string version_line = "proxy_http_version 1.1;";
    const std::string header_line = "proxy_set_header Connection \"\";";
    const bool own_level = headers.level == nullptr || headers.level == &pass.level();
    std::vector<std::string> lines;
    if (version) lines.push_back(version_line);
    if (header && own_level) lines.push_back(header_line);
    std::vector<Edit> edits;
    if (!lines.empty()) edits.push_back(report.lines_after(*pass.directive, lines));
    // One more header in the location would drop those that it inherits.
    if (header && !own_level) edits.push_back(report.lines_after(*headers.last(), {header_line}));
    return edits;
}

void check_proxy(const Pass& pass, const Upstream& group, const Directive& keepalive,
                 const Subject& subject, Headers& known, Report& report) {
    const Setting version = pass.effective(DirectiveId::proxy_http_version);
    const Setting headers = pass.effective(DirectiveId::proxy_set_header);
    if (!version.known || !headers.known) return;
    const Directive* connection = known.find(headers);
    const std::string_view value = connection == nullptr ? "close" : connection->arg(1);
    const bool closes = equals_ignoring_case(value, "close");
    const bool old_version = version.value_or("1.0") == "1.0";
    if (version.value_or("1.0") == "2") return;  // HTTP/2 has no such header
    // Any other value is for WebSocket or for a backend that wants it so.
    if (!closes && !(value.empty() && old_version)) return;

    const std::string_view sent_version = old_version ? "HTTP/1.0" : "HTTP/1.1";
    const std::string_view which_nginx = subject.nginx.version ? "nginx" : "nginx before 1.29.7";
    Draft draft = report(*pass.directive, pass.target_span(),
                         "connections to upstream \"{}\" are not reused: {} sends {}{}", group.name,
                         which_nginx, sent_version,
                         closes ? " with \"Connection: close\""
                                : ", which closes the connection after each response");
    draft.note(keepalive.span(), "keepalive is set here, but has no effect");
    if (closes && connection != nullptr) {
        draft.note(connection->span(), "the header is set here");
    } else if (const Directive* lost = closes ? find_lost(headers, known) : nullptr) {
        draft.note(lost->span(), "the {} does not inherit this header", pass.level().name());
        draft.note(headers.last()->span(),
                   "because its own proxy_set_header replaces all inherited ones");
    }
    draft.note(
        "each request opens a new connection; under load, local ports run out and requests get "
        "502: connect() failed (99: Cannot assign requested address)");
    if (!subject.nginx.version) {
        draft.note(
            "later versions keep connections by default; set the version with --nginx-version");
    }
    const bool may_add = &pass.level() == pass.location->directive && connection == nullptr;
    if (!may_add) return;
    const bool safe = headers.level == nullptr || headers.level == &pass.level();
    draft.fix(safe ? Applicability::safe : Applicability::unsafe, "keep connections open",
              missing_lines(pass, headers, old_version, closes, report));
}

void check_fastcgi(const Pass& pass, const Upstream& group, const Directive& keepalive,
                   Report& report) {
    const Setting keep = pass.effective(DirectiveId::fastcgi_keep_conn);
    if (!keep.known || keep.is_on()) return;
    Draft draft = report(*pass.directive, pass.target_span(),
                         "connections to upstream \"{}\" are not reused: fastcgi_keep_conn is off",
                         group.name);
    draft.note(keepalive.span(), "keepalive is set here, but has no effect");
    draft.note("nginx asks the backend to close the connection after each response");
    if (!keep.is_set() && &pass.level() == pass.location->directive) {
        draft.fix(Applicability::safe, "keep connections open",
                  {report.lines_after(*pass.directive, {"fastcgi_keep_conn on;"})});
    }
}

void check(const Subject& subject, Report& report) {
    const bool by_default = subject.nginx.version && *subject.nginx.version >= keepalive_by_default;
    Headers headers("Connection");
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        for (const PassTarget& target : pass.targets) {
            if (target.group == nullptr) continue;
            const Directive* keepalive = target.group->directive->last(DirectiveId::keepalive);
            if (keepalive == nullptr || keepalive->arg(0) == "0") continue;
            if (keepalive->has_unknown()) continue;
            if (pass.directive->id == DirectiveId::proxy_pass && !by_default) {
                check_proxy(pass, *target.group, *keepalive, subject, headers, report);
            } else if (pass.directive->id == DirectiveId::fastcgi_pass) {
                check_fastcgi(pass, *target.group, *keepalive, report);
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "keepalive-ineffective",
    .family = Family::keepalive,
    .severity = Severity::warning,
    .precision = Precision::very_high,
    .summary = "an upstream's keepalive has no effect",
    .why = R"(`keepalive` in an `upstream` only keeps connections that both sides leave open.
Before 1.29.7, nginx proxies with HTTP/1.0 and `Connection: close`, so every request opens a new
connection. Keeping connections takes two more lines where the request is proxied:

    proxy_http_version 1.1;
    proxy_set_header Connection "";

The second line is easily lost: a single `proxy_set_header` in a location replaces all the
inherited ones, and `Connection` is `close` again. FastCGI needs `fastcgi_keep_conn on` in every
version.

Nothing fails at first. Under load the machine runs out of local ports, and requests get 502:

    connect() to 10.0.1.2:8004 failed (99: Cannot assign requested address) while connecting to
    upstream)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive",
    .check = check,
};

}  // namespace gatelint::rules::keepalive_ineffective
