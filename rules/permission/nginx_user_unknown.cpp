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
            fmt::format("image {} ({})", service->base_image(), accounts->distribution()), span};
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
                         "nginx does not start: {} has no {} \"{}\"", verdict->place,
                         is_user ? "user" : "group", name);
    if (verdict->span.known()) draft.note(verdict->span, "nginx runs in this image");
    if (!is_user && !has_own_word) {
        draft.note("without a second argument, nginx uses the group of the same name as the user");
    }
    draft.refused(words);
}

}  // namespace

extern constinit const Rule rule{
    .id = "nginx-user-unknown",
    .family = Family::permission,
    .severity = Severity::error,
    .summary = "nginx's user or group does not exist where nginx runs",
    .why =
        R"(nginx's master process looks up the accounts of `user` before it does anything
else. If an account does not exist, nginx does not start:

    getpwnam("www-data") failed
    getgrnam("nobody") failed

Debian's packages use `www-data`; RHEL's and nginx's own use `nginx`. The official nginx image has
`nginx`; its Debian variant also has `www-data`, the Alpine one does not. Without a second
argument, nginx uses the group of the same name: `user nobody;` fails on Debian, where that group
is called `nogroup`.

gatelint knows the accounts of a host from its /etc/passwd and /etc/group if it sees the whole
host (`--root`), and those of the official nginx image, unless a Dockerfile or a mount may change
them.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#user",
    .check = check,
};

}  // namespace gatelint::rules::nginx_user_unknown
