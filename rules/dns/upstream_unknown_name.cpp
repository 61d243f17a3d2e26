#include "rule.hpp"

namespace gatelint::rules {

namespace {

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const Target& target : pass.targets) {
            // A port belongs to a host's name: nginx refuses one after a group's.
            if (!target.host_known || target.group != nullptr || target.has_port) continue;
            // A group's own name, which nginx does not connect with it.
            if (target.mistake == Mistake::group_comes_later) continue;
            const std::string_view name = target.address.host;
            const bool plausible = target.address.is_name() && !target.address.is_loopback() &&
                                   name.find('.') == std::string_view::npos && !name.empty();
            if (!plausible) continue;
            const Upstream* group = subject.model.find_misspelt(name, pass.stream);
            if (group == nullptr) continue;

            Draft draft =
                report(*target.written, target.span,
                       "there is no upstream \"{}\"; did you mean \"{}\"?", name, group->name);
            draft.note(group->directive->span(), "this group is defined");
            if (pass.has_variables) {
                draft.note(
                    "nginx takes it for the name of a host and asks the resolver: requests "
                    "get 502");
            } else {
                draft.note("nginx takes it for the name of a host");
                draft.refused(target.error.empty()
                                  ? fmt::format("host not found in upstream \"{}\"", name)
                                  : target.error);
            }
            const std::string_view text = report.text(target.span);
            const std::size_t at = text.find(name);
            if (at == std::string_view::npos) continue;
            const auto begin = target.span.begin + static_cast<std::uint32_t>(at);
            const auto end = begin + static_cast<std::uint32_t>(name.size());
            draft.fix(
                Applicability::unsafe, "use the group",
                {Report::replace({target.span.source, begin, end}, std::string(group->name))});
        }
    }
}

}  // namespace

extern constinit const Rule upstream_unknown_name{
    .id = "upstream-unknown-name",
    .family = Family::dns,
    .severity = Severity::error,
    .summary = "a pass names an upstream group that does not exist, and nearly one that does",
    .why = R"(A name in a pass is an `upstream` group if there is one of that name (letter case does
not count); otherwise it is the name of a host, which nginx resolves once, when it starts. A
misspelt group is therefore looked up in DNS, not found, and nginx refuses to start:

    host not found in upstream "backnd"

A restart then leaves every site down. Where the name comes from a variable, nginx starts, and the
requests get 502. gatelint reports a name only if it is nearly that of a group.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#upstream",
    .check = check,
};

}  // namespace gatelint::rules
