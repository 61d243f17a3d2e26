#include "rule.hpp"

namespace gatelint::rules::upstream_keepalive_race {

namespace {

constexpr std::uint64_t second = 1000;
constexpr Version keepalive_by_default{1, 29, 7};

/// For how long nginx keeps an idle connection of the group: 60 s if nothing is said.
std::optional<std::uint64_t> idle_time(const Upstream& group) {
    const Directive* timeout = group.directive->last(DirectiveId::keepalive_timeout);
    return timeout == nullptr ? std::optional(60 * second) : parse_time(timeout->arg(0));
}

/// The value of the Connection header that is sent, or nothing where it cannot be told.
std::optional<std::string_view> connection_header(const Pass& pass, bool by_default,
                                                  Headers& known) {
    const Setting headers = pass.effective(DirectiveId::proxy_set_header);
    if (!headers.known) return std::nullopt;
    const Directive* header = known.find(headers);
    if (header != nullptr) return header->arg(1);
    return by_default ? "" : "close";
}

/// Whether connections outlive a request (ngx_http_upstream_free_keepalive_peer).
bool keeps_connections(const Pass& pass, const Subject& subject, Headers& headers) {
    const bool by_default = subject.nginx.version && *subject.nginx.version >= keepalive_by_default;
    const Setting version = pass.effective(DirectiveId::proxy_http_version);
    const std::optional<std::string_view> connection = connection_header(pass, by_default, headers);
    if (!version.known || !connection) return false;
    return version.value_or(by_default ? "1.1" : "1.0") == "1.1" && connection->empty();
}

/// Whether a request that is no GET may be sent again, or none such gets here.
bool is_harmless(const Pass& pass) {
    const Setting next = pass.effective(DirectiveId::proxy_next_upstream);
    if (!next.known) return true;
    if (next.is_set()) {
        for (const Word& word : next.last()->args()) {
            if (word.text == "non_idempotent") return true;
        }
    }
    return pass.location->directive->last(DirectiveId::limit_except) != nullptr;
}

/// A pass that uses the group, keeps its connections and cannot try again; or null.
const Pass* find_pass(const Upstream& group, const Subject& subject, Headers& headers) {
    for (const Pass* pass : group.passes) {
        if (pass->stream || pass->directive->id != DirectiveId::proxy_pass) continue;
        if (keeps_connections(*pass, subject, headers) && !is_harmless(*pass)) return pass;
    }
    return nullptr;
}

/// What the member is, if it closes idle connections no later than nginx does.
const Listener* find_closing(const Member& member, std::uint64_t kept, const Subject& subject) {
    for (const Listener* listener : subject.surroundings.reached_by(member.target())) {
        const std::optional<Limit>& limit = listener->idle_timeout;
        if (limit && limit->value != 0 && limit->value <= kept) return listener;
    }
    return nullptr;
}

void report_member(const Upstream& group, const Member& member, const Pass& pass,
                   const Listener& listener, std::uint64_t kept, Report& report) {
    const std::uint64_t seconds = listener.idle_timeout->value / second;
    Draft draft = report(*member.directive, member.directive->args()[0].span,
                         "nginx keeps idle connections to {} for {} s, but {} closes them after {} "
                         "s: a POST sent at that moment gets 502",
                         to_string(member.address), kept / second, listener.name, seconds);
    const Limit& limit = *listener.idle_timeout;
    draft.note(limit.span.known() ? limit.span : listener.where,
               "the backend closes idle connections{}",
               limit.span.known() ? " after this time" : " after this time by default");
    draft.note(pass.target_span(), "the upstream is used here");
    draft.note(
        "upstream prematurely closed connection while reading response header from upstream");
    if (seconds < 2) return;
    const std::string line = fmt::format("keepalive_timeout {}s;", seconds - 1);
    const Directive* written = group.directive->last(DirectiveId::keepalive_timeout);
    const Directive& keepalive = *group.directive->last(DirectiveId::keepalive);
    draft.fix(Applicability::unsafe, "let nginx close idle connections first",
              {written == nullptr
                   ? report.lines_after(keepalive, {line})
                   : Report::replace(written->args()[0].span, fmt::format("{}s", seconds - 1))});
}

void check(const Subject& subject, Report& report) {
    Headers headers("Connection");
    for (const Upstream& group : subject.model.upstreams()) {
        if (group.stream || group.directive->opaque) continue;
        const Directive* keepalive = group.directive->last(DirectiveId::keepalive);
        if (keepalive == nullptr || keepalive->arg(0) == "0") continue;
        const std::optional<std::uint64_t> kept = idle_time(group);
        const Pass* pass = kept ? find_pass(group, subject, headers) : nullptr;
        if (pass == nullptr) continue;
        for (const Member& member : group.members) {
            const Listener* listener = find_closing(member, *kept, subject);
            if (listener == nullptr) continue;
            report_member(group, member, *pass, *listener, *kept, report);
            break;
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-keepalive-race",
    .family = Family::keepalive,
    .severity = Severity::warning,
    .summary = "nginx keeps idle connections longer than the backend",
    .why =
        R"(With `keepalive` in an `upstream`, nginx keeps idle connections for 60 seconds
(`keepalive_timeout`). A backend with a shorter idle timeout may close a connection just as nginx
sends the next request on it. nginx retries a GET, but not a POST, which occasionally gets 502:

    upstream prematurely closed connection while reading response header from upstream

gunicorn with threads closes idle connections after 2 seconds, Node and uvicorn after 5, Puma
before version 7 after 20. Make nginx the side that closes first: set `keepalive_timeout` below
the backend's timeout, or raise the backend's. `proxy_next_upstream ... non_idempotent` also
retries a POST, which may then be executed twice. gatelint reports an upstream only if it knows
when the backend closes idle connections.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout",
    .check = check,
};

}  // namespace gatelint::rules::upstream_keepalive_race
