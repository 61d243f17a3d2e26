#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::socket_permission_denied {

namespace {

// Bits of a socket's mode: connect(2) wants to write.
constexpr std::uint32_t owner_writes = 0200;
constexpr std::uint32_t group_writes = 0020;
constexpr std::uint32_t others_write = 0002;

enum class Verdict { allowed, denied, depends_on_group };

bool is_numeric(std::string_view account) {
    return !account.empty() && account.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The socket's group: what is written, else the owner's own, which has its name as a rule.
std::string_view group_of(const SocketAccess& access, const Accounts& accounts) {
    if (!access.group.empty()) return access.group;
    return accounts.own_group(access.owner).value_or(access.owner);
}

/// As the kernel decides: the first class that fits is the only one that counts.
Verdict judge(const WorkerUser& worker, const SocketAccess& access, const Accounts& accounts) {
    const auto by = [&access](std::uint32_t bit) {
        return (access.mode & bit) != 0 ? Verdict::allowed : Verdict::denied;
    };
    if (worker.user == access.owner) return by(owner_writes);
    const std::string_view group = group_of(access, accounts);
    if (worker.group == group) return by(group_writes);
    const std::optional<bool> member = accounts.is_member(worker.user, group);
    if (member) return by(*member ? group_writes : others_write);
    // Nobody's web server is in root's group.
    if (group == "root") return by(others_write);
    // Nobody knows whether the user is in the group; it may not matter.
    if (by(group_writes) == by(others_write)) return by(others_write);
    return Verdict::depends_on_group;
}

/// How the socket can be given to nginx's user.
std::string mend(const Listener& listener, std::string_view user) {
    switch (listener.program) {
        case Listener::Program::php_fpm:
            return fmt::format(
                "set \"listen.owner = {0}\" in the pool, or add {0} to a group that may write to "
                "the socket",
                user);
        case Listener::Program::uwsgi:
            return fmt::format(
                "set \"chown-socket = {}\" if uWSGI starts as root, or \"chmod-socket = 666\" to "
                "let everybody connect",
                user);
        default:
            return fmt::format(
                "make {0} the owner of the socket, or add {0} to a group that may write to it",
                user);
    }
}

/// Whether the names of the two sides mean the same accounts. Each container has accounts of its
/// own; only root is the same in all.
bool shares_accounts(const Listener& listener, const Surroundings& surroundings) {
    const ComposeService* service = listener.place == nullptr ? nullptr : listener.place->service;
    const SocketAccess& access = *listener.access;
    const bool is_roots =
        access.owner == "root" && (access.group.empty() || access.group == "root");
    return service == surroundings.nginx_service() || is_roots;
}

bool is_judged(const Listener& listener, const Surroundings& surroundings) {
    if (!listener.access || listener.access->has_acl) return false;
    const SocketAccess& access = *listener.access;
    if (is_numeric(access.owner) || is_numeric(access.group)) return false;
    // A pool without an owner is fpm-listen-owner-unset's matter.
    const bool is_fpm = listener.program == Listener::Program::php_fpm;
    return (access.is_written || !is_fpm) && shares_accounts(listener, surroundings);
}

void check_listener(const Pass& pass, const Endpoint& endpoint, const Listener& listener,
                    const Subject& subject, Report& report) {
    const WorkerUser& worker = *subject.model.worker_user();
    const SocketAccess& access = *listener.access;
    const Accounts& accounts = subject.surroundings.accounts();
    const Verdict verdict = judge(worker, access, accounts);
    if (verdict == Verdict::allowed) return;

    const std::string_view group = group_of(access, accounts);
    const std::string rights = fmt::format("{}:{} 0{:o}", access.owner, group, access.mode);
    Draft draft =
        verdict == Verdict::denied
            ? report(*endpoint.written, endpoint.span,
                     "nginx (user {}) may not connect to this socket ({}): {} get 502", worker.user,
                     rights, requests_by(pass, endpoint))
            : report(*endpoint.written, endpoint.span,
                     "nginx (user {}) may only connect to this socket ({}) if {} is in group {}",
                     worker.user, rights, worker.user, group);
    draft.unless_others_answer(endpoint);
    if (verdict == Verdict::depends_on_group) {
        draft.severity(Severity::note);
    } else if (!subject.surroundings.is_one_deployment()) {
        draft.severity(Severity::warning);
    }
    draft.note(access.span, "{} sets the socket's permissions here", listener.name);
    if (access.mode_span.known()) draft.note(access.mode_span, "the socket's mode is set here");
    draft.note(worker.directive->span(), "nginx's workers run as this user");
    draft.note_pass(pass, endpoint);
    draft.note("connect() to {} failed (13: Permission denied) while connecting to upstream",
               to_string(endpoint.address));
    draft.note("{}", mend(listener, worker.user));
}

void check(const Subject& subject, Report& report) {
    const auto& worker = subject.model.worker_user();
    if (!worker || worker->user == "root" || is_numeric(worker->user)) return;
    if (worker->user.find('$') != std::string_view::npos) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_unix()) continue;
        for (const Listener* listener : subject.surroundings.reached_by(endpoint.address)) {
            if (!is_judged(*listener, subject.surroundings)) continue;
            check_listener(pass, endpoint, *listener, subject, report);
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "socket-permission-denied",
    .family = Family::permission,
    .severity = Severity::error,
    .summary = "the owner, group and mode of the socket do not let nginx's user connect",
    .why =
        R"(To connect to a unix socket, a process needs write permission on it. Who has that
depends on the program that creates the socket; nginx's workers run as its `user`:

| program | owner, group | mode |
|---|---|---|
| php-fpm | `listen.owner`, `listen.group` | `listen.mode`, 0660 by default |
| gunicorn | its `user` and `group` | 0777 minus `umask` |
| uWSGI | `chown-socket`, otherwise the user that starts it | `chmod-socket`, otherwise 0777 minus the umask |
| systemd | `SocketUser`, `SocketGroup` | `SocketMode`, 0666 by default |

If nginx's user is neither the owner nor in the group, every request gets 502:

    connect() to unix:/run/php/app.sock failed (13: Permission denied) while connecting to upstream

This happens when a configuration moves between distributions (`user nginx;` and
`user www-data;`). Who is in the socket's group is written in /etc/group; if gatelint cannot see
that file and the answer depends on it, it reports a note.)",
    .reference = "https://www.php.net/manual/en/install.fpm.configuration.php#listen-owner",
    .check = check,
};

}  // namespace gatelint::rules::socket_permission_denied
