#include "rule.hpp"

namespace gatelint::rules::unix_path_swallows_uri {

namespace {

/// How much of a unix socket's path is the socket, where the rest is surely meant as a URI; nothing
/// where all of it can be a path.
std::optional<std::size_t> socket_length(std::string_view path) {
    for (const std::string_view suffix : {".sock/", ".socket/"}) {
        const std::size_t found = path.find(suffix);
        if (found != std::string_view::npos) return found + suffix.size() - 1;
    }
    if (path.size() > 1 && path.ends_with('/')) return path.size() - 1;
    return std::nullopt;
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.directive->id != DirectiveId::proxy_pass || pass.stream || pass.has_variables) {
            continue;
        }
        const PassTarget& target = pass.targets.front();
        if (!target.error.empty() || !target.address.is_unix() || target.has_uri) continue;
        const std::string_view path = target.address.host;
        const std::optional<std::size_t> length = socket_length(path);
        if (!length) continue;

        const std::string_view socket = path.substr(0, *length);
        const std::string_view uri = path.substr(*length);
        Draft draft = report(*pass.directive, pass.target_span(),
                             "nginx reads \"{}\" as part of the socket's path: {} get 502", uri,
                             requests_to(pass));
        draft.note(
            "nginx connects to {}: connect() failed (20: Not a directory); a second colon must "
            "separate the socket from the URI",
            path);
        if (pass.directive->args()[0].quote != '\0') continue;
        const std::size_t before = target.text.size() - path.size();
        std::string mended = std::string(target.text.substr(0, before)) + std::string(socket);
        const bool allowed = uri_forbidding_place(pass).empty();
        if (allowed) mended += ":" + std::string(uri);
        draft.fix(Applicability::unsafe,
                  allowed ? "add the colon" : "remove the URI, which is forbidden here",
                  {Report::replace(pass.target_span(), std::move(mended))});
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "unix-path-swallows-uri",
    .family = Family::uri,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the colon between a unix socket and the URI is missing",
    .why =
        R"(In `proxy_pass http://unix:/run/app.sock:/api/;` the socket's path ends at the
second colon. Without it, everything after `unix:` is the path: nginx connects to
`/run/app.sock/api/`, which cannot exist next to a socket `/run/app.sock`, and every request gets
502:

    connect() to unix:/run/app.sock/ failed (20: Not a directory) while connecting to upstream)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
    .check = check,
};

}  // namespace gatelint::rules::unix_path_swallows_uri
