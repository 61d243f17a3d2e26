#include "rule.hpp"

namespace gatelint::rules::container_backend_binds_loopback {

namespace {

/// What listens at the port on the loopback interface, if nothing does on another; or null.
const Listener* find_hidden(const ComposeService& service, std::uint16_t port,
                            const Subject& subject) {
    if (!subject.surroundings.knows_all_of(service)) return nullptr;
    const Listener* hidden = nullptr;
    for (const Listener* listener : subject.surroundings.listeners_of(service)) {
        if (listener->at.is_unix() || listener->at.port != port) continue;
        if (!listener->at.is_loopback()) return nullptr;
        hidden = listener;
    }
    return hidden;
}

/// Makes the program listen on all addresses, where its own file or command names the one.
void fix(const Listener& listener, const Report& report, Draft& draft) {
    if (!listener.where.known() || listener.is_default) return;
    const std::string all = listener.at.kind == Address::Kind::ipv6 ? "::" : "0.0.0.0";
    const auto edit = report.replace_in(listener.where, listener.at.host, all);
    if (edit) {
        draft.fix(Applicability::unsafe, "listen on all addresses of the container", {*edit});
    }
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_name() || endpoint.protocol == Protocol::udp) continue;
        const ComposeService* service = service_named(*nginx, endpoint.address.host);
        if (service == nullptr) continue;
        const Listener* hidden = find_hidden(*service, endpoint.address.port, subject);
        if (hidden == nullptr) continue;

        Draft draft = report(*endpoint.written, endpoint.span,
                             "service {} only listens on {} inside its own container, where nginx "
                             "cannot reach it: {} get 502",
                             service->name, to_string(hidden->at), requests_by(pass, endpoint));
        draft.unless_others_answer(endpoint);
        draft.note_listener(*hidden);
        draft.note_pass(pass, endpoint);
        draft.note("connect() failed (111: Connection refused) while connecting to upstream");
        fix(*hidden, report, draft);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "container-backend-binds-loopback",
    .family = Family::containers,
    .severity = Severity::error,
    .summary = "the backend listens on 127.0.0.1 in its own container, where nginx cannot reach it",
    .why =
        R"(Each container has its own loopback interface. A program that listens on 127.0.0.1
or `localhost`, as the development servers of most frameworks do by default, only accepts
connections from inside its container; nginx connects from another one, and every request gets
502:

    connect() failed (111: Connection refused) while connecting to upstream

The program must listen on 0.0.0.0 (or `::`); the service's networks then decide who can reach it.
gatelint reports this if nothing else in the service listens on that port.)",
    .reference = "https://docs.docker.com/compose/how-tos/networking/",
    .check = check,
};

}  // namespace gatelint::rules::container_backend_binds_loopback
