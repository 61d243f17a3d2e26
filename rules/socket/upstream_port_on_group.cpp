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

        Draft draft = report(*pass.directive, pass.target_span(),
                             "\"{}\" is a group, whose servers have the ports: {} may not name one",
                             group->name, pass.directive->name());
        draft.note(group->directive->span(), "this is the group");
        draft.refused(target.error);
        const std::size_t host = target.text.find(target.host_text);
        const std::size_t colon = target.text.find(':', host);
        if (pass.directive->args()[0].quote != '\0' || colon == std::string_view::npos) continue;
        std::string mended(target.text.substr(0, colon));
        mended += target.text.substr(host + target.host_text.size());
        draft.fix(all_at(*group, target.address.port) ? Applicability::safe : Applicability::unsafe,
                  "leave the port to the group", {Report::replace(pass.target_span(), mended)});
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-port-on-group",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a port after the name of an upstream group",
    .why = R"(The ports of a group stand at its servers. A pass that names a group (letter case does
not count) and a port, even the right one, makes nginx refuse to start, and a restart leaves every
site down:

    upstream "app" may not have port 3000

If the name is meant for a host, as that of a container, the group needs another name.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#upstream",
    .check = check,
};

}  // namespace gatelint::rules::upstream_port_on_group
