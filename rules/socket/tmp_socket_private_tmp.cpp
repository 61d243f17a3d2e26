#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::tmp_socket_private_tmp {

namespace {

bool is_temporary(const Address& address) {
    if (!address.is_unix()) return false;
    const std::string path = normal_socket_path(address.host);
    return path.starts_with("/tmp/") || path.starts_with("/var/tmp/");
}

/// Whether something lets the unit see more than its own /tmp.
bool sees_more(const SystemdUnit& unit) {
    const auto& binds = unit.bind_paths;
    return !unit.joins_namespace_of.empty() ||
           std::any_of(binds.begin(), binds.end(), [](const Value& path) {
               return is_unknown(path.text) || path.text.find("/tmp") != std::string::npos;
           });
}

/// The unit that makes a socket, and the listener; or null.
struct Maker {
    const SystemdUnit* unit = nullptr;
    const Listener* listener = nullptr;
};

/// What units say of sockets in /tmp.
class Sockets {
  public:
    explicit Sockets(const Surroundings& surroundings) : nginx_(surroundings.nginx_unit()) {
        for (const SystemdUnit& unit : surroundings.units()) {
            for (const Value& stream : unit.streams) {
                opened_.insert(normal_socket_path(stream.text));
                if (is_unknown(stream.text)) is_known_ = false;
            }
            for (const Value& name : unit.joins_namespace_of) {
                const bool is_nginx = nginx_ != nullptr && name.text == nginx_->name;
                if (is_nginx || is_unknown(name.text)) is_known_ = false;
            }
            if (unit.kind != SystemdUnit::Kind::service) continue;
            for (const Listener& listener : unit.listeners) {
                if (!is_temporary(listener.at)) continue;
                makers_.try_emplace(normal_socket_path(listener.at.host), Maker{&unit, &listener});
            }
        }
        if (nginx_ != nullptr && sees_more(*nginx_)) is_known_ = false;
    }

    /// The unit of nginx, or null.
    const SystemdUnit* nginx() const { return nginx_; }

    /// Whether nothing shares what is nginx's own, and all sockets of systemd are known.
    bool is_known() const { return is_known_; }

    /// Whether systemd itself opens the socket, in the /tmp of the host.
    bool is_opened_by_systemd(const std::string& path) const { return opened_.contains(path); }

    Maker maker_of(const std::string& path) const {
        const auto found = makers_.find(path);
        return found == makers_.end() ? Maker{} : found->second;
    }

  private:
    const SystemdUnit* nginx_;
    std::set<std::string> opened_;
    std::map<std::string, Maker> makers_;
    bool is_known_ = true;
};

void check_endpoint(const Pass& pass, const Endpoint& endpoint, const Sockets& sockets,
                    Report& report) {
    const std::string path = normal_socket_path(endpoint.address.host);
    const SystemdUnit* nginx = sockets.nginx();
    const Maker maker = sockets.maker_of(path);
    // nginx may be what the unit starts.
    if (maker.unit != nullptr && (sees_more(*maker.unit) || maker.unit == nginx)) return;
    const bool is_private_here = nginx != nullptr && nginx->private_tmp;
    const bool is_private_there =
        maker.unit != nullptr && maker.unit->private_tmp && !sockets.is_opened_by_systemd(path);
    if (!is_private_here && !is_private_there) return;

    const SystemdUnit& owner = is_private_here ? *nginx : *maker.unit;
    Draft draft = report(*endpoint.written, endpoint.span,
                         "nginx cannot see {}, because {} has a private /tmp: {} get 502",
                         endpoint.address.host,
                         is_private_here ? "it" : std::string_view(maker.listener->name),
                         requests_by(pass, endpoint));
    draft.unless_others_answer(endpoint);
    draft.note(owner.private_tmp->span, "{} has PrivateTmp= here", owner.name);
    if (maker.listener != nullptr) draft.note(maker.listener->where, "the socket is created here");
    draft.note_pass(pass, endpoint);
    draft.note("connect() to {} failed (2: No such file or directory) while connecting to upstream",
               to_string(endpoint.address));
    draft.note(
        "put the socket below /run: RuntimeDirectory= in the backend's unit creates a directory "
        "that both can see");
}

void check(const Subject& subject, Report& report) {
    if (subject.surroundings.nginx_on_host() == OnHost::no) return;
    const Sockets sockets(subject.surroundings);
    if (!sockets.is_known()) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!is_temporary(endpoint.address)) continue;
        // A server of the same nginx is in the same /tmp.
        if (!subject.own_listeners.reached_by(endpoint.address).empty()) continue;
        check_endpoint(pass, endpoint, sockets, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "tmp-socket-private-tmp",
    .family = Family::socket,
    .severity = Severity::error,
    .summary = "the socket is in /tmp, but nginx or the backend has a private /tmp",
    .why =
        R"(With `PrivateTmp=` in its unit, a service has its own /tmp and /var/tmp, which no
other process sees: the nginx.service of Fedora and RHEL has it, and so do many backends' units. A
socket in /tmp is then in the wrong /tmp, even if `ls /tmp` shows it, and every request gets 502:

    connect() to unix:/tmp/gunicorn.sock failed (2: No such file or directory) while connecting to
    upstream

Sockets belong below /run. `RuntimeDirectory=shop` in the backend's unit creates `/run/shop` for
it. gatelint reports this if it sees the unit and the unit has neither `JoinsNamespaceOf=` nor
`BindPaths=`.)",
    .reference =
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateTmp=",
    .check = check,
};

}  // namespace gatelint::rules::tmp_socket_private_tmp
