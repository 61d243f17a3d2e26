#include "rule.hpp"

namespace gatelint::rules::uwsgi_buffer_too_small {

namespace {

constexpr std::uint64_t enough = 32768;

/// What nginx takes of a request's head: a line of one buffer, and all of them together.
struct Accepted {
    std::uint64_t line = 8192;
    std::uint64_t whole = 4 * 8192;
    const Directive* written = nullptr;
};

/// Nothing where it cannot be told (ngx_http_alloc_large_header_buffer).
std::optional<Accepted> accepted_by(const Server& server) {
    const Setting setting = server.effective(DirectiveId::large_client_header_buffers);
    if (!setting.known) return std::nullopt;
    if (!setting.is_set()) return Accepted{};
    const Directive& written = *setting.last();
    if (written.args().size() != 2) return std::nullopt;
    const std::optional<std::uint64_t> number = parse_number(written.arg(0));
    const std::optional<std::uint64_t> size = parse_size(written.arg(1));
    if (!number || !size || *number > 1000 || *size > 1'000'000'000) return std::nullopt;
    return Accepted{*size, *number * *size, &written};
}

/// The setting's line, or a new one in its section.
std::vector<Edit> mend(const Listener& listener, const Report& report) {
    const std::string text = std::to_string(enough);
    const Span written = listener.header_limit->span;
    if (!written.known()) {
        if (!listener.section.known()) return {};
        if (!report.text(listener.section).starts_with('[')) return {};
        return {report.lines_after(listener.section, {"buffer-size = " + text})};
    }
    const bool is_bare = report.text(written) == std::to_string(listener.header_limit->value);
    if (!is_bare) return {};
    return {Report::replace(written, text)};
}

void check_listener(const Pass& pass, const Accepted& accepted, const Listener& listener,
                    Report& report) {
    if (listener.program != Listener::Program::uwsgi || !listener.header_limit) return;
    // How its FastCGI and SCGI sockets count was not looked at.
    if (listener.speaks == Protocol::fastcgi || listener.speaks == Protocol::scgi) return;
    if (!listener.where.known()) return;
    const std::uint64_t limit = listener.header_limit->value;
    if (limit >= accepted.whole || limit >= enough) return;
    const bool is_default = !listener.header_limit->span.known();
    Draft draft = report(is_default ? listener.where : listener.header_limit->span,
                         "{} accepts {} of request headers, but nginx accepts {}: larger requests, "
                         "as with many cookies, get 502",
                         listener.name, size_text(limit), size_text(accepted.whole));
    // One header of the size that browsers send is enough, or it takes several.
    if (limit >= accepted.line) draft.severity(Severity::note);
    draft.note(pass.target_span(), "{} are proxied here", requests_to(pass));
    if (accepted.written != nullptr) {
        draft.note(accepted.written->span(), "nginx's limit is set here");
    }
    if (is_default) draft.note("buffer-size is 4096 by default");
    draft.note(
        "recv() failed (104: Connection reset by peer) while reading response header from "
        "upstream; uWSGI logs \"invalid request block size\"");
    std::vector<Edit> edits = mend(listener, report);
    if (!edits.empty()) {
        draft.fix(Applicability::safe, "raise buffer-size to what nginx may send",
                  std::move(edits));
    }
}

void check(const Subject& subject, Report& report) {
    SeenLists<const Directive*> seen;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        const std::optional<Accepted> accepted = accepted_by(*pass.server);
        if (!accepted) continue;
        for (const PassTarget& target : pass.targets) {
            if (!seen.is_new(target.endpoints, accepted->written)) continue;
            for (const Endpoint& endpoint : target.endpoints) {
                for (const Listener* listener : subject.surroundings.reached_by(endpoint.address)) {
                    check_listener(pass, *accepted, *listener, report);
                }
            }
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "uwsgi-buffer-too-small",
    .family = Family::buffers,
    .severity = Severity::warning,
    .summary = "uWSGI's buffer-size is smaller than the request headers that nginx accepts",
    .why =
        R"(uWSGI reads the request headers, together with all the variables that nginx adds,
into one buffer of `buffer-size` bytes, 4096 by default, for `http-socket` and `socket` alike. It
drops a larger request without an answer, and the client gets 502:

    recv() failed (104: Connection reset by peer) while reading response header from upstream

uWSGI logs `invalid request block size: 6292 (max 4096)...skip`. nginx accepts four lines of 8 KB
each (`large_client_header_buffers`). Users who are logged in send large cookies, so the site
works for everybody else. The severity is note instead of warning if it takes several large
headers to exceed the buffer.)",
    .reference =
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers",
    .check = check,
};

}  // namespace gatelint::rules::uwsgi_buffer_too_small
