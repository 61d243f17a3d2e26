#include "rule.hpp"

namespace gatelint::rules {

namespace {

/// Letters only count, so that `api_backend`, `api-backend` and `apiBackend` are one name.
std::string folded(std::string_view name) {
    std::string letters = lower_case(name);
    std::erase_if(letters, [](char byte) { return byte == '-' || byte == '_'; });
    return letters;
}

/// Whether one name is surely meant for the other. Short names differ by little without being
/// misspelt (api, app), and numbered names are names of hosts.
bool is_misspelt(std::string_view name, std::string_view group) {
    if (folded(name) == folded(group)) return true;
    constexpr std::size_t shortest = 5;
    if (name.size() < shortest || group.size() < shortest) return false;
    const std::size_t limit = std::min(name.size(), group.size()) < 8 ? 1 : 2;
    if (edit_distance(lower_case(name), lower_case(group), limit) > limit) return false;
    const auto digits = [](std::string_view text) {
        std::string found;
        for (const char byte : text) {
            if (byte >= '0' && byte <= '9') found += byte;
        }
        return found;
    };
    return digits(name) == digits(group);
}

bool is_used(const Model& model, const Upstream& group) {
    for (const Pass& pass : model.passes()) {
        for (const Target& target : pass.targets) {
            if (target.group == &group) return true;
        }
    }
    return false;
}

/// The group that `name` is meant for. One that nothing uses is a strong sign; beside one that is
/// in use, a similar name is the name of a host.
const Upstream* find_misspelt(const Model& model, std::string_view name, bool stream) {
    for (const Upstream& group : model.upstreams()) {
        if (group.stream != stream || !is_misspelt(name, group.name)) continue;
        if (folded(name) == folded(group.name) || !is_used(model, group)) return &group;
    }
    return nullptr;
}

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const Target& target : pass.targets) {
            // A port belongs to a host's name: nginx refuses one after a group's.
            if (!target.host_known || target.group != nullptr || target.has_port) continue;
            const std::string_view name = target.address.host;
            const bool plausible = target.address.is_name() && !target.address.is_loopback() &&
                                   name.find('.') == std::string_view::npos && !name.empty();
            if (!plausible) continue;
            const Upstream* group = find_misspelt(subject.model, name, pass.stream);
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
                const std::string_view refusal =
                    target.error.empty() ? "host not found in upstream" : "no port in upstream";
                draft.note("nginx takes it for the name of a host");
                draft.refused(fmt::format("{} \"{}\"", refusal, name));
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
