#include <algorithm>
#include <array>
#include <utility>

#include "rule.hpp"

namespace gatelint::rules::invalid_address {

namespace {

/// Whether an address is IPv6 without brackets.
bool is_bare_ipv6(std::string_view text) {
    text.remove_prefix(scheme_length(text));
    const std::string_view authority = text.substr(0, text.find('/'));
    return std::count(authority.begin(), authority.end(), ':') > 1 &&
           authority.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
}

/// What an error of ngx_parse_url() means, in other words.
std::string_view meaning_of(std::string_view error, std::string_view text) {
    if (error.starts_with("invalid port range")) return "the first port is higher than the last";
    if (error.starts_with("invalid port") && is_bare_ipv6(text)) {
        return "an IPv6 address must be in brackets, otherwise its first colon starts the port";
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> meanings = {{
        {"invalid port", "a port must be a number from 1 to 65535"},
        {"no host", "the host before the port or the path is missing"},
        {"invalid host", "an address must consist of a host and a port only"},
        {"invalid IPv6 address", "the text in brackets is not an IPv6 address"},
        {"too long path", "the path of a unix socket must be at most 107 bytes long"},
        {"no path", "the path of the unix socket is missing"},
        {"host not found", "this is neither an IP address nor a host name"},
    }};
    const auto found = std::find_if(meanings.begin(), meanings.end(), [&](const auto& meaning) {
        return error.starts_with(meaning.first);
    });
    return found == meanings.end() ? std::string_view() : found->second;
}

/// An argument that is no address, with nginx's words.
Draft refuse(const Directive& directive, const Word& word, std::string_view error,
             const std::string& words, Report& report) {
    Draft draft = report(directive, word.span, "invalid address \"{1}\" in {0}: {2}",
                         directive.name(), word.text, meaning_of(error, word.text));
    draft.refused(words);
    return draft;
}

/// Offers to leave out what follows the address, where that is all that is wrong.
void drop_path(const Word& word, Draft& draft) {
    const Url url = parse_url(word.text, true);
    if (!url.error.empty() || url.uri.empty() || word.quote != '\0') return;
    draft.fix(url.uri == "/" ? Applicability::safe : Applicability::unsafe, "keep only the address",
              {Report::replace(
                  word.span, std::string(word.text.substr(0, word.text.size() - url.uri.size())))});
}

/// A group that nginx read too late for this pass.
void report_late_group(const Pass& pass, const PassTarget& target, Report& report) {
    const std::string_view host = target.address.host;
    const Upstream& group = *target.namesake;
    const bool is_host =
        host.find('.') != std::string_view::npos || target.address.is_loopback() ||
        std::any_of(group.members.begin(), group.members.end(), [&](const Member& member) {
            return equals_ignoring_case(member.address.host, host);
        });
    Draft draft = report(*pass.directive, pass.target_span(),
                         "\"{}\" is a host name with port {} here, not the upstream of this name",
                         host, target.address.port);
    draft.note(group.directive->span(), "the upstream is defined here, after the pass");
    draft.note(
        "nginx only links an upstream to earlier passes of one port, that of the first such pass: "
        "define the upstream before its passes");
    if (is_host) {
        draft.severity(Severity::warning);
    } else {
        draft.refused(fmt::format("host not found in upstream \"{}\"", host));
    }
}

void check_pass(const Pass& pass, Report& report) {
    if (pass.has_variables) return;
    const PassTarget& target = pass.targets.front();
    if (target.mistake == Mistake::group_comes_later) {
        report_late_group(pass, target, report);
    } else if (target.mistake == Mistake::invalid) {
        const Word& word = pass.directive->args()[0];
        // With a value that a template was filled in with, which is a guess.
        if (report.text(word.span).find('$') != std::string_view::npos) return;
        Draft draft = refuse(*pass.directive, word, std::string(target.error),
                             std::string(target.error), report);
        if (target.error.starts_with("invalid host")) drop_path(word, draft);
    }
}

void check_listen(const Directive& directive, Report& report) {
    const Word& word = directive.args()[0];
    const ListenUrl url = parse_listen_url(word.text);
    std::string error = url.error;
    if (error.empty() && url.address.is_name() && never_resolves(url.address.host)) {
        error = "host not found";
    }
    if (error.empty()) return;
    refuse(directive, word, error,
           fmt::format("{} in \"{}\" of the \"listen\" directive", error, word.text), report);
}

void check_resolver(const Directive& directive, Report& report) {
    for (const Word& word : directive.args()) {
        // valid=, ipv6=, status_zone= and whatever else there may be
        if (word.text.find('=') != std::string_view::npos) continue;
        const Url url = parse_url(word.text, false);
        std::string error = url.error;
        if (error.empty() && url.address.is_name() && never_resolves(url.address.host)) {
            error = "host not found";
        }
        if (error.empty()) continue;
        refuse(directive, word, error, fmt::format("{} in resolver \"{}\"", error, word.text),
               report);
    }
}

void check_bind(const Directive& directive, Report& report) {
    const Word& word = directive.args()[0];
    if ((word.text == "off" && directive.args().size() == 1) || is_ip_and_port(word.text)) return;
    report(directive, word.span, "{} needs an IP address of this host, not \"{}\"",
           directive.name(), word.text)
        .refused(fmt::format("invalid address \"{}\"", word.text));
}

void check_access(const Directive& directive, Report& report) {
    const Word& word = directive.args()[0];
    if (word.text == "all" || word.text == "unix:" || is_network(word.text)) return;
    report(directive, word.span, "{} needs an IP address or a network, not \"{}\"",
           directive.name(), word.text)
        .refused(fmt::format("invalid parameter \"{}\"", word.text));
}

/// set_real_ip_from takes names too, but not all that is no network is a name.
void check_real_ip(const Directive& directive, Report& report) {
    const Word& word = directive.args()[0];
    if (word.text == "unix:" || is_network(word.text)) return;
    const bool name = word.text.find('/') == std::string_view::npos && !never_resolves(word.text);
    if (name) return;
    report(directive, word.span, "{} needs an IP address or a network, not \"{}\"",
           directive.name(), word.text)
        .refused(fmt::format("host not found in set_real_ip_from \"{}\"", word.text));
}

constexpr std::array with_addresses = [] {
    using enum DirectiveId;
    return std::array{listen,     resolver,  proxy_bind,      fastcgi_bind,
                      uwsgi_bind, scgi_bind, grpc_bind,       memcached_bind,
                      allow,      deny,      set_real_ip_from};
}();

void check_directive(const Directive& directive, Report& report) {
    using enum DirectiveId;
    if (directive.args().empty()) return;
    const auto settled = [](const Word& word) {
        if (word.marks.has(Marks::dollar)) return false;
        return !word.marks.may_hold_placeholder() || !has_placeholder(word.text);
    };
    if (!std::all_of(directive.args().begin(), directive.args().end(), settled)) return;
    switch (directive.id) {
        case listen:
            return check_listen(directive, report);
        case resolver:
            return check_resolver(directive, report);
        case proxy_bind:
        case fastcgi_bind:
        case uwsgi_bind:
        case scgi_bind:
        case grpc_bind:
        case memcached_bind:
            return check_bind(directive, report);
        case allow:
        case deny:
            return check_access(directive, report);
        case set_real_ip_from:
            return check_real_ip(directive, report);
        default:
            return;
    }
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) check_pass(pass, report);
    for (const Upstream& group : subject.model.upstreams()) {
        for (const Member& member : group.refused_members) {
            if (member.mistake != Mistake::invalid) continue;
            const std::string error(member.error);
            refuse(*member.directive, member.directive->args()[0], error, error, report);
        }
    }
    for (const DirectiveId id : with_addresses) {
        for (const Directive* directive : subject.config.all(id)) {
            check_directive(*directive, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "invalid-address",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "an invalid address, port or network",
    .why =
        R"(At startup nginx checks the addresses of passes, upstream servers, `listen`,
`resolver`, `proxy_bind`, `allow`, `deny` and `set_real_ip_from`: a port must be from 1 to 65535,
an IPv6 address that may be followed by a port must be in brackets, a socket's path must be at
most 107 bytes long, and a network cannot have more bits than its addresses. Otherwise nginx
refuses to start, and a restart takes every site down:

    invalid port in upstream "127.0.0.1:99999"
    no host in upstream ":3000"
    invalid parameter "10.0.0.0/33"

The name of an upstream is treated as a host name if the passes before the upstream use two ports,
as `http://app` and `https://app` do: nginx only connects one of them with the upstream.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server",
    .check = check,
};

}  // namespace gatelint::rules::invalid_address
