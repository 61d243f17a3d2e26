#include <algorithm>
#include <map>
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

/// Where nginx's container has the socket of another service, through a mount of both.
std::optional<std::string> path_through_mounts(const Listener& listener,
                                               const ComposeService& service,
                                               const ComposeService& nginx) {
    const std::string path = normal_socket_path(listener.at.host);
    const Mount* theirs = mount_of(service, path);
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
        return path_through_mounts(listener, *service, *nginx);
    }
    if (!surroundings.is_beside_nginx(listener)) return std::nullopt;
    return normal_socket_path(listener.at.host);
}

/// The sockets of other programs that nginx can see.
std::vector<Socket> find_sockets(const Subject& subject) {
    std::set<const Listener*> reached;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        for (const Listener* listener : subject.surroundings.reached_by(endpoint.address)) {
            reached.insert(listener);
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
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_unix() || subject.may_be_served(endpoint.address)) continue;
        unserved.push_back({&pass, &endpoint, normal_socket_path(endpoint.address.host)});
    }
    return unserved;
}

/// Whether all services that share the folder's volume with nginx's are known: a socket in it is
/// one of theirs.
bool is_known_volume(std::string_view path, const Subject& subject) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    const Mount* mount = nginx == nullptr ? nullptr : mount_of(*nginx, path);
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

/// Positions of sockets, in order.
using Positions = std::set<std::size_t>;

/// The sockets that an endpoint may mean, to be looked up by what is alike.
class SocketIndex {
  public:
    SocketIndex(const std::vector<Socket>& sockets, const Surroundings& surroundings)
        : names_(names_of(sockets)), near_(names_) {
        for (std::size_t i = 0; i < sockets.size(); ++i) {
            const Socket& socket = sockets[i];
            const Listener& listener = *socket.listener;
            if (!socket.is_used) unused_[listener.speaks].insert(i);
            const bool is_contained =
                listener.place != nullptr && listener.place->service != nullptr;
            if (!is_contained && !surroundings.knows(listener.program)) continue;
            known_.insert(i);
            const bool is_fpm = listener.program == Listener::Program::php_fpm;
            auto& by_version = is_fpm ? pools_by_version_ : others_by_version_;
            by_version[without_digits(socket.path)].insert(i);
            if (is_fpm && !socket.is_used) pools_by_name_[name_part(socket.path)].insert(i);
        }
    }

    /// Those that no pass reaches, and of which one speaks what is spoken, if there is but one.
    std::optional<std::size_t> only_unused(Protocol spoken,
                                           const std::vector<Socket>& sockets) const {
        std::optional<std::size_t> only;
        for (const auto& [speaks, positions] : unused_) {
            if (!is_of_kind(spoken, *sockets[*positions.begin()].listener)) continue;
            if (only || positions.size() != 1) return std::nullopt;
            only = *positions.begin();
        }
        return only;
    }

    /// Those that may be alike, and programs are known that make them. Of pools the first of each
    /// likeness is enough: the first one counts.
    Positions candidates(const std::string& path, std::optional<std::size_t> only) const {
        Positions found;
        const std::string version = without_digits(path);
        add_first(pools_by_version_, version, found);
        add_first(pools_by_name_, name_part(path), found);
        for (const NearTexts::Id near : near_.candidates(name_part(path))) found.insert(near);
        if (only) {
            found.insert(*only);
            const auto others = others_by_version_.find(version);
            if (others != others_by_version_.end()) {
                found.insert(others->second.begin(), others->second.end());
            }
        }
        std::erase_if(found, [&](std::size_t i) { return !known_.contains(i); });
        return found;
    }

  private:
    static std::vector<std::string_view> names_of(const std::vector<Socket>& sockets) {
        std::vector<std::string_view> names;
        for (const Socket& socket : sockets) names.push_back(name_part(socket.path));
        return names;
    }

    template <typename Map, typename Key>
    static void add_first(const Map& map, const Key& key, Positions& to) {
        const auto found = map.find(key);
        if (found != map.end()) to.insert(*found->second.begin());
    }

    std::vector<std::string_view> names_;
    NearTexts near_;
    Positions known_;
    std::map<Protocol, Positions> unused_;
    std::map<std::string, Positions> pools_by_version_;
    std::map<std::string, Positions> others_by_version_;
    std::map<std::string_view, Positions> pools_by_name_;
};

/// What there is to compare with.
struct Facts {
    std::vector<Socket> sockets;
    SocketIndex index;
    std::map<Protocol, std::set<std::string_view>> missing;  ///< paths, by what listeners speak

    Facts(const Subject& subject, const std::vector<Unserved>& unserved)
        : sockets(find_sockets(subject)), index(sockets, subject.surroundings) {
        std::map<Protocol, const Listener*> speakers;
        for (const Socket& socket : sockets) {
            speakers.try_emplace(socket.listener->speaks, socket.listener);
        }
        for (const Unserved& one : unserved) {
            for (const auto& [speaks, listener] : speakers) {
                if (is_of_kind(one.endpoint->protocol, *listener)) missing[speaks].insert(one.path);
            }
        }
    }

    /// Whether no other endpoint without a socket speaks what the socket's program does.
    bool is_alone(const Socket& socket) const {
        const auto paths = missing.find(socket.listener->speaks);
        return paths != missing.end() && paths->second.size() == 1;
    }
};

/// The socket that an endpoint most likely means, or null.
const Socket* find_meant(const Unserved& missing, const Facts& facts, const Subject& subject) {
    const Socket* best = nullptr;
    Likeness best_likeness = Likeness::none;
    const Protocol spoken = missing.endpoint->protocol;
    const std::optional<std::size_t> only = facts.index.only_unused(spoken, facts.sockets);
    const auto is_closed = [&] {
        return subject.surroundings.is_complete() || is_known_volume(missing.path, subject);
    };
    for (const std::size_t position : facts.index.candidates(missing.path, only)) {
        const Socket& socket = facts.sockets[position];
        const Listener& listener = *socket.listener;
        if (!is_of_kind(spoken, listener)) continue;
        const Likeness like = likeness(missing.path, socket.path);
        // A socket that is in use is not the one that is missed, unless PHP's version tells.
        if (socket.is_used && like != Likeness::version) continue;
        // Each application may have its own app.sock, so it takes more to tell: that both are the
        // only ones of their kind.
        const bool is_fpm = listener.program == Listener::Program::php_fpm;
        const bool is_meant =
            is_fpm || like == Likeness::spelling
                ? like > best_likeness
                : only && facts.is_alone(socket) && (like == Likeness::directory || is_closed());
        if (!is_meant) continue;
        best = &socket;
        best_likeness = std::max(like, best_likeness);
    }
    return best;
}

bool is_certain(const Listener& listener, const Subject& subject) {
    // Paths of php-fpm's sockets have its version and the pool's name in them: one that is nearly
    // another's is meant for it.
    const bool is_fpm = listener.program == Listener::Program::php_fpm;
    return is_fpm ? !listener.is_default : subject.surroundings.is_certain(listener);
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
    if (is_elsewhere) draft.note("inside nginx's container this is {}", meant.path);
    draft.note_pass(*missing.pass, endpoint);
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
    const std::vector<Unserved> unserved = find_unserved(subject);
    if (unserved.empty()) return;
    const Facts facts(subject, unserved);
    for (const Unserved& missing : unserved) {
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
    .summary = "nginx connects to a unix socket that no known backend creates",
    .why =
        R"(A backend creates the socket that its `listen`, `--bind` or `ListenStream` names,
and nginx must connect to exactly that path (`/var/run` is `/run`). After a PHP upgrade, the
version in the path changes (`php8.1-fpm.sock`, `php8.2-fpm.sock`), nginx still connects to the
old one, and every PHP request gets 502:

    connect() to unix:/run/php/php8.1-fpm.sock failed (2: No such file or directory) while connecting
    to upstream

gatelint compares passes with backends of the same kind: `fastcgi_pass` with php-fpm, `uwsgi_pass`
with uWSGI, `proxy_pass` with gunicorn and other HTTP servers. It only reports a path if a
backend's path is nearly the same, or has the same name in another directory and is the only one
left; or if the path is in a volume whose services are all known. The severity is warning if the
backend was found in a repository, whose files may belong to several deployments.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::socket_path_mismatch
