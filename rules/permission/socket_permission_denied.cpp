#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules {

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
    // Nobody knows whether the user is in the group; it may not matter.
    if (by(group_writes) == by(others_write)) return by(others_write);
    return Verdict::depends_on_group;
}

void check_pool(const Pass& pass, const Endpoint& endpoint, const Listener& pool,
                const Subject& subject, Report& report) {
    const WorkerUser& worker = *subject.model.worker_user();
    const SocketAccess& access = *pool.access;
    const Accounts& accounts = subject.surroundings.accounts();
    const Verdict verdict = judge(worker, access, accounts);
    if (verdict == Verdict::allowed) return;

    const std::string_view group = group_of(access, accounts);
    const std::string rights = fmt::format("{}:{} 0{:o}", access.owner, group, access.mode);
    Draft draft =
        verdict == Verdict::denied
            ? report(*endpoint.written, endpoint.span,
                     "nginx (user {}) may not use this socket ({}): {} get 502", worker.user,
                     rights, endpoint.written == pass.directive ? requests_to(pass) : "requests")
            : report(*endpoint.written, endpoint.span,
                     "nginx (user {}) may use this socket ({}) only if {} is in the group {}",
                     worker.user, rights, worker.user, group);
    if (verdict == Verdict::depends_on_group) draft.severity(Severity::note);
    draft.note(access.span, "{} makes the socket so", pool.name);
    if (access.mode_span.known()) draft.note(access.mode_span, "its mode");
    draft.note(worker.directive->span(), "nginx's workers run as this user");
    if (endpoint.written != pass.directive) {
        draft.note(pass.target_span(), "requests are handed on here");
    }
    draft.note("connect() to {} failed (13: Permission denied) while connecting to upstream",
               to_string(endpoint.address));
    draft.note(
        "\"listen.owner = {}\" in the pool lets nginx in, or {} as a member of a group that "
        "may write",
        worker.user, worker.user);
}

void check(const Subject& subject, Report& report) {
    const auto& worker = subject.model.worker_user();
    if (!worker || worker->user == "root" || is_numeric(worker->user)) return;
    if (worker->user.find('$') != std::string_view::npos) return;
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            if (!endpoint.address.is_unix()) continue;
            for (const Listener* pool : subject.surroundings.reached_by(endpoint.address)) {
                if (!pool->access || !pool->access->is_written || pool->access->has_acl) continue;
                if (is_numeric(pool->access->owner) || is_numeric(pool->access->group)) continue;
                check_pool(pass, endpoint, *pool, subject, report);
            }
        }
    }
}

}  // namespace

extern constinit const Rule socket_permission_denied{
    .id = "socket-permission-denied",
    .family = Family::permission,
    .severity = Severity::error,
    .summary = "the socket's owner, group and mode keep nginx's user out",
    .why = R"(To connect to a unix socket a process needs write permission on it. php-fpm gives the
socket the owner, group and mode that the pool's `listen.owner`, `listen.group` and `listen.mode`
(0660 by default) say; nginx's workers run as its `user`. If they are neither the owner nor in the
group, every request gets 502:

    connect() to unix:/run/php/app.sock failed (13: Permission denied) while connecting to upstream

It happens when a configuration moves between distributions (`user nginx;` and `user www-data;`).
Whether a user is in a group that the pool names is in /etc/group; where gatelint does not see that
file and the answer depends on it, it gives a note.)",
    .reference = "https://www.php.net/manual/en/install.fpm.configuration.php#listen-owner",
    .check = check,
};

}  // namespace gatelint::rules
