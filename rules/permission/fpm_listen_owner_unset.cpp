#include "rule.hpp"

namespace gatelint::rules::fpm_listen_owner_unset {

namespace {

constexpr std::uint32_t others_may_write = 0002;

/// Whether nginx's workers can run as root: only if the main context says so.
bool may_be_root(const Subject& subject) {
    const auto& user = subject.model.worker_user();
    if (user) return user->user == "root" || user->user.find('$') != std::string_view::npos;
    return subject.config.main().opaque;
}

/// Whether nobody but root may use the pool's socket.
bool is_closed(const Listener& pool) {
    if (pool.program != Listener::Program::php_fpm || !pool.access) return false;
    const SocketAccess& access = *pool.access;
    return !access.is_written && !access.has_acl && access.owner == "root" &&
           (access.mode & others_may_write) == 0;
}

void report_pool(const Endpoint& endpoint, const Listener& pool, const Model& model,
                 Report& report) {
    const auto& user = model.worker_user();
    const std::string who = user ? fmt::format("nginx (user {})", user->user) : "nginx";
    Draft draft = report(
        pool.where,
        "only root may connect to the socket of {}: {} is denied permission, and requests get 502",
        pool.name, who);
    draft.note(endpoint.span, "nginx connects to it here");
    draft.note(
        "php-fpm creates the socket as root:root with mode 0{:o} unless listen.owner, listen.group "
        "or listen.mode are set",
        pool.access->mode);
    draft.note("connect() to {} failed (13: Permission denied) while connecting to upstream",
               to_string(endpoint.address));
    if (!user) return;
    draft.fix(Applicability::safe, "let nginx's user own the socket",
              {report.lines_after(pool.where, {fmt::format("listen.owner = {}", user->user),
                                               fmt::format("listen.group = {}", user->group)})});
}

void check(const Subject& subject, Report& report) {
    if (may_be_root(subject)) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_unix()) continue;
        for (const Listener* pool : subject.surroundings.reached_by(endpoint.address)) {
            if (is_closed(*pool)) report_pool(endpoint, *pool, subject.model, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "fpm-listen-owner-unset",
    .family = Family::permission,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a pool's socket belongs to root, so nginx may not connect to it",
    .why =
        R"(php-fpm starts as root and creates the sockets of its pools before it switches to
their users. Without `listen.owner` and `listen.group`, a socket belongs to root with mode 0660,
and nginx's workers, which do not run as root, may not connect to it. Every request gets 502:

    connect() to unix:/run/php/app.sock failed (13: Permission denied) while connecting to upstream

Distributions set both in the pool www; pools that people add lack them. A manual `chown` only
lasts until php-fpm restarts.)",
    .reference = "https://www.php.net/manual/en/install.fpm.configuration.php#listen-owner",
    .check = check,
};

}  // namespace gatelint::rules::fpm_listen_owner_unset
