#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules {

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

/// Whether some unit shares what is nginx's own.
bool is_joined(const SystemdUnit& nginx, const Subject& subject) {
    const auto& units = subject.surroundings.units();
    return std::any_of(units.begin(), units.end(), [&](const SystemdUnit& unit) {
        const auto& others = unit.joins_namespace_of;
        return std::any_of(others.begin(), others.end(), [&](const Value& name) {
            return name.text == nginx.name || is_unknown(name.text);
        });
    });
}

/// Whether systemd itself opens the socket, in the /tmp of the host.
bool is_opened_by_systemd(const Address& address, const Subject& subject) {
    const auto& units = subject.surroundings.units();
    return std::any_of(units.begin(), units.end(), [&](const SystemdUnit& unit) {
        if (unit.kind != SystemdUnit::Kind::socket) return false;
        return std::any_of(unit.streams.begin(), unit.streams.end(), [&](const Value& stream) {
            return is_unknown(stream.text) ||
                   normal_socket_path(stream.text) == normal_socket_path(address.host);
        });
    });
}

/// The unit that makes the socket in a /tmp of its own, and the listener; or null.
struct Maker {
    const SystemdUnit* unit = nullptr;
    const Listener* listener = nullptr;
};

Maker maker_of(const Address& address, const Subject& subject) {
    for (const SystemdUnit& unit : subject.surroundings.units()) {
        if (unit.kind != SystemdUnit::Kind::service) continue;
        for (const Listener& listener : unit.listeners) {
            if (subject.surroundings.reach(address, listener) == Reach::yes) {
                return {&unit, &listener};
            }
        }
    }
    return {};
}

void check_endpoint(const Pass& pass, const Endpoint& endpoint, const Subject& subject,
                    Report& report) {
    // A server of the same nginx is in the same /tmp.
    if (!subject.own_listeners.reached_by(endpoint.address).empty()) return;
    const SystemdUnit* nginx = subject.surroundings.nginx_unit();
    const Maker maker = maker_of(endpoint.address, subject);
    if (nginx != nullptr && (sees_more(*nginx) || is_joined(*nginx, subject))) return;
    if (maker.unit != nullptr && sees_more(*maker.unit)) return;
    const bool is_private_here = nginx != nullptr && nginx->private_tmp;
    const bool is_private_there = maker.unit != nullptr && maker.unit->private_tmp &&
                                  !is_opened_by_systemd(endpoint.address, subject);
    if (!is_private_here && !is_private_there) return;
    // nginx may be what the unit starts.
    if (maker.unit != nullptr && maker.unit == nginx) return;

    const SystemdUnit& owner = is_private_here ? *nginx : *maker.unit;
    const std::string_view who = is_private_here ? "nginx" : std::string_view(maker.listener->name);
    Draft draft = report(*endpoint.written, endpoint.span,
                         "{} has a /tmp of its own, so that nginx does not see {}: {} get 502", who,
                         endpoint.address.host,
                         endpoint.written == pass.directive ? requests_to(pass) : "requests");
    draft.note(owner.private_tmp->span, "{} asks systemd for it", owner.name);
    if (maker.listener != nullptr) draft.note(maker.listener->where, "the socket is made here");
    if (endpoint.written != pass.directive) {
        draft.note(pass.target_span(), "requests are handed on here");
    }
    draft.note("connect() to {} failed (2: No such file or directory) while connecting to upstream",
               to_string(endpoint.address));
    draft.note(
        "a folder below /run, made by RuntimeDirectory= in the backend's unit, is seen by both");
}

void check(const Subject& subject, Report& report) {
    if (subject.surroundings.nginx_service() != nullptr) return;
    if (subject.surroundings.units().empty()) return;
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            if (is_temporary(endpoint.address)) check_endpoint(pass, endpoint, subject, report);
        }
    }
}

}  // namespace

extern constinit const Rule tmp_socket_private_tmp{
    .id = "tmp-socket-private-tmp",
    .family = Family::socket,
    .severity = Severity::error,
    .summary = "the socket is in /tmp, and nginx or the backend has another /tmp",
    .why =
        R"(With `PrivateTmp=` in its unit a service has a /tmp and a /var/tmp of its own, which nobody
else sees: Fedora's and RHEL's nginx.service has it, and many units of backends have. A socket in /tmp is
then in the wrong one, however often `ls /tmp` shows it, and every request gets 502:

    connect() to unix:/tmp/gunicorn.sock failed (2: No such file or directory) while connecting to
    upstream

Sockets belong below /run. `RuntimeDirectory=shop` in the backend's unit makes `/run/shop` for it.
gatelint reports this where it sees the unit, and neither `JoinsNamespaceOf=` nor `BindPaths=` in it.)",
    .reference =
        "https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#PrivateTmp=",
    .check = check,
};

}  // namespace gatelint::rules
