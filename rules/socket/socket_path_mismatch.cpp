#include <algorithm>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::socket_path_mismatch {

namespace {

std::string_view directory_part(std::string_view path) {
    return path.substr(0, path.rfind('/') + 1);
}

std::string_view name_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// A path with each number made one `#`: php8.2-fpm.sock is php#.#-fpm.sock.
std::string without_digits(std::string_view text) {
    std::string out;
    for (const char byte : text) {
        const bool digit = byte >= '0' && byte <= '9';
        if (!digit) {
            out += byte;
        } else if (!out.ends_with('#')) {
            out += '#';
        }
    }
    return out;
}

/// How alike two sockets' paths are, if one is surely meant for the other.
enum class Likeness { none, spelling, directory, version };

Likeness likeness(const std::string& a, const std::string& b) {
    constexpr std::size_t shortest = 8;  // of names that may differ by spelling
    const std::string_view a_name = name_part(a);
    const std::string_view b_name = name_part(b);
    const bool same_digits = without_digits(a) == without_digits(b);
    if (same_digits && a_name.find("php") != std::string_view::npos) return Likeness::version;
    if (a_name == b_name) return Likeness::directory;
    // app1.sock beside app2.sock is another application.
    if (same_digits || directory_part(a) != directory_part(b)) return Likeness::none;
    if (a_name.size() < shortest || b_name.size() < shortest) return Likeness::none;
    return edit_distance(a_name, b_name, 2) <= 2 ? Likeness::spelling : Likeness::none;
}

/// A backend's socket, by the path at which nginx sees it.
struct Socket {
    const Listener* listener;
    std::string path;
    bool is_used = false;  ///< some pass reaches it
};

bool is_same_volume(const Mount& a, const Mount& b) {
    return a.kind == b.kind && a.kind != Mount::Kind::tmpfs && !a.source.empty() &&
           a.source == b.source && !is_unknown(a.source);
}

/// The mount that holds the path, a normal one, in the service's container: the deepest one.
const Mount* mount_at(const ComposeService& service, std::string_view path) {
    const Mount* best = nullptr;
    std::size_t longest = 0;
    for (const Mount& mount : service.mounts) {
        const std::string target = normal_socket_path(mount.target);
        const bool holds = path.starts_with(target) && path.substr(target.size()).starts_with('/');
        if (!holds || target.size() < longest) continue;
        best = &mount;
        longest = target.size();
    }
    return best;
}

/// Where nginx's container has the socket of another service, through a mount of both.
std::optional<std::string> shared_path(const Listener& listener, const ComposeService& service,
                                       const ComposeService& nginx) {
    const std::string path = normal_socket_path(listener.at.host);
    const Mount* theirs = mount_at(service, path);
    if (theirs == nullptr || service.project != nginx.project) return std::nullopt;
    const std::string rest = path.substr(normal_socket_path(theirs->target).size());
    for (const Mount& ours : nginx.mounts) {
        if (is_same_volume(ours, *theirs)) return normal_socket_path(ours.target) + rest;
    }
    return std::nullopt;
}

std::optional<std::string> path_for_nginx(const Listener& listener,
                                          const Surroundings& surroundings) {
    const ComposeService* nginx = surroundings.nginx_service();
    const ComposeService* service = listener.place == nullptr ? nullptr : listener.place->service;
    if (nginx != nullptr && service != nullptr && nginx != service) {
        return shared_path(listener, *service, *nginx);
    }
    if (!surroundings.is_beside_nginx(listener)) return std::nullopt;
    return normal_socket_path(listener.at.host);
}

/// The sockets of other programs that nginx can see.
std::vector<Socket> find_sockets(const Subject& subject) {
    std::set<const Listener*> reached;
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            for (const Listener* listener : subject.surroundings.reached_by(endpoint.address)) {
                reached.insert(listener);
            }
        }
    }
    std::vector<Socket> sockets;
    for (const Listener& listener : subject.surroundings.listeners()) {
        if (!listener.at.is_unix()) continue;
        const auto path = path_for_nginx(listener, subject.surroundings);
        if (path) sockets.push_back({&listener, *path, reached.contains(&listener)});
    }
    return sockets;
}

/// An address of a pass at which nothing known listens.
struct Unserved {
    const Pass* pass;
    const Endpoint* endpoint;
    std::string path;
};

std::vector<Unserved> find_unserved(const Subject& subject) {
    std::vector<Unserved> unserved;
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            if (!endpoint.address.is_unix() || subject.may_be_served(endpoint.address)) continue;
            unserved.push_back({&pass, &endpoint, normal_socket_path(endpoint.address.host)});
        }
    }
    return unserved;
}

/// Whether all services that share the folder's volume with nginx's are known: a socket in it is
/// one of theirs.
bool is_known_volume(std::string_view path, const Subject& subject) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    const Mount* mount = nginx == nullptr ? nullptr : mount_at(*nginx, path);
    if (mount == nullptr || mount->kind != Mount::Kind::volume || mount->source.empty()) {
        return false;
    }
    const ComposeProject& project = *nginx->project;
    return project.is_whole &&
           std::all_of(project.services.begin(), project.services.end(),
                       [&](const ComposeService& service) {
                           const auto& mounts = service.mounts;
                           const bool has_it =
                               &service != nginx &&
                               std::any_of(mounts.begin(), mounts.end(), [&](const Mount& other) {
                                   return is_same_volume(*mount, other);
                               });
                           return service.is_whole && service.volumes_from.empty() &&
                                  (!has_it || subject.surroundings.knows_all_of(service));
                       });
}

/// What there is to compare with.
struct Facts {
    std::vector<Socket> sockets;
    std::vector<Unserved> unserved;
};

/// Whether the endpoint is the only one of its kind without a socket, and the socket the only one
/// of its kind without an endpoint.
bool is_pair(const Unserved& missing, const Socket& socket, const Facts& facts) {
    const Protocol spoken = missing.endpoint->protocol;
    const auto rivals =
        std::count_if(facts.sockets.begin(), facts.sockets.end(), [spoken](const Socket& other) {
            return !other.is_used && is_of_kind(spoken, *other.listener);
        });
    const bool is_alone =
        std::all_of(facts.unserved.begin(), facts.unserved.end(), [&](const Unserved& other) {
            return other.path == missing.path ||
                   !is_of_kind(other.endpoint->protocol, *socket.listener);
        });
    return rivals == 1 && is_alone;
}

/// The socket that an endpoint most likely means, or null.
const Socket* find_meant(const Unserved& missing, const Facts& facts, const Subject& subject) {
    const Socket* best = nullptr;
    Likeness best_likeness = Likeness::none;
    const bool is_closed =
        subject.surroundings.is_complete() || is_known_volume(missing.path, subject);
    for (const Socket& socket : facts.sockets) {
        const Listener& listener = *socket.listener;
        if (!is_of_kind(missing.endpoint->protocol, listener)) continue;
        const bool is_contained = listener.place != nullptr && listener.place->service != nullptr;
        if (!is_contained && !subject.surroundings.knows(listener.program)) continue;
        const Likeness like = likeness(missing.path, socket.path);
        // A socket that is in use is not the one that is missed, unless PHP's version tells.
        if (socket.is_used && like != Likeness::version) continue;
        // Each application may have its own app.sock, so it takes more to tell.
        const bool is_fpm = listener.program == Listener::Program::php_fpm;
        const bool is_meant =
            is_fpm || like == Likeness::spelling
                ? like > best_likeness
                : is_pair(missing, socket, facts) && (is_closed || like == Likeness::directory);
        if (!is_meant) continue;
        best = &socket;
        best_likeness = std::max(like, best_likeness);
    }
    return best;
}

/// Whether all that is found belongs to one deployment. What lies in a repository may be
/// alternatives, and what a program does by itself may be changed where nobody sees it.
bool is_certain(const Listener& listener, const Subject& subject) {
    const Surroundings& surroundings = subject.surroundings;
    // Paths of php-fpm's sockets have its version and the pool's name in them: one that is nearly
    // another's is meant for it.
    const bool is_one = listener.program == Listener::Program::php_fpm ||
                        surroundings.sees_whole_host() || surroundings.is_complete() ||
                        surroundings.nginx_service() != nullptr;
    return is_one && !listener.is_default;
}

void report_missing(const Unserved& missing, const Socket& meant, const Subject& subject,
                    Report& report) {
    const Endpoint& endpoint = *missing.endpoint;
    const Listener& listener = *meant.listener;
    Draft draft = report(*endpoint.written, endpoint.span, "nothing listens on {}: {} get 502",
                         to_string(endpoint.address), requests_by(*missing.pass, endpoint));
    if (!is_certain(listener, subject)) draft.severity(Severity::warning);
    draft.unless_others_answer(endpoint);
    draft.note(listener.where, "{} listens on {}", listener.name, listener.at.host);
    const bool is_elsewhere = normal_socket_path(listener.at.host) != meant.path;
    if (is_elsewhere) draft.note("in nginx's container that is {}", meant.path);
    if (endpoint.written != missing.pass->directive) {
        draft.note(missing.pass->target_span(), "requests are handed on here");
    }
    draft.note("connect() to {} failed (2: No such file or directory) while connecting to upstream",
               to_string(endpoint.address));
    const auto edit = report.replace_in(endpoint.span, endpoint.address.host,
                                        is_elsewhere ? meant.path : std::string(listener.at.host));
    if (!edit) return;
    const bool is_pool = listener.program == Listener::Program::php_fpm;
    draft.fix(Applicability::unsafe,
              is_pool ? "connect to the pool's socket" : "connect to the backend's socket",
              {*edit});
}

void check(const Subject& subject, Report& report) {
    const Facts facts{find_sockets(subject), find_unserved(subject)};
    for (const Unserved& missing : facts.unserved) {
        const Socket* meant = find_meant(missing, facts, subject);
        if (meant != nullptr) report_missing(missing, *meant, subject, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "socket-path-mismatch",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "nginx connects to a unix socket that no known backend makes",
    .why =
        R"(A backend makes the socket that its `listen`, `--bind` or `ListenStream` names, and nginx
must connect to that very path (`/var/run` is `/run`). After an upgrade of PHP the number in the path
is another one (`php8.1-fpm.sock`, `php8.2-fpm.sock`), nginx keeps asking for the old one, and every
request for PHP gets 502:

    connect() to unix:/run/php/php8.1-fpm.sock failed (2: No such file or directory) while connecting
    to upstream

gatelint compares the passes with backends of their kind: `fastcgi_pass` with php-fpm, `uwsgi_pass`
with uWSGI, `proxy_pass` with gunicorn and other HTTP servers. It reports a path only if a backend's
path is nearly the same, or has the same name in another folder and is the only one left; or if it
lies in a volume whose services are all known. It is a warning where the backend is found in a
repository, whose files may belong to several deployments.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::socket_path_mismatch
