#include "rule.hpp"

namespace gatelint::rules::nginx_user_unknown {

namespace {

/// Who knows the accounts of the place where nginx runs, and whether it knows these.
struct Verdict {
    bool has_user = true;
    bool has_group = true;
    std::string place;  ///< "this host", "the image nginx:alpine"
    Span span;          ///< of the image
};

/// Nothing where nobody knows.
std::optional<Verdict> judge(const WorkerUser& worker, const Surroundings& surroundings) {
    if (const ComposeService* service = surroundings.nginx_service(); service != nullptr) {
        const ImageAccounts* accounts = ImageAccounts::of(*service);
        if (accounts == nullptr) return std::nullopt;
        const bool is_built = service->has_build && service->dockerfile;
        const Span span = is_built         ? service->dockerfile->image.span
                          : service->image ? service->image->span
                                           : service->span;
        return Verdict{
            accounts->has_user(worker.user), accounts->has_group(worker.group),
            fmt::format("the image {} ({})", service->base_image(), accounts->distribution()),
            span};
    }
    if (surroundings.nginx_on_host() == OnHost::no) return std::nullopt;
    if (!surroundings.sees_whole_host()) return std::nullopt;
    // A master that is not root leaves the directive alone (ngx_set_user).
    const SystemdUnit* unit = surroundings.nginx_unit();
    if (unit != nullptr && unit->user && unit->user->text != "root") return std::nullopt;
    const Accounts& accounts = surroundings.accounts();
    return Verdict{accounts.has_user(worker.user).value_or(true),
                   accounts.has_group(worker.group).value_or(true),
                   "this host",
                   {}};
}

void check(const Subject& subject, Report& report) {
    const auto& worker = subject.model.worker_user();
    if (!worker || worker->user.empty() || is_unknown(worker->user) || is_unknown(worker->group)) {
        return;
    }
    if (worker->user.find_first_of("${") != std::string_view::npos) return;
    const std::optional<Verdict> verdict = judge(*worker, subject.surroundings);
    if (!verdict || (verdict->has_user && verdict->has_group)) return;
    const Directive& directive = *worker->directive;
    const bool is_user = !verdict->has_user;
    const std::string_view name = is_user ? worker->user : worker->group;
    const std::string words =
        fmt::format("{}(\"{}\") failed", is_user ? "getpwnam" : "getgrnam", name);
    const bool has_own_word = !is_user && directive.args().size() > 1;
    Draft draft = report(directive, directive.args()[has_own_word ? 1 : 0].span,
                         "nginx does not start: {} has no {} {}", verdict->place,
                         is_user ? "user" : "group", name);
    if (verdict->span.known()) draft.note(verdict->span, "nginx runs in this image");
    if (!is_user && !has_own_word) {
        draft.note("without a second word nginx takes the group that has the user's name");
    }
    draft.refused(words);
}

}  // namespace

extern constinit const Rule rule{
    .id = "nginx-user-unknown",
    .family = Family::permission,
    .severity = Severity::error,
    .summary = "there is no such user or group where nginx runs",
    .why =
        R"(nginx's master looks the accounts of `user` up before it does anything else. If there is
none of this name, it does not start:

    getpwnam("www-data") failed
    getgrnam("nobody") failed

Debian's packages have `www-data`; RHEL's and nginx's own have `nginx`. nginx's image has `nginx`, on
Debian also `www-data`, on Alpine not. Without a second word nginx looks for a group of the user's name:
`user nobody;` fails on Debian, where it is called `nogroup`.

gatelint knows the accounts of a host from its /etc/passwd and /etc/group, if it sees the whole host
(`--root`), and those of nginx's official image, unless a Dockerfile or a mount may change them.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#user",
    .check = check,
};

}  // namespace gatelint::rules::nginx_user_unknown
