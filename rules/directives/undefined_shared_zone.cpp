#include <algorithm>
#include <map>

#include "rule.hpp"

namespace gatelint::rules::undefined_shared_zone {

namespace {

/// What the configuration says of one name.
struct Zone {
    std::string_view use;  ///< of the first mention
    bool several_uses = false;
    const ZoneMention* sized = nullptr;  ///< the first that gives a size
};

using Zones = std::map<std::string_view, Zone>;

Zones zones_of(const std::vector<ZoneMention>& mentions) {
    Zones zones;
    for (const ZoneMention& mention : mentions) {
        Zone& zone =
            zones.try_emplace(mention.name, Zone{mention.use, false, nullptr}).first->second;
        zone.several_uses = zone.several_uses || zone.use != mention.use;
        if ((mention.size || mention.broken) && zone.sized == nullptr) zone.sized = &mention;
    }
    return zones;
}

/// Whether the definition may stand where gatelint cannot see.
bool may_be_defined(const ZoneMention& mention) {
    const Directive& block = *mention.block;
    if (block.opaque) return true;
    const auto groups = block.all(DirectiveId::upstream);
    return mention.kind == ZoneMention::Kind::shares &&
           std::any_of(groups.begin(), groups.end(),
                       [](const Directive* group) { return group->opaque; });
}

/// The caches' modules look for their zone when they merge a server into http
/// (ngx_http_proxy_merge_loc_conf); what no server takes over is met when memory is allotted
/// (ngx_init_cycle).
bool is_met_by_merge(const ZoneMention& mention) {
    const Directive& directive = *mention.directive;
    if (directive.id == DirectiveId::limit_req || directive.id == DirectiveId::limit_conn ||
        mention.kind != ZoneMention::Kind::uses) {
        return false;
    }
    const Directive& level = *directive.parent;
    if (level.id != DirectiveId::http) return true;
    const auto servers = level.all(DirectiveId::server);
    return std::any_of(servers.begin(), servers.end(), [&](const Directive* server) {
        return server->last(directive.id) == nullptr;
    });
}

std::string words_for(const ZoneMention& mention) {
    if (is_met_by_merge(mention)) {
        return fmt::format("\"{}\" zone \"{}\" is unknown", mention.directive->name(),
                           mention.name);
    }
    return fmt::format("zero size shared memory zone \"{}\"", mention.name);
}

/// The zone of the same use that was meant, if one is nearly called so.
const ZoneMention* nearest(const Zones& zones, const ZoneMention& mention) {
    constexpr std::size_t most = 100;  // to compare with all of them would be quadratic
    if (zones.size() > most) return nullptr;
    for (const auto& [name, zone] : zones) {
        const std::size_t limit = name.size() < 4 ? 1 : 2;
        if (zone.sized != nullptr && zone.use == mention.use &&
            edit_distance(name, mention.name, limit) <= limit) {
            return zone.sized;
        }
    }
    return nullptr;
}

void report_undefined(const ZoneMention& mention, const Zones& zones, Report& report) {
    const bool shares = mention.kind == ZoneMention::Kind::shares;
    const std::string_view directive = mention.directive->name();
    Draft draft = shares ? report(*mention.directive, mention.span,
                                  "no \"{}\" sets the size of zone \"{}\"", directive, mention.name)
                         : report(*mention.directive, mention.span,
                                  "zone \"{1}\" is not defined: there is no {0} for it",
                                  directive.ends_with("_cache") ? fmt::format("{}_path", directive)
                                                                : fmt::format("{}_zone", directive),
                                  mention.name);
    const ZoneMention* meant = nearest(zones, mention);
    if (meant != nullptr) draft.note(meant->span, "did you mean \"{}\"?", meant->name);
    draft.refused(words_for(mention));
}

/// As each setter says it.
std::string too_small(const ZoneMention& mention, std::string_view argument) {
    switch (mention.directive->id) {
        case DirectiveId::zone:
            return fmt::format("zone \"{}\" is too small", mention.name);
        case DirectiveId::ssl_session_cache:
            return fmt::format("session cache \"{}\" is too small", argument);
        case DirectiveId::ssl_ocsp_cache:
            return fmt::format("OCSP cache \"{}\" is too small", argument);
        case DirectiveId::limit_req_zone:
        case DirectiveId::limit_conn_zone:
            return fmt::format("zone \"{}\" is too small", argument);
        default:
            return fmt::format("keys zone \"{}\" is too small", argument);
    }
}

void check(const Subject& subject, Report& report) {
    const std::vector<ZoneMention> mentions = zone_mentions(subject.config);
    const Zones zones = zones_of(mentions);
    for (const ZoneMention& mention : mentions) {
        if (mention.size && *mention.size < mention.smallest) {
            report(*mention.directive, mention.span,
                   "zone \"{}\" is too small: it must be at least {}", mention.name,
                   size_text(mention.smallest))
                .refused(too_small(mention, report.text(mention.span)));
        }
        const Zone& zone = zones.at(mention.name);
        // Two uses of one name are a finding of their own.
        if (zone.sized != nullptr || zone.several_uses || may_be_defined(mention)) continue;
        report_undefined(mention, zones, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "undefined-shared-zone",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a shared memory zone that is not defined, or too small",
    .why =
        R"(A limit or a cache takes two directives: one in `http` that allocates a zone of
shared memory and names it, and one that uses the zone. If the first is missing, because only half
of an example was copied, or if the name is misspelled (names are case-sensitive), nginx refuses
to start:

    zero size shared memory zone "api"
    "proxy_cache" zone "cache" is unknown

`limit_req` needs a `limit_req_zone`, `limit_conn` a `limit_conn_zone`, `proxy_cache` a
`proxy_cache_path` with `keys_zone=`, and likewise for `fastcgi_`, `uwsgi_` and `scgi_`. The
definition may come after the use. http and stream have separate zones. The `zone` of an upstream
needs a size in one of the upstreams that share it, of at least 32k.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_limit_req_module.html#limit_req_zone",
    .check = check,
};

}  // namespace gatelint::rules::undefined_shared_zone
