#include <algorithm>
#include <array>
#include <map>

#include "rule.hpp"

namespace gatelint::rules::socket_in_home {

namespace {

/// The home of somebody.
struct Home {
    std::string path;
    std::string owner;
};

/// The home in which the path lies; nothing if it lies in none, or if anybody's.
std::optional<Home> home_of(std::string_view socket) {
    const std::string path = normal_socket_path(socket);
    if (path.starts_with("/root/")) return Home{"/root", "root"};
    for (const std::string_view homes : {"/home/", "/Users/"}) {
        if (!path.starts_with(homes)) continue;
        const std::size_t slash = path.find('/', homes.size());
        if (slash == std::string::npos || is_unknown(path)) return std::nullopt;
        return Home{path.substr(0, slash), path.substr(homes.size(), slash - homes.size())};
    }
    return std::nullopt;
}

/// How ProtectHome keeps nginx out, or nothing.
const Value* protection_of(const SystemdUnit& nginx, const Home& home) {
    constexpr std::array<std::string_view, 7> words = {"tmpfs", "yes", "true", "1", "on", "y", "t"};
    const std::optional<Value>& value = nginx.protect_home;
    if (!value || home.path.starts_with("/Users/")) return nullptr;
    if (std::none_of(words.begin(), words.end(), [&](std::string_view word) {
            return equals_ignoring_case(value->text, word);
        })) {
        return nullptr;
    }
    const bool is_bound =
        std::any_of(nginx.bind_paths.begin(), nginx.bind_paths.end(), [&](const Value& path) {
            return is_unknown(path.text) || path.text.find(home.path) != std::string::npos;
        });
    return is_bound ? nullptr : &*value;
}

void report_protected(const Pass& pass, const Endpoint& endpoint, const SystemdUnit& nginx,
                      const Value& protection, Report& report) {
    const bool is_empty = protection.text == "tmpfs";
    Draft draft = report(*endpoint.written, endpoint.span,
                         "nginx cannot see {}: its unit hides all home directories, and {} get 502",
                         endpoint.address.host, requests_by(pass, endpoint));
    draft.severity(Severity::error);
    draft.unless_others_answer(endpoint);
    draft.note(protection.span, "{} hides home directories here", nginx.name);
    draft.note("connect() to {} failed ({}) while connecting to upstream",
               to_string(endpoint.address),
               is_empty ? "2: No such file or directory" : "13: Permission denied");
}

using Makers = std::map<std::string, const Listener*>;

/// What units make sockets in homes. They say that a socket is one of a host, which has homes as
/// distributions make them: those of an image are mostly open.
Makers makers_on_host(const Surroundings& surroundings) {
    Makers makers;
    for (const SystemdUnit& unit : surroundings.units()) {
        for (const Listener& listener : unit.listeners) {
            if (!listener.at.is_unix() || !home_of(listener.at.host)) continue;
            makers.try_emplace(normal_socket_path(listener.at.host), &listener);
        }
    }
    return makers;
}

/// Whether nginx's workers may be at home there, or nobody knows who they are.
bool may_enter(const Subject& subject, const Home& home) {
    const auto& worker = subject.model.worker_user();
    if (!worker || worker->user == "root" || worker->user == home.owner) return true;
    if (worker->user.find_first_of("$0123456789") == 0 || worker->group == home.owner) return true;
    // Only root may become somebody else.
    const SystemdUnit* nginx = subject.surroundings.nginx_unit();
    if (nginx != nullptr && nginx->user && nginx->user->text != "root") return true;
    return subject.surroundings.accounts().is_member(worker->user, home.owner).value_or(false);
}

void check_endpoint(const Pass& pass, const Endpoint& endpoint, const Makers& makers,
                    const Subject& subject, Report& report) {
    const std::optional<Home> home = home_of(endpoint.address.host);
    if (!home) return;
    const SystemdUnit* nginx = subject.surroundings.nginx_unit();
    const Value* protection = nginx == nullptr ? nullptr : protection_of(*nginx, *home);
    if (protection != nullptr) {
        report_protected(pass, endpoint, *nginx, *protection, report);
        return;
    }
    const auto found = makers.find(normal_socket_path(endpoint.address.host));
    const Listener* maker = found == makers.end() ? nullptr : found->second;
    if (maker == nullptr && !subject.surroundings.sees_whole_host()) return;
    if (may_enter(subject, *home)) return;
    const WorkerUser& worker = *subject.model.worker_user();
    Draft draft = report(
        *endpoint.written, endpoint.span,
        "nginx (user {}) may only enter {} if it is open to other users: otherwise {} get 502",
        worker.user, home->path, requests_by(pass, endpoint));
    draft.unless_others_answer(endpoint);
    draft.note(worker.directive->span(), "nginx's workers run as this user");
    if (maker != nullptr) draft.note(maker->where, "the socket is created here");
    draft.note_pass(pass, endpoint);
    draft.note(
        "home directories are closed to other users on Ubuntu since 21.04, Debian since 12, Fedora "
        "and RHEL");
    draft.note("connect() to {} failed (13: Permission denied) while connecting to upstream",
               to_string(endpoint.address));
    draft.note(
        "put the socket below /run: RuntimeDirectory= in the backend's unit creates a directory "
        "that others may enter");
}

void check(const Subject& subject, Report& report) {
    if (subject.surroundings.nginx_on_host() == OnHost::no) return;
    const Makers makers = makers_on_host(subject.surroundings);
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_unix()) continue;
        if (!subject.own_listeners.reached_by(endpoint.address).empty()) continue;
        check_endpoint(pass, endpoint, makers, subject, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "socket-in-home",
    .family = Family::permission,
    .severity = Severity::warning,
    .precision = Precision::medium,
    .summary = "the socket is in a home directory, which nginx may not enter",
    .why =
        R"(To connect to a socket, nginx's user must be able to enter every directory above
it. Ubuntu (since 21.04), Debian (since 12), Fedora and RHEL create home directories that are
closed to others, and /root is closed everywhere. Every request gets 502, whatever the permissions
of the socket itself:

    connect() to unix:/home/ubuntu/app/app.sock failed (13: Permission denied) while connecting to
    upstream

With `ProtectHome=yes` in nginx's unit no permissions help, and the severity is error.
`RuntimeDirectory=app` in the backend's unit creates `/run/app`, which is where sockets belong.
gatelint reports nothing if nginx runs as the owner of the home directory or is in the owner's
group, or if it cannot tell that nginx runs on a host.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#user",
    .check = check,
};

}  // namespace gatelint::rules::socket_in_home
