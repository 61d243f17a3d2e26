#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::compose_no_shared_network {

namespace {

void note_networks(const ComposeService& service, Draft& draft) {
    if (service.networks.empty()) return;
    std::string names;
    for (const Attachment& attachment : service.networks) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", attachment.network);
    }
    const Span written = service.networks.front().span;
    draft.note(written.known() ? written : service.span, "service {} is on network {}",
               service.name, names);
}

/// Attaches nginx's service to a network of the other, where its own are written as a list.
void fix(const ComposeService& nginx, const ComposeService& other, const Report& report,
         Draft& draft) {
    if (nginx.networks.empty() || other.networks.empty()) return;
    const Span last = nginx.networks.back().span;
    if (!last.known()) return;
    const std::string& network = other.networks.front().network;
    if (const std::optional<Edit> edit = report.item_after(last, network)) {
        draft.fix(Applicability::unsafe,
                  fmt::format("attach service {} to network {}", nginx.name, network), {*edit});
    }
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr || !has_own_network(*nginx)) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!endpoint.address.is_name()) continue;
        const std::string_view name = endpoint.address.host;
        const Resolution resolution = resolve(*nginx, name);
        if (resolution.kind != Resolution::Kind::other_network) continue;
        const ComposeService& other = *resolution.services.front();
        if (!has_own_network(other)) continue;

        const bool at_start = !pass.has_variables;
        Draft draft =
            report(*endpoint.written, endpoint.span,
                   "service {} shares no network with service {}: {}", nginx->name, other.name,
                   at_start ? "nginx cannot resolve its name and refuses to start"
                            : requests_to(pass) + " get 502");
        note_networks(*nginx, draft);
        note_networks(other, draft);
        if (at_start) {
            // Of a group's server nginx quotes the port too.
            const bool member = endpoint.group != nullptr;
            draft.refused(fmt::format("host not found in upstream \"{}\"",
                                      member ? report.text(endpoint.span) : name));
        } else {
            draft.note("{} could not be resolved (3: Host not found)", name);
        }
        fix(*nginx, other, report, draft);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "compose-no-shared-network",
    .family = Family::containers,
    .severity = Severity::error,
    .summary = "nginx's service shares no network with the service to which it connects",
    .why = R"(Only services on one of its own networks can reach a service and resolve its name.
A service without `networks` is on `default`; one with `networks` is not. If nginx's service
shares no network with the other, the name does not exist for nginx, and it refuses to start:

    host not found in upstream "app"

If the pass contains variables, nginx logs `app could not be resolved (3: Host not found)` and
answers 502 instead. gatelint reports nothing if an external network may have the name.)",
    .reference = "https://docs.docker.com/compose/how-tos/networking/",
    .check = check,
};

}  // namespace gatelint::rules::compose_no_shared_network
