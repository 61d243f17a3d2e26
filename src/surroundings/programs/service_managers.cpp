#include "surroundings/programs/service_managers.hpp"

#include <map>
#include <set>
#include <utility>

namespace gatelint {

namespace {

/// A socket that systemd holds open, whatever its service is.
Listener listener_of(const PassedSocket& socket, const SystemdUnit& unit, const Place* host,
                     Listener::Program program) {
    Listener listener;
    listener.program = program;
    listener.name = "unit " + unit.name;
    listener.speaks = Protocol::tcp;
    listener.at = socket.at;
    listener.where = socket.where;
    listener.section = unit.section;
    listener.access = socket.access;
    listener.ipv6_only = socket.ipv6_only;
    listener.place = host;
    return listener;
}

/// Listeners of one process, one at each address.
class Gathered {
  public:
    explicit Gathered(std::vector<Listener> listeners) : listeners_(std::move(listeners)) {
        for (const Listener& each : listeners_) known_.insert(to_string(each.at));
    }

    /// Unless something listens there already.
    void add(Listener listener) {
        if (known_.insert(to_string(listener.at)).second) listeners_.push_back(std::move(listener));
    }

    std::vector<Listener> take() { return std::move(listeners_); }

  private:
    std::vector<Listener> listeners_;
    std::set<std::string> known_;
};

std::vector<Listener> listeners_of(const Process& process, const SystemdUnit& unit,
                                   Systemd& systemd, Reading& reading) {
    Listening listening = listen(process, reading);
    if (listening.is_known_program && !listening.is_whole) {
        systemd.half_known.insert(listening.program);
    }
    if (unit.sockets.empty()) return std::move(listening.listeners);
    // Whether the socket is open before the service starts, only its administrator knows.
    Process alone = process;
    alone.sockets.clear();
    Gathered gathered(std::move(listening.listeners));
    for (Listener& each : listen(alone, reading).listeners) {
        if (!each.is_default && !unit.requires_its_socket) gathered.add(std::move(each));
    }
    for (const PassedSocket& socket : unit.sockets) {
        gathered.add(listener_of(socket, unit, systemd.host, listening.program));
    }
    return gathered.take();
}

}  // namespace

void listen_to(Systemd& systemd, Reading& reading) {
    std::map<Span, std::size_t> by_place;  // the first one, of those that are written somewhere
    const auto add = [&](Listener listener, SystemdUnit& unit) {
        by_place.try_emplace(listener.where, systemd.listeners.size());
        unit.listeners.push_back(listener);
        systemd.listeners.push_back(std::move(listener));
    };
    for (SystemdUnit& unit : systemd.units) {
        if (unit.kind != SystemdUnit::Kind::service) continue;
        for (const Process& process : unit.processes) {
            for (Listener& each : listeners_of(process, unit, systemd, reading)) {
                add(std::move(each), unit);
            }
        }
    }
    for (SystemdUnit& unit : systemd.units) {
        if (unit.kind != SystemdUnit::Kind::socket) continue;
        for (const PassedSocket& socket : unit.sockets) {
            // A socket listens even where nobody knows what its service is.
            const auto known = by_place.find(socket.where);
            if (known == by_place.end()) {
                add(listener_of(socket, unit, systemd.host, Listener::Program::other), unit);
            } else {
                unit.listeners.push_back(systemd.listeners[known->second]);
            }
        }
    }
}

Listening listen_to(const SupervisedProgram& program, Reading& reading) {
    if (program.is_command) {
        Listening listening = listen(program.process, reading);
        for (Listener& each : listening.listeners) {
            if (!each.section.known()) each.section = program.section;
        }
        return listening;
    }
    Listening listening;
    listening.is_known_program = true;
    listening.is_whole = program.listener.has_value();
    if (program.listener) listening.listeners.push_back(*program.listener);
    return listening;
}

}  // namespace gatelint
