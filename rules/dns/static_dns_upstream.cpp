#include <algorithm>
#include <array>
#include <map>

#include "rule.hpp"

namespace gatelint::rules::static_dns_upstream {

namespace {

/// Services in clouds whose names lead to other addresses from time to time, as they say
/// themselves.
struct Cloud {
    std::string_view ending;
    std::string_view what;
    Severity severity;
};

// Not AWS's network load balancers (`NAME.elb.REGION.amazonaws.com`): their addresses stay.
constexpr std::array<Cloud, 7> clouds = {
    {{".elb.amazonaws.com", "an AWS load balancer", Severity::warning},
     {".rds.amazonaws.com", "an AWS database, which may fail over", Severity::warning},
     {".trafficmanager.net", "Azure Traffic Manager", Severity::warning},
     {".cloudfront.net", "CloudFront", Severity::note},
     {".herokuapp.com", "Heroku", Severity::note},
     {".herokudns.com", "Heroku", Severity::note},
     {".s3.amazonaws.com", "S3", Severity::note}}};

const Cloud* cloud_of(std::string_view name) {
    const std::string lower = lower_case(name);
    const auto found = std::find_if(clouds.begin(), clouds.end(), [&lower](const Cloud& cloud) {
        return lower.ends_with(cloud.ending);
    });
    return found == clouds.end() ? nullptr : &*found;
}

/// Images that replace running containers by newer ones, unasked.
bool replaces_containers(const ComposeService& service) {
    constexpr std::array<std::string_view, 4> names = {"containrrr/watchtower",
                                                       "nickfedor/watchtower", "v2tec/watchtower",
                                                       "pyouroboros/ouroboros"};
    const std::string_view image = service.base_image();
    return std::any_of(names.begin(), names.end(), [image](std::string_view name) {
        const std::size_t at = image.find(name);
        return at != std::string_view::npos && (at == 0 || image[at - 1] == '/');
    });
}

/// Whether the service keeps its address, or takes nginx with it: compose and its helpers restart
/// those that are linked.
bool stays(const ComposeService& service, const ComposeService& nginx) {
    const bool is_fixed =
        std::any_of(service.networks.begin(), service.networks.end(),
                    [](const Attachment& attachment) { return attachment.has_fixed_address; });
    const bool is_linked =
        std::any_of(nginx.links.begin(), nginx.links.end(),
                    [&service](const ExtraName& link) { return link.target == service.name; });
    return is_fixed || is_linked;
}

bool is_resolved_once(const Pass& pass, const Endpoint& endpoint) {
    const auto args = endpoint.written->args();
    const bool is_of_variable = endpoint.group == nullptr && pass.has_variables;
    return endpoint.address.is_name() && !is_of_variable &&
           std::none_of(args.begin(), args.end(),
                        [](const Word& word) { return word.text == "resolve"; });
}

/// A name in a file, whose address will change under nginx.
struct Place {
    const Endpoint* endpoint;
    std::string_view what;
    Severity severity;
};

class Check {
  public:
    explicit Check(const Subject& subject)
        : subject_(subject), nginx_(subject.surroundings.nginx_service()) {
        if (nginx_ == nullptr) return;
        const auto& services = nginx_->project->services;
        const auto found = std::find_if(services.begin(), services.end(), replaces_containers);
        if (found != services.end()) updater_ = &*found;
    }

    void run(Report& report) {
        for (const auto& [pass, endpoint] : subject_.model.connections()) {
            if (!is_resolved_once(pass, endpoint)) continue;
            if (const std::optional<Place> place = place_of(endpoint)) {
                by_file_[endpoint.span.source].emplace(endpoint.span, *place);
            }
        }
        for (const auto& [source, places] : by_file_) report_file(places, report);
    }

  private:
    std::optional<Place> place_of(const Endpoint& endpoint) const {
        const std::string_view name = endpoint.address.host;
        if (const Cloud* cloud = cloud_of(name)) {
            return Place{&endpoint, cloud->what, cloud->severity};
        }
        if (updater_ == nullptr) return std::nullopt;
        const ComposeService* service = service_named(*nginx_, name);
        if (service == nullptr || service == updater_ || stays(*service, *nginx_)) {
            return std::nullopt;
        }
        return Place{&endpoint, "a service that is replaced while nginx runs", Severity::note};
    }

    /// One finding, at the worst of a file's places.
    void report_file(const std::map<Span, Place>& places, Report& report) const {
        const auto worst = std::find_if(places.begin(), places.end(), [](const auto& one) {
            return one.second.severity == Severity::warning;
        });
        const Place& first = (worst == places.end() ? places.begin() : worst)->second;
        const std::string_view name = first.endpoint->address.host;
        Draft draft = report(*first.endpoint->written, first.endpoint->span,
                             "nginx resolves {} once, at startup, and keeps that address: it is {}",
                             name, first.what);
        draft.severity(first.severity);
        constexpr std::size_t enough = 5;
        std::size_t count = 0;
        for (const auto& [span, place] : places) {
            if (&place == &first || ++count > enough) continue;
            draft.note(span, "the same goes for {}", place.endpoint->address.host);
        }
        if (cloud_of(name) == nullptr) {
            draft.note(updater_->span,
                       "service {} replaces containers, which then get new addresses",
                       updater_->name);
        }
        draft.note("when the address changes, requests get 502 or 504 until nginx is reloaded");
        draft.note(
            "to follow the name, put it into a variable and set a resolver; or, since 1.27.3, use "
            "\"resolve\" in an upstream with a zone");
    }

    const Subject& subject_;
    const ComposeService* nginx_;
    const ComposeService* updater_ = nullptr;
    std::map<SourceId, std::map<Span, Place>> by_file_;
};

void check(const Subject& subject, Report& report) {
    Check(subject).run(report);
}

}  // namespace

extern constinit const Rule rule{
    .id = "static-dns-upstream",
    .family = Family::dns,
    .severity = Severity::warning,
    .summary = "a name whose address changes is only resolved at startup",
    .why =
        R"(nginx resolves the names in its passes and upstreams once, at startup or reload,
and ignores their TTL. Cloud load balancers get new addresses as they scale, a database gets a new
one when it fails over, and so does a container that watchtower replaces. nginx keeps using the
old address:

    upstream timed out (110: Connection timed out) while connecting to upstream
    connect() failed (113: No route to host) while connecting to upstream

There are two ways to follow the name: a variable in the pass, with a `resolver`; or, since
1.27.3, `resolve` on a server of an upstream, with a `zone` and a `resolver`.

gatelint does not report the services of a compose project unless something in it replaces their
containers: their addresses only change when a deployment recreates one of them and not nginx. If
yours does that, run `nginx -s reload` afterwards.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve",
    .check = check,
};

}  // namespace gatelint::rules::static_dns_upstream
