#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::upstream_port_on_group {

namespace {

/// Whether every server of the group is at this port, which is then surely the one that is meant.
bool all_at(const Upstream& group, std::uint16_t port) {
    const auto at_port = [&](const Member& member) {
        const std::uint16_t own = member.address.port == 0 ? 80 : member.address.port;
        return !member.address.is_unix() && own == port;
    };
    return !group.members.empty() &&
           std::all_of(group.members.begin(), group.members.end(), at_port);
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        if (pass.has_variables) continue;
        const PassTarget& target = pass.targets.front();
        if (target.mistake != Mistake::port_on_group) continue;
        const Upstream* group = target.namesake;
        if (group == nullptr) continue;

        Draft draft =
            report(*pass.directive, pass.target_span(),
                   "\"{}\" is an upstream, whose servers have the ports: {} must not name one",
                   group->name, pass.directive->name());
        draft.note(group->directive->span(), "the upstream is defined here");
        draft.refused(target.error);
        const std::size_t host = target.text.find(target.host_text);
        const std::size_t colon = target.text.find(':', host);
        if (pass.directive->args()[0].quote != '\0' || colon == std::string_view::npos) continue;
        std::string mended(target.text.substr(0, colon));
        mended += target.text.substr(host + target.host_text.size());
        draft.fix(all_at(*group, target.address.port) ? Applicability::safe : Applicability::unsafe,
                  "remove the port", {Report::replace(pass.target_span(), mended)});
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-port-on-group",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a port after the name of an upstream",
    .why =
        R"(The servers of an upstream have the ports. A pass that names an upstream (names are
case-insensitive) together with a port, even the right one, makes nginx refuse to start, and a
restart takes every site down:

    upstream "app" may not have port 3000

If the name is meant to be a host, such as a container, rename the upstream.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#upstream",
    .check = check,
};

}  // namespace gatelint::rules::upstream_port_on_group
