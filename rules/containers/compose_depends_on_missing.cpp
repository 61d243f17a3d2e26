#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::compose_depends_on_missing {

namespace {

/// The services that compose starts before this one: `depends_on`, and what implies it.
std::vector<std::string> dependencies_of(const ComposeService& service) {
    std::vector<std::string> names;
    for (const Dependency& dependency : service.depends_on) names.push_back(dependency.service);
    for (const ExtraName& link : service.links) names.push_back(link.target);
    for (const Value& value : service.volumes_from) {
        names.push_back(value.text.substr(0, value.text.find(':')));
    }
    constexpr std::string_view mode = "service:";
    if (service.network_mode && service.network_mode->text.starts_with(mode)) {
        names.push_back(service.network_mode->text.substr(mode.size()));
    }
    return names;
}

using Services = std::set<const ComposeService*>;

/// Those of which each starts before or after one, be it by way of others: `next` tells who stands
/// next to a service.
template <typename Next>
Services in_reach_of(const ComposeService& service, const Next& next) {
    Services found;
    std::vector<const ComposeService*> to_do = {&service};
    while (!to_do.empty()) {
        const ComposeService* one = to_do.back();
        to_do.pop_back();
        for (const ComposeService* other : next(*one)) {
            if (found.insert(other).second) to_do.push_back(other);
        }
    }
    return found;
}

/// The order in which compose starts the services of nginx's project.
class Order {
  public:
    explicit Order(const ComposeService& nginx) {
        std::map<const ComposeService*, Services> before;
        std::map<const ComposeService*, Services> after;
        for (const ComposeService& service : nginx.project->services) {
            for (const std::string& name : dependencies_of(service)) {
                const ComposeService* other = nginx.project->find(name);
                if (other == nullptr) continue;
                before[&service].insert(other);
                after[other].insert(&service);
            }
        }
        earlier_ = in_reach_of(nginx, [&](const ComposeService& one) { return before[&one]; });
        later_ = in_reach_of(nginx, [&](const ComposeService& one) { return after[&one]; });
    }

    bool is_before_nginx(const ComposeService& service) const {
        return earlier_.contains(&service);
    }
    bool is_after_nginx(const ComposeService& service) const { return later_.contains(&service); }

  private:
    Services earlier_;
    Services later_;
};

/// Whether nginx looks up the endpoint's name when it starts, and then only.
bool is_resolved_at_start(const Pass& pass, const Endpoint& endpoint) {
    if (pass.has_variables || !endpoint.address.is_name()) return false;
    const auto args = endpoint.written->args();
    return std::none_of(args.begin(), args.end(),
                        [](const Word& word) { return word.text == "resolve"; });
}

/// The services whose names nginx must be able to resolve when it starts, each with the first
/// place where it has the name, in order of the services' names.
std::map<std::string, std::pair<const ComposeService*, const Endpoint*>> find_awaited(
    const ComposeService& nginx, const Order& order, const Subject& subject) {
    std::map<std::string, std::pair<const ComposeService*, const Endpoint*>> awaited;
    for (const auto& [pass, endpoint] : subject.model.connections()) {
        if (!is_resolved_at_start(pass, endpoint)) continue;
        const ComposeService* service = service_named(nginx, endpoint.address.host);
        // Whether one with a profile is started at all is asked on the command line.
        if (service == nullptr || !service->profiles.empty()) continue;
        if (!order.is_before_nginx(*service))
            awaited.try_emplace(service->name, service, &endpoint);
    }
    return awaited;
}

/// Whether the engine starts the container anew after nginx has given up.
bool is_restarted(const ComposeService& service) {
    if (!service.restart) return false;
    const std::string& policy = service.restart->text;
    return policy != "no" && policy != "none" && policy != "false";
}

void fix(const ComposeService& nginx, const std::vector<std::string>& names, const Report& report,
         Draft& draft) {
    std::optional<Edit> edit;
    if (!nginx.depends_on.empty()) {
        const Span last = nginx.depends_on.back().span;
        if (last.known() && names.size() == 1) edit = report.item_after(last, names.front());
    } else if (nginx.image && nginx.image->span.known()) {
        std::vector<std::string> lines = {"depends_on:"};
        for (const std::string& name : names) lines.push_back("  - " + name);
        edit = report.lines_after(nginx.image->span, lines);
    }
    if (edit) draft.fix(Applicability::unsafe, "add depends_on", {*edit});
}

void check(const Subject& subject, Report& report) {
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr || !starts_nginx_at_once(*nginx) || !nginx->span.known()) return;
    const Order order(*nginx);
    const auto awaited = find_awaited(*nginx, order, subject);
    if (awaited.empty()) return;

    std::string list;
    std::vector<std::string> names;
    for (const auto& [name, found] : awaited) {
        list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
        names.push_back(name);
    }
    const bool restarted = is_restarted(*nginx);
    Draft draft =
        report(nginx->span, "service {} may start before {}: nginx then refuses to start{}",
               nginx->name, list, restarted ? " and is restarted" : "");
    if (restarted) draft.severity(Severity::note);
    bool reversed = false;
    for (const auto& [name, found] : awaited) {
        const auto& [service, endpoint] = found;
        draft.note(endpoint->span, "nginx resolves {} at startup", endpoint->address.host);
        if (!order.is_after_nginx(*service)) continue;
        reversed = true;
        draft.note(service->span, "service {} waits for {} instead", name, nginx->name);
    }
    draft.note("host not found in upstream \"{}\"", awaited.begin()->second.second->address.host);
    if (!reversed) fix(*nginx, names, report, draft);
}

}  // namespace

extern constinit const Rule rule{
    .id = "compose-depends-on-missing",
    .family = Family::containers,
    .severity = Severity::warning,
    .precision = Precision::medium,
    .summary = "nginx's service may start before the services whose names it resolves",
    .why = R"(nginx resolves the names in its passes and upstreams once, at startup. A service's
name only resolves while its container runs, and compose starts services in any order unless
`depends_on` sets one. If nginx comes first, it refuses to start; this happens now and then, on
slow machines and after reboots:

    host not found in upstream "app"

With a restart policy nginx is restarted until the name resolves, so the severity is only note.
Names in variables are resolved for each request and do not matter here. gatelint reports nothing
for services that run something before nginx, which may be a script that waits.)",
    .reference = "https://docs.docker.com/compose/how-tos/startup-order/",
    .check = check,
};

}  // namespace gatelint::rules::compose_depends_on_missing
