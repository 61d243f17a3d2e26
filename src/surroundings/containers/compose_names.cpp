#include <algorithm>
#include <set>

#include "nginx/text.hpp"
#include "source/unknown.hpp"
#include "surroundings/containers/compose.hpp"

namespace gatelint {

namespace {

constexpr int max_modes = 20;

constexpr std::string_view of_service = "service:";
constexpr std::string_view of_container = "container:";

/// Whether a text whose unknown parts may be anything may be a name.
bool may_be(std::string_view text, std::string_view name) {
    const std::size_t first = text.find(unknown_byte);
    if (first == std::string_view::npos) return false;
    const std::string_view begin = text.substr(0, first);
    const std::string_view end = text.substr(text.rfind(unknown_byte) + 1);
    return name.size() >= begin.size() + end.size() &&
           equals_ignoring_case(name.substr(0, begin.size()), begin) &&
           equals_ignoring_case(name.substr(name.size() - end.size()), end);
}

/// Parts of the name that are a service's, if the engine made it for a container or for a service
/// of a swarm: `shop-web-1`, `shop_web`.
std::vector<std::string_view> services_in(std::string_view name) {
    const std::size_t last = name.find_last_not_of("0123456789");
    const bool has_number = last + 1 < name.size() && last != std::string_view::npos &&
                            (name[last] == '-' || name[last] == '_');
    if (has_number) name = name.substr(0, last);
    std::vector<std::string_view> parts;
    for (std::size_t i = 1; i < name.size(); ++i) {
        const bool divides = name[i] == '_' || (name[i] == '-' && has_number);
        if (divides) parts.push_back(name.substr(i + 1));
    }
    return parts;
}

/// Asks what a name means to a service (moby: libnetwork's resolver, /etc/hosts).
class Resolver {
  public:
    Resolver(const ComposeService& from, std::string_view name)
        : from_(from),
          project_(*from.project),
          own_(project_.names.own(from)),
          name_(name),
          containers_(services_in(name)) {}

    Resolution resolve() {
        if (is_unknown(name_) || name_.empty()) return {};
        if (answer_from_hosts_file()) return answer_;
        if (own_.hosts.find_unclear(name_) != nullptr || answer_from_links()) return answer_;
        if (from_.network_mode) return {};  // the host's resolver is asked, or nobody

        ask_networks();
        if (!shared_.empty()) {
            answer_.kind = Resolution::Kind::services;
            answer_.services = shared_;
        } else if (is_certain()) {
            answer_.kind =
                named_.empty() ? Resolution::Kind::absent : Resolution::Kind::other_network;
            answer_.services = named_;
        }
        return answer_;
    }

  private:
    bool is_name(std::string_view other) const { return equals_ignoring_case(other, name_); }

    void answer(const ComposeService& service, Span span) {
        answer_.kind = Resolution::Kind::services;
        answer_.services = {&service};
        answer_.span = span;
    }

    /// /etc/hosts is read before the engine is asked.
    bool answer_from_hosts_file() {
        const bool is_own = from_.hostname && is_name(from_.hostname->text);
        if (is_own || is_name("localhost")) {
            answer(from_, is_own ? from_.hostname->span : Span{});
            return true;
        }
        const ExtraName* found = own_.hosts.find(name_);
        if (found == nullptr) return false;
        answer_.span = found->span;
        if (is_unknown(found->target)) return true;
        const bool is_host = found->target == "host-gateway";
        answer_.kind = is_host ? Resolution::Kind::host : Resolution::Kind::address;
        if (!is_host) answer_.address = found->target;
        return true;
    }

    bool answer_from_links() {
        const ExtraNames& external = own_.external_links;
        if (external.find(name_) != nullptr || external.find_unclear(name_) != nullptr) return true;
        const ExtraName* link = own_.links.find(name_);
        const ExtraName* unclear = own_.links.find_unclear(name_);
        if (unclear != nullptr && (link == nullptr || unclear <= link)) return true;
        if (link == nullptr) return false;
        const ComposeService* service = project_.find(link->target);
        if (service != nullptr) answer(*service, link->span);
        return true;
    }

    const ComposeProject::Network* network(const Attachment& attachment) const {
        const auto found = project_.networks.find(attachment.network);
        return found == project_.networks.end() ? nullptr : &found->second;
    }

    void ask_networks() {
        for (const Attachment& attachment : from_.networks) {
            const ComposeProject::Network* joined = network(attachment);
            if (joined == nullptr || is_unknown(joined->name)) {
                is_certain_ = false;
                continue;
            }
            if (joined->is_external || joined->is_named) is_certain_ = false;
            own_networks_.insert(joined->name);
        }
        if (!project_.names.are_known()) is_certain_ = false;
        for (const ComposeService* service : project_.names.candidates(name_)) ask(*service);
    }

    void ask(const ComposeService& service) {
        if (service.container_name && may_be(service.container_name->text, name_)) {
            is_certain_ = false;
        }
        // Recent engines make an alias of it, older ones did not.
        if (service.hostname &&
            (is_name(service.hostname->text) || may_be(service.hostname->text, name_))) {
            is_certain_ = false;
        }
        if (is_container_of(service.name)) is_certain_ = false;
        const bool is_own = is_name(service.name) ||
                            (service.container_name && is_name(service.container_name->text));
        bool is_named = is_own;
        bool is_shared = false;
        for (const Attachment& attachment : service.networks) {
            const Value* alias = find_alias(attachment);
            if (alias == nullptr && !is_own) continue;
            is_named = true;
            const ComposeProject::Network* joined = network(attachment);
            if (joined == nullptr || own_networks_.count(joined->name) == 0) continue;
            is_shared = true;
            if (!is_own && !answer_.span.known()) answer_.span = alias->span;
        }
        if (is_shared) shared_.push_back(&service);
        if (is_named) named_.push_back(&service);
        if (is_named && service.network_mode && is_unknown(service.network_mode->text)) {
            is_certain_ = false;
        }
    }

    const Value* find_alias(const Attachment& attachment) {
        const Value* found = nullptr;
        for (const Value& alias : attachment.aliases) {
            if (may_be(alias.text, name_)) is_certain_ = false;
            if (is_name(alias.text)) found = &alias;
        }
        return found;
    }

    bool is_container_of(std::string_view service) const {
        return std::any_of(containers_.begin(), containers_.end(), [&](std::string_view part) {
            return equals_ignoring_case(part, service);
        });
    }

    /// Whether whatever has the name is in sight. Names with dots may be known to the host.
    bool is_certain() const {
        return is_certain_ && from_.knows_names && project_.is_whole && !from_.networks.empty() &&
               name_.find('.') == std::string_view::npos;
    }

    const ComposeService& from_;
    const ComposeProject& project_;
    const OwnNames& own_;
    std::string_view name_;
    std::vector<std::string_view> containers_;
    Resolution answer_;
    bool is_certain_ = true;
    std::set<std::string> own_networks_;
    std::vector<const ComposeService*> shared_;
    std::vector<const ComposeService*> named_;
};

}  // namespace

ExtraNames::ExtraNames(const std::vector<ExtraName>& lines, bool has_targets) {
    for (const ExtraName& line : lines) {
        by_name_.try_emplace(lower_case(line.name), &line);
        if (has_targets) by_name_.try_emplace(lower_case(line.target), &line);
        if (is_unknown(line.name)) unclear_.push_back(&line);
    }
}

const ExtraName* ExtraNames::find(std::string_view name) const {
    if (by_name_.empty()) return nullptr;
    const auto found = by_name_.find(lower_case(name));
    return found == by_name_.end() ? nullptr : found->second;
}

const ExtraName* ExtraNames::find_unclear(std::string_view name) const {
    const auto found =
        std::find_if(unclear_.begin(), unclear_.end(),
                     [name](const ExtraName* line) { return may_be(line->name, name); });
    return found == unclear_.end() ? nullptr : *found;
}

ComposeNames::ComposeNames(const std::deque<ComposeService>& services) : services_(&services) {
    for (Position i = 0; i < services.size(); ++i) add(services[i], i);
}

const OwnNames& ComposeNames::own(const ComposeService& service) const {
    static const OwnNames none;
    const auto found = own_.find(&service);
    return found == own_.end() ? none : found->second;
}

void ComposeNames::add(const ComposeService& service, Position position) {
    const bool has_own =
        !service.extra_hosts.empty() || !service.links.empty() || !service.external_links.empty();
    if (has_own) {
        own_.emplace(&service, OwnNames{{service.extra_hosts, false},
                                        {service.links, true},
                                        {service.external_links, false}});
    }
    bool is_unclear = false;
    const auto take = [&](const std::string& name) {
        add_name(name, position);
        is_unclear = is_unclear || is_unknown(name);
    };
    take(service.name);
    if (service.container_name) {
        take(service.container_name->text);
        by_container_.emplace(service.container_name->text, &service);
    }
    if (service.hostname) take(service.hostname->text);
    for (const Attachment& attachment : service.networks) {
        for (const Value& alias : attachment.aliases) take(alias.text);
    }
    if (is_unclear) unclear_.push_back(position);
    if (!service.knows_names) are_known_ = false;
    const std::string_view mode =
        service.network_mode ? std::string_view(service.network_mode->text) : "";
    if (mode.starts_with(of_service) || mode.starts_with(of_container)) guests_.push_back(&service);
}

void ComposeNames::add_name(const std::string& name, Position position) {
    std::vector<Position>& owners = by_name_[lower_case(name)];
    if (owners.empty() || owners.back() != position) owners.push_back(position);
}

std::vector<const ComposeService*> ComposeNames::candidates(std::string_view name) const {
    std::set<Position> found(unclear_.begin(), unclear_.end());
    const auto take = [&](std::string_view one) {
        const auto owners = by_name_.find(lower_case(one));
        if (owners != by_name_.end()) found.insert(owners->second.begin(), owners->second.end());
    };
    take(name);
    for (const std::string_view part : services_in(name)) take(part);
    std::vector<const ComposeService*> services;
    services.reserve(found.size());
    for (const Position position : found) services.push_back(&(*services_)[position]);
    return services;
}

const ComposeService* ComposeNames::container(std::string_view name) const {
    const auto found = by_container_.find(std::string(name));
    return found == by_container_.end() ? nullptr : found->second;
}

const ComposeService* namespace_of(const ComposeService& service) {
    const ComposeService* at = &service;
    for (int i = 0; at != nullptr && i < max_modes; ++i) {
        if (!at->network_mode) return at;
        const std::string_view mode = at->network_mode->text;
        if (mode == "host" || is_unknown(mode)) return nullptr;
        if (mode.starts_with(of_service)) {
            at = at->project->find(mode.substr(of_service.size()));
        } else if (mode.starts_with(of_container)) {
            at = at->project->names.container(mode.substr(of_container.size()));
        } else {
            return at;
        }
    }
    return nullptr;
}

Resolution resolve(const ComposeService& from, std::string_view name) {
    const ComposeService* place = namespace_of(from);
    return place == nullptr ? Resolution() : Resolver(*place, name).resolve();
}

}  // namespace gatelint
