#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::host_docker_internal_unmapped {

namespace {

constexpr std::string_view host_name = "host.docker.internal";
constexpr std::string_view mapping = "\"host.docker.internal:host-gateway\"";

/// Whether the service or another one brings the name along.
bool may_be_mapped(const ComposeService& nginx) {
    const Resolution::Kind kind = resolve(nginx, host_name).kind;
    const bool nobody_told = kind == Resolution::Kind::absent || kind == Resolution::Kind::unknown;
    return !nobody_told || std::any_of(nginx.extra_hosts.begin(), nginx.extra_hosts.end(),
                                       [](const ExtraName& host) {
                                           return is_unknown(host.name) ||
                                                  equals_ignoring_case(host.name, host_name);
                                       });
}

void fix(const ComposeService& nginx, const Report& report, Draft& draft) {
    std::optional<Edit> edit;
    if (!nginx.extra_hosts.empty()) {
        const Span last = nginx.extra_hosts.back().span;
        if (last.known()) edit = report.item_after(last, mapping);
    } else if (nginx.image && nginx.image->span.known()) {
        edit =
            report.lines_after(nginx.image->span, {"extra_hosts:", fmt::format("  - {}", mapping)});
    }
    if (edit) draft.fix(Applicability::safe, "map the name in extra_hosts", {*edit});
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr || !has_own_network(*nginx)) return;
    if (may_be_mapped(*nginx)) return;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        // A resolver does not read the container's /etc/hosts anyway.
        if (pass.has_variables || !endpoint.address.is_name()) continue;
        if (!equals_ignoring_case(endpoint.address.host, host_name)) continue;

        Draft draft =
            report(*endpoint.written, endpoint.span,
                   "{} does not exist on Linux unless the service maps it: nginx refuses to start",
                   host_name);
        draft.note(nginx->span, "service {} does not map it in extra_hosts", nginx->name);
        draft.note(
            "Docker Desktop adds this name by itself, Docker Engine on a Linux server does not");
        const bool member = endpoint.group != nullptr;
        draft.note("host not found in upstream \"{}\"",
                   member ? report.text(endpoint.span) : endpoint.address.host);
        fix(*nginx, report, draft);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "host-docker-internal-unmapped",
    .family = Family::containers,
    .severity = Severity::warning,
    .summary = "host.docker.internal is used, which only Docker Desktop provides by itself",
    .why = R"(Docker Desktop resolves `host.docker.internal` to the host in every container.
Docker Engine on Linux only does so for services that map it:

    extra_hosts:
      - "host.docker.internal:host-gateway"

Otherwise what works on the developer's machine does not start on the server:

    host not found in upstream "host.docker.internal"

The line is harmless on Docker Desktop.)",
    .reference = "https://docs.docker.com/reference/compose-file/services/#extra_hosts",
    .check = check,
};

}  // namespace gatelint::rules::host_docker_internal_unmapped
