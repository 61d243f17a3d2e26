#include <algorithm>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::upstream_unknown_name {

namespace {

bool has_dot(std::string_view name) {
    return name.find('.') != std::string_view::npos;
}

/// Puts another name where the value at `span` has this one.
void fix(Span span, std::string_view name, std::string_view better, std::string title,
         const Report& report, Draft& draft) {
    const auto edit = report.replace_in(span, name, std::string(better));
    if (edit) draft.fix(Applicability::unsafe, std::move(title), {*edit});
}

void check_group(const PassTarget& target, const Pass& pass, const Subject& subject,
                 Report& report) {
    // A port belongs to a host's name: nginx refuses one after a group's.
    if (!target.host_known || target.group != nullptr || target.has_port) return;
    // A group's own name, which nginx does not connect with it.
    if (target.mistake == Mistake::group_comes_later) return;
    const std::string_view name = target.address.host;
    const bool plausible = target.address.is_name() && !target.address.is_loopback() &&
                           !has_dot(name) && !name.empty();
    if (!plausible) return;
    const Upstream* group = subject.model.find_misspelt(name, pass.stream);
    if (group == nullptr) return;

    Draft draft = report(*target.written, target.span,
                         "upstream \"{}\" is not defined; did you mean \"{}\"?", name, group->name);
    draft.note(group->directive->span(), "this upstream is defined");
    if (pass.has_variables) {
        draft.note("nginx treats it as a host name and queries the resolver: requests get 502");
    } else {
        draft.note("nginx treats it as a host name");
        draft.refused(target.error.empty() ? fmt::format("host not found in upstream \"{}\"", name)
                                           : std::string(target.error));
    }
    fix(target.span, name, group->name, "use the upstream", report, draft);
}

/// A name by which a service may be asked for.
struct ServiceName {
    std::string_view name;
    const ComposeService* service;
};

std::vector<ServiceName> names_of(const ComposeProject& project) {
    std::vector<ServiceName> names;
    for (const ComposeService& service : project.services) {
        names.push_back({service.name, &service});
        if (service.container_name) names.push_back({service.container_name->text, &service});
        if (service.hostname) names.push_back({service.hostname->text, &service});
        for (const Attachment& attachment : service.networks) {
            for (const Value& alias : attachment.aliases) names.push_back({alias.text, &service});
        }
    }
    return names;
}

/// Names among which those are looked up that are written a little differently.
class NameIndex {
  public:
    explicit NameIndex(const std::vector<ServiceName>& names) : lower_(in_lower_case(names)) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            is_any_unknown_ = is_any_unknown_ || is_unknown(names[i].name);
            by_letters_[letters_of(lower_[i])].push_back(i);
        }
        known_ = {lower_.begin(), lower_.end()};
    }

    /// Whether it is one of them, or may be: a part of some name is unknown.
    bool may_have(std::string_view name) const {
        return is_any_unknown_ || known_.contains(lower_case(name));
    }

    /// Positions of those that may be meant, in order; a few others are among them.
    std::set<std::size_t> candidates(std::string_view name) {
        const std::string lower = lower_case(name);
        if (!near_) near_.emplace(std::vector<std::string_view>(lower_.begin(), lower_.end()));
        std::set<std::size_t> found;
        for (const NearTexts::Id id : near_->candidates(lower)) found.insert(id);
        const auto alike = by_letters_.find(letters_of(lower));
        if (alike != by_letters_.end()) found.insert(alike->second.begin(), alike->second.end());
        return found;
    }

  private:
    static std::vector<std::string> in_lower_case(const std::vector<ServiceName>& names) {
        std::vector<std::string> lower;
        for (const ServiceName& one : names) lower.push_back(lower_case(one.name));
        return lower;
    }

    /// What is_same_but_for_signs() compares.
    static std::string letters_of(std::string letters) {
        std::erase_if(letters, [](char byte) { return byte == '-' || byte == '_'; });
        return letters;
    }

    std::vector<std::string> lower_;
    std::optional<NearTexts> near_;  ///< made when the first name is looked for
    std::map<std::string, std::vector<std::size_t>> by_letters_;
    std::set<std::string, std::less<>> known_;
    bool is_any_unknown_ = false;
};

/// Whether nginx looks the endpoint's name up when it starts, as it does for the servers of groups.
bool is_asked_at_start(const Pass* pass, const Endpoint& endpoint) {
    const auto args = endpoint.written->args();
    const bool is_of_variable = endpoint.group == nullptr && pass != nullptr && pass->has_variables;
    return !is_of_variable && std::none_of(args.begin(), args.end(),
                                           [](const Word& word) { return word.text == "resolve"; });
}

std::string effect_of(const Pass* pass, bool at_start) {
    if (at_start || pass == nullptr) return "nginx refuses to start";
    return fmt::format("{} {}", requests_to(*pass), failure_of(*pass));
}

/// Compares names with those of the services around nginx.
class ServiceCheck {
  public:
    ServiceCheck(const Subject& subject, Report& report)
        : subject_(subject), report_(report), nginx_(subject.surroundings.nginx_service()) {}

    void run() {
        if (nginx_ != nullptr) {
            collect(*nginx_->project);
        } else if (subject_.surroundings.nginx_place() == nullptr) {
            // A configuration in a repository, which none of its projects mounts.
            for (const auto& project : subject_.surroundings.compose_projects()) collect(*project);
        }
        if (names_.empty()) return;
        for (const RunTimeName& name : run_time_names(subject_.model)) {
            at_run_time_.try_emplace({name.span, name.name}, name);
        }
        for (const auto& [pass, endpoint] : subject_.model.connections()) {
            used_.insert(lower_case(endpoint.address.host));
        }
        for (const auto& [pass, endpoint] : subject_.model.connections()) check(&pass, endpoint);
        // Servers of a group that no pass names are looked up all the same.
        for (const Upstream& group : subject_.model.upstreams()) {
            if (group.is_used()) continue;
            for (const Member& member : group.members) {
                check(nullptr, {member.address, Protocol::http, nullptr, &group, member.directive,
                                member.directive->args()[0].span});
            }
        }
    }

  private:
    void collect(const ComposeProject& project) {
        const std::vector<ServiceName> names = names_of(project);
        names_.insert(names_.end(), names.begin(), names.end());
    }

    NameIndex& index() {
        if (!index_) index_.emplace(names_);
        return *index_;
    }

    bool is_known(std::string_view name) {
        return !subject_.surroundings.hosts().find(name).empty() || index().may_have(name);
    }

    /// Whether nginx asks the engine's name server, and no other.
    bool is_asked_of_engine(const RunTimeName& name) const {
        const std::vector<NameServer> servers = name_servers(name.resolver);
        return !servers.empty() &&
               std::all_of(servers.begin(), servers.end(),
                           [](const NameServer& server) { return server.is_of_engine(); });
    }

    /// Whether something else is known of the host of a pass.
    bool is_taken_care_of(const Pass& pass, const PassTarget& target, std::string_view name) const {
        // Another pass makes nginx look it up when it starts, and is reported.
        if (target.implicit || target.mistake == Mistake::group_comes_later) return true;
        // A group may be meant.
        return !target.has_port && subject_.model.find_misspelt(name, pass.stream) != nullptr;
    }

    void check(const Pass* pass, const Endpoint& endpoint) {
        // A group's server is met by every pass to the group.
        if (!endpoint.address.is_name() ||
            !checked_.insert({endpoint.span, endpoint.address.host}).second)
            return;
        const std::string_view name = endpoint.address.host;
        // What some script replaces is written in capitals; names with dots are DNS's.
        const bool is_plain =
            !name.empty() && !has_dot(name) && !is_unknown(name) &&
            std::any_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
        if (!is_plain || endpoint.address.is_loopback()) return;
        if (endpoint.group == nullptr && is_taken_care_of(*pass, *endpoint.target, name)) return;
        const bool at_start = is_asked_at_start(pass, endpoint);
        if (!at_start) {
            const auto found = at_run_time_.find({endpoint.span, name});
            if (found == at_run_time_.end() || !is_asked_of_engine(found->second)) return;
        }
        if (nginx_ == nullptr) {
            if (!is_known(name)) report_misspelt(pass, endpoint, at_start);
            return;
        }
        switch (resolve(*nginx_, name).kind) {
            case Resolution::Kind::absent:
                if (subject_.surroundings.hosts().find(name).empty()) {
                    report_absent(pass, endpoint, at_start);
                }
                break;
            case Resolution::Kind::unknown:
                if (!is_known(name) && !nginx_->network_mode) {
                    report_misspelt(pass, endpoint, at_start);
                }
                break;
            default:
                break;
        }
    }

    void say_what_happens(const Endpoint& endpoint, bool at_start, Draft& draft) const {
        const std::string_view name = endpoint.address.host;
        if (!at_start) {
            draft.note("{} could not be resolved (3: Host not found)", name);
            return;
        }
        // Of a group's server nginx quotes the port too.
        draft.refused(fmt::format("host not found in upstream \"{}\"",
                                  endpoint.group != nullptr ? report_.text(endpoint.span) : name));
    }

    /// Nothing has the name: the nearest one that leads anywhere may be meant.
    void report_absent(const Pass* pass, const Endpoint& endpoint, bool at_start) {
        const std::string_view name = endpoint.address.host;
        const ServiceName* near = nearest(name);
        const std::string effect = effect_of(pass, at_start);
        Draft draft = near == nullptr ? report_(*endpoint.written, endpoint.span,
                                                "there is no service {}: {}", name, effect)
                                      : report_(*endpoint.written, endpoint.span,
                                                "there is no service {}; did you mean {}? {}", name,
                                                near->name, effect);
        // A script that runs before nginx may change the file, or add to /etc/hosts.
        if (!starts_nginx_at_once(*nginx_)) {
            draft.severity(near == nullptr ? Severity::note : Severity::warning);
        }
        if (near == nullptr) {
            draft.note(nginx_->span, "nginx runs in service {}; the other services are {}",
                       nginx_->name, others());
        } else {
            draft.note(near->service->span, "service {} is defined here", near->service->name);
            draft.note(nginx_->span, "nginx runs in service {}", nginx_->name);
        }
        say_what_happens(endpoint, at_start, draft);
        if (near != nullptr) {
            fix(endpoint.span, name, near->name, fmt::format("connect to {}", near->name), report_,
                draft);
        }
    }

    /// Something out of sight may have the name, but it is nearly that of a service to which
    /// nothing connects.
    void report_misspelt(const Pass* pass, const Endpoint& endpoint, bool at_start) {
        const std::string_view name = endpoint.address.host;
        const auto positions = index().candidates(name);
        const auto found = std::find_if(positions.begin(), positions.end(), [&](std::size_t i) {
            const ServiceName& candidate = names_[i];
            return is_misspelt(name, candidate.name) &&
                   !used_.contains(lower_case(candidate.name)) &&
                   !used_.contains(lower_case(candidate.service->name)) &&
                   candidate.service != nginx_;
        });
        if (found == positions.end()) return;
        const ServiceName* near = &names_[*found];
        Draft draft =
            report_(*endpoint.written, endpoint.span,
                    "{} looks like a misspelling of service {}; unless there is such a host, {}",
                    name, near->name, effect_of(pass, at_start));
        draft.severity(Severity::warning)
            .note(near->service->span, "nothing connects to this service");
        if (at_start) {
            draft.note("host not found in upstream \"{}\"", name);
        } else {
            draft.note("{} could not be resolved (3: Host not found)", name);
        }
        fix(endpoint.span, name, near->name, fmt::format("connect to {}", near->name), report_,
            draft);
    }

    bool leads_elsewhere(const ServiceName& candidate) const {
        return service_named(*nginx_, candidate.name) == candidate.service;
    }

    /// The name that is meant: by its letters, else the nearest.
    const ServiceName* nearest(std::string_view name) {
        constexpr std::size_t limit = 2;
        const std::string wanted = lower_case(name);
        const ServiceName* found = nullptr;
        std::size_t best = limit + 1;
        for (const std::size_t position : index().candidates(name)) {
            const ServiceName& candidate = names_[position];
            const std::size_t distance =
                is_same_but_for_signs(name, candidate.name)
                    ? 0
                    : edit_distance(wanted, lower_case(candidate.name), limit);
            // Of three letters two others are another name.
            const bool is_near = 3 * distance <= std::min(name.size(), candidate.name.size());
            if (distance >= best || !is_near || !leads_elsewhere(candidate)) continue;
            best = distance;
            found = &candidate;
        }
        return found;
    }

    std::string others() const {
        constexpr std::size_t enough = 8;
        std::set<std::string_view> names;
        for (const ServiceName& candidate : names_) {
            if (names.size() == enough) break;
            if (leads_elsewhere(candidate)) names.insert(candidate.service->name);
        }
        std::string list;
        for (const std::string_view name : names) {
            list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
        }
        return list.empty() ? "none" : list;
    }

    const Subject& subject_;
    Report& report_;
    const ComposeService* nginx_;
    std::vector<ServiceName> names_;
    std::optional<NameIndex> index_;  ///< made when the first name is looked for
    std::set<std::string> used_;
    std::set<std::pair<Span, std::string_view>> checked_;
    std::map<std::pair<Span, std::string_view>, RunTimeName> at_run_time_;
};

void check(const Subject& subject, Report& report) {
    for (const Pass& pass : subject.model.passes()) {
        for (const PassTarget& target : pass.targets) check_group(target, pass, subject, report);
    }
    ServiceCheck(subject, report).run();
}

}  // namespace

extern constinit const Rule rule{
    .id = "upstream-unknown-name",
    .family = Family::dns,
    .severity = Severity::error,
    .summary = "a pass names an upstream or a service that does not exist",
    .why =
        R"(A name in a pass refers to the `upstream` of that name (names are
case-insensitive); if there is none, it is a host name, which nginx resolves once, at startup. So
a misspelled upstream or service is looked up in DNS and not found, and nginx refuses to start:

    host not found in upstream "backnd"

A restart then takes every site down. If the name comes from a variable, nginx starts, and
requests get 502. If nginx runs in a compose service whose networks all belong to the project, a
name without a dot that is no service, alias or extra host does not exist. Otherwise gatelint only
reports a name that is close to that of an upstream, or of a service to which nothing connects.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#upstream",
    .check = check,
};

}  // namespace gatelint::rules::upstream_unknown_name
