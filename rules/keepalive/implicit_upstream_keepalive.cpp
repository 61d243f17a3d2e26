#include <map>

#include "rule.hpp"

namespace gatelint::rules::implicit_upstream_keepalive {

namespace {

constexpr std::uint64_t second = 1000;

/// For how long nginx keeps an idle connection of the group: 60 s if nothing is said.
std::optional<std::uint64_t> idle_time(const Upstream& group) {
    const Directive* timeout = group.directive->last(DirectiveId::keepalive_timeout);
    return timeout == nullptr ? std::optional(60 * second) : parse_time(timeout->arg(0));
}

/// A server that closes idle connections earlier, and after which time.
struct Closing {
    const Directive* where;
    std::uint64_t after;
};

std::optional<Closing> find_closing(std::span<const OwnListener* const> listeners,
                                    std::uint64_t kept) {
    for (const OwnListener* own : listeners) {
        if (own->stream) continue;
        for (const Server* server : own->servers) {
            const Setting setting = server->effective(DirectiveId::keepalive_timeout);
            if (!setting.known || !setting.is_set()) continue;
            const auto after = parse_time(setting.value_or(""));
            // With 0 it answers "Connection: close", which nginx heeds.
            if (after && *after != 0 && *after < kept) return Closing{setting.last(), *after};
        }
    }
    return std::nullopt;
}

/// The same, once for all groups that lead to the same servers of this nginx.
class Closings {
  public:
    explicit Closings(const OwnListeners& own_listeners) : own_listeners_(own_listeners) {}

    std::optional<Closing> find(const Member& member, std::uint64_t kept) {
        const auto listeners = own_listeners_.reached_by(member.target());
        if (listeners.empty()) return std::nullopt;
        const auto [known, is_new] = known_.try_emplace({listeners.data(), kept});
        if (is_new) known->second = find_closing(listeners, kept);
        return known->second;
    }

  private:
    const OwnListeners& own_listeners_;
    std::map<std::pair<const void*, std::uint64_t>, std::optional<Closing>> known_;
};

/// The passes that use a group, as far as they keep its connections.
const Pass* find_keeping_pass(const Upstream& group) {
    for (const Pass* pass : group.passes) {
        if (pass->directive->id != DirectiveId::proxy_pass || pass->stream) continue;
        if (pass->effective(DirectiveId::proxy_http_version).value_or("1.1") != "1.0") return pass;
    }
    return nullptr;
}

void check(const Subject& subject, Report& report) {
    // Whether connections are kept without being asked for is a question of the version.
    if (!subject.nginx.version) return;
    Closings closings(subject.own_listeners);
    for (const Upstream& group : subject.model.upstreams()) {
        if (group.stream || group.directive->opaque) continue;
        if (group.directive->last(DirectiveId::keepalive) != nullptr) continue;
        const std::optional<std::uint64_t> kept = idle_time(group);
        const Pass* pass = find_keeping_pass(group);
        if (!kept || pass == nullptr) continue;
        for (const Member& member : group.members) {
            const auto closing = closings.find(member, *kept);
            if (!closing) continue;
            const std::uint64_t seconds = closing->after / second;
            Draft draft = report(*member.directive, member.directive->args()[0].span,
                                 "nginx keeps idle connections to {} for {} s, but it closes them "
                                 "after {} s: a POST sent at that moment gets 502",
                                 to_string(member.address), *kept / second, seconds);
            draft.note(closing->where->span(), "the backend closes idle connections here");
            draft.note(pass->target_span(), "the upstream is used here");
            draft.note(
                "nginx 1.29.7 and later keep connections to every upstream, even without "
                "\"keepalive\"; \"keepalive 0;\" restores the old behavior");
            if (seconds < 2) break;
            draft.fix(Applicability::unsafe, "let nginx close idle connections first",
                      {report.lines_after(
                          *group.directive->children.back(),
                          {"keepalive 32;", fmt::format("keepalive_timeout {}s;", seconds - 1)})});
            break;
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "implicit-upstream-keepalive",
    .family = Family::keepalive,
    .severity = Severity::warning,
    .summary =
        "the backend closes the idle connections that nginx 1.29.7 and later keep by default",
    .why =
        R"(Since 1.29.7, nginx proxies with HTTP/1.1 and keeps up to 32 idle connections per
`upstream` for 60 seconds by default. A backend with a shorter idle timeout may close a connection
just as nginx sends the next request on it. nginx retries a GET, but not a POST, which gets 502:

    upstream prematurely closed connection while reading response header from upstream

As a result, upgrading nginx alone can cause a few 502s a day. Set the idle timeout explicitly,
and make nginx the side that closes first: `keepalive 32; keepalive_timeout 4s;` for a backend
that closes after 5 seconds. gatelint reports an upstream only if it knows when the backend closes
idle connections and which nginx version is used (`--nginx-version`).)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive",
    .versions = {.from = {1, 29, 7}},
    .check = check,
};

}  // namespace gatelint::rules::implicit_upstream_keepalive
