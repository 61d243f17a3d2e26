#include <array>

#include "rule.hpp"

namespace gatelint::rules::header_buffer_too_small_for_auth {

namespace {

/// Programs and protocols whose responses carry tokens in cookies, as the words of their names
/// between dashes: oauth2-proxy is also oauth2_proxy.
constexpr std::array<std::string_view, 10> names = {
    "-keycloak-", "-oauth2-proxy-", "-oauth2proxy-", "-authentik-", "-zitadel-",
    "-saml-",     "-oidc-",         "-adfs-",        "-sso-",       "-identity-server-"};

/// Paths that only such programs have: those of oauth2-proxy and of Keycloak.
constexpr std::array<std::string_view, 2> paths = {"/oauth2/", "/realms/"};

bool is_word_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

/// `text` in small letters, with all between its words made one dash, and one at either end.
std::string words_of(std::string_view text) {
    std::string words = "-";
    words.reserve(text.size() + 2);
    for (char byte : text) {
        if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
        if (is_word_byte(byte)) {
            words += byte;
        } else if (words.back() != '-') {
            words += '-';
        }
    }
    if (words.back() != '-') words += '-';
    return words;
}

/// The name of a login service in `text`, as whole words ("authors" is none).
std::string_view login_name(std::string_view text) {
    if (parse_host(text.substr(0, text.find(':'))).is_literal_ip()) return {};
    const std::string words = words_of(text);
    for (const std::string_view name : names) {
        if (words.find(name) != std::string::npos) return name.substr(1, name.size() - 2);
    }
    return {};
}

std::string_view login_path(std::string_view pattern) {
    for (const std::string_view path : paths) {
        const std::string_view bare = path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
        if (pattern == bare || pattern.starts_with(path)) return path;
    }
    return {};
}

/// What tells that a pass leads to a login service: its words and where they stand.
struct Evidence {
    std::string_view name;
    Span span;
};

/// The first endpoint with such a name.
std::optional<Evidence> find_login(std::span<const Endpoint> endpoints) {
    for (const Endpoint& endpoint : endpoints) {
        const auto name = login_name(endpoint.address.host);
        if (!name.empty()) return Evidence{name, endpoint.span};
    }
    return std::nullopt;
}

using Known = ListMemo<std::optional<Evidence>>;

std::optional<Evidence> find_evidence(const Pass& pass, Known& known) {
    for (const PassTarget& target : pass.targets) {
        const std::string_view host = target.host_text;
        if (const auto name = login_name(host); !name.empty()) return Evidence{name, target.span};
    }
    for (const PassTarget& target : pass.targets) {
        const std::optional<Evidence> found =
            known.of(target.endpoints, [&] { return find_login(target.endpoints); });
        if (found) return found;
    }
    const Location& location = *pass.location;
    if (location.directive->args().empty() || location.is_regex()) return std::nullopt;
    const std::string_view path = login_path(location.pattern);
    if (path.empty()) return std::nullopt;
    return Evidence{path, location.directive->args().back().span};
}

struct Module {
    DirectiveId pass;
    std::string_view prefix;
    DirectiveId buffer_size;
    DirectiveId buffers;
    DirectiveId busy_buffers_size;
};

using enum DirectiveId;
constexpr std::array<Module, 4> modules = {{
    {proxy_pass, "proxy", proxy_buffer_size, proxy_buffers, proxy_busy_buffers_size},
    {fastcgi_pass, "fastcgi", fastcgi_buffer_size, fastcgi_buffers, fastcgi_busy_buffers_size},
    {uwsgi_pass, "uwsgi", uwsgi_buffer_size, uwsgi_buffers, uwsgi_busy_buffers_size},
    {scgi_pass, "scgi", scgi_buffer_size, scgi_buffers, scgi_busy_buffers_size},
}};

void check_pass(const Pass& pass, const Module& module, Known& known, Report& report) {
    const Setting size = pass.effective(module.buffer_size);
    if (!size.known) return;
    const std::optional<std::uint64_t> bytes =
        size.is_set() ? parse_size(size.value_or("")) : page_size;
    if (!bytes || *bytes > page_size) return;
    const std::optional<Evidence> evidence = find_evidence(pass, known);
    if (!evidence) return;

    Draft draft =
        report(*pass.directive, pass.target_span(),
               "response headers from \"{}\" may exceed {}_buffer_size ({}): logins get 502",
               evidence->name, module.prefix, size_text(*bytes));
    if (evidence->span != pass.target_span()) {
        draft.note(evidence->span, "this name suggests a login service");
    }
    if (size.is_set()) draft.note(size.last()->span(), "the size is set here");
    draft.note(
        "tokens in cookies make response headers of 5 KB and more: upstream sent too big header "
        "while reading response header from upstream");
    const bool free = pass.effective(module.buffers).is_default() &&
                      pass.effective(module.busy_buffers_size).is_default();
    // Inside `if` nginx allows no such directives.
    if (free && !size.is_set() && &pass.level() == pass.location->directive) {
        draft.fix(Applicability::safe, "raise the buffers to 16 KB",
                  {report.lines_after(*pass.directive,
                                      {fmt::format("{}_buffer_size 16k;", module.prefix),
                                       fmt::format("{}_buffers 8 16k;", module.prefix)})});
    }
}

void check(const Subject& subject, Report& report) {
    Known known;
    for (const Pass& pass : subject.model.passes()) {
        if (pass.stream) continue;
        for (const Module& module : modules) {
            if (pass.directive->id == module.pass) check_pass(pass, module, known, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "header-buffer-too-small-for-auth",
    .family = Family::buffers,
    .severity = Severity::warning,
    .precision = Precision::medium,
    .summary = "the response header buffer is at its default size in front of a login service",
    .why =
        R"(The whole response header must fit into `proxy_buffer_size` (4k by default), or the
client gets 502:

    upstream sent too big header while reading response header from upstream

Login services (Keycloak, oauth2-proxy, SAML and OpenID Connect in general) put tokens into
cookies and send 5 to 16 KB of headers with the one response that matters: the login itself. More
`proxy_buffers` do not help, nor does `proxy_buffering off`; a larger `proxy_buffer_size` alone
keeps nginx from starting (see proxy-buffers-inconsistent). gatelint recognizes login services by
the names of hosts, upstreams and paths.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffer_size",
    .check = check,
};

}  // namespace gatelint::rules::header_buffer_too_small_for_auth
