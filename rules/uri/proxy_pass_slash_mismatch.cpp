#include <algorithm>
#include <array>

#include "rule.hpp"

namespace gatelint::rules::proxy_pass_slash_mismatch {

namespace {

/// A `rewrite ... break` that matches makes nginx ignore the URI part; any other rewriting makes
/// the path something that only run time knows.
bool rewrites(const Pass& pass) {
    for (const Directive* block : {pass.location->directive, pass.server->directive}) {
        for (const DirectiveId id : {DirectiveId::rewrite, DirectiveId::if_}) {
            if (!block->all(id).empty()) return true;
        }
    }
    return false;
}

std::string_view last_segment(std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1);
}

/// Whether a path is a single page, with nothing below it: nobody asks for /health/users.
bool is_leaf(std::string_view path) {
    constexpr std::array<std::string_view, 12> names = {
        "ws",      "wss",  "websocket", "rpc",    "graphql", "health",
        "healthz", "ping", "ready",     "status", "metrics", "version"};
    const std::string_view segment = last_segment(path);
    return segment.find('.') != std::string_view::npos ||
           std::find(names.begin(), names.end(), segment) != names.end();
}

bool is_letter_or_digit(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

/// What the backend sees for a path below the location (ngx_http_proxy_create_request).
std::string mapped(std::string_view uri, std::string_view rest) {
    return std::string(uri) + std::string(rest);
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.directive->id != DirectiveId::proxy_pass || pass.stream || pass.has_variables) {
            continue;
        }
        const PassTarget& target = pass.targets.front();
        const Location& location = *pass.location;
        if (!target.has_uri || !target.error.empty() || !location.is_prefix()) continue;
        if (location.is_unknown() || is_unknown(target.uri)) continue;
        if (!location.pattern.starts_with('/') || pass.level().opaque || rewrites(pass)) continue;
        // A query or a fragment is glued on purpose; so is a last part that asks for more.
        if (target.uri.find_first_of("?#=") != std::string_view::npos) continue;

        const bool prefix_ends = location.pattern.ends_with('/');
        const bool uri_ends = target.uri.ends_with('/');
        if (prefix_ends == uri_ends) continue;
        // `/~` and the like end in the middle of a name, on purpose.
        const char last = (prefix_ends ? target.uri : location.pattern).back();
        if (!is_letter_or_digit(last)) continue;
        if (is_leaf(prefix_ends ? target.uri : location.pattern)) continue;

        const std::string request =
            std::string(location.pattern) + (prefix_ends ? "users" : "/users");
        const std::string seen = mapped(target.uri, prefix_ends ? "users" : "/users");
        Draft draft =
            report(*pass.directive, pass.target_span(),
                   "a request for {} reaches the backend as {}: {}", request, seen,
                   prefix_ends ? "the slash between the parts is lost" : "the slash is doubled");
        draft.note(location.directive->span(),
                   "nginx replaces \"{}\" with \"{}\" and appends the rest of the path",
                   location.pattern, target.uri);
        draft.note("most backends answer such a path with 404");
        if (pass.directive->args()[0].quote != '\0') continue;
        if (prefix_ends) {
            draft.fix(Applicability::unsafe, "end both with a slash",
                      {Report::insert_after(pass.target_span(), "/")});
        } else if (target.uri != "/") {
            Span slash = pass.target_span();
            slash.begin = slash.end - 1;
            draft.fix(Applicability::unsafe, "end both without a slash",
                      {Report::replace(slash, "")});
        } else if (location.directive->args().size() == 1 &&
                   location.directive->args()[0].quote == '\0') {
            draft.fix(Applicability::unsafe,
                      "end both with a slash (nginx then redirects " +
                          std::string(location.pattern) + " to " + std::string(location.pattern) +
                          "/)",
                      {Report::insert_after(location.directive->args()[0].span, "/")});
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "proxy-pass-slash-mismatch",
    .family = Family::uri,
    .severity = Severity::warning,
    .summary = "a location and the URI of its proxy_pass do not both end with a slash",
    .why =
        R"(If proxy_pass has a URI, nginx replaces the part of the path that the location
matched with that URI, character by character, and appends the rest. So either both must end with
a slash, or neither:

| location | proxy_pass | request | backend sees |
|---|---|---|---|
| `/api/` | `http://b/v1` | `/api/users` | `/v1users` |
| `/api` | `http://b/` | `/api/users` | `//users` |
| `/api/` | `http://b/v1/` | `/api/users` | `/v1/users` |

The backend usually does not know such a path and answers 404, which is often reported as a fault
of nginx. gatelint does not report locations and targets that are a single page (`/health`,
`/index.php`).)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    .check = check,
};

}  // namespace gatelint::rules::proxy_pass_slash_mismatch
