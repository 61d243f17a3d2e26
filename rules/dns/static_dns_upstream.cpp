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
    {{".elb.amazonaws.com", "a load balancer of AWS", Severity::warning},
     {".rds.amazonaws.com", "a database of AWS, which fails over", Severity::warning},
     {".trafficmanager.net", "Azure's Traffic Manager", Severity::warning},
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
                             "nginx resolves {} once, when it starts, and keeps its address: it is "
                             "{}",
                             name, first.what);
        draft.severity(first.severity);
        constexpr std::size_t enough = 5;
        std::size_t count = 0;
        for (const auto& [span, place] : places) {
            if (&place == &first || ++count > enough) continue;
            draft.note(span, "and so does {}", place.endpoint->address.host);
        }
        if (cloud_of(name) == nullptr) {
            draft.note(updater_->span, "service {} replaces containers, which get new addresses",
                       updater_->name);
        }
        draft.note("when the address changes, requests get 502 or 504 until nginx is reloaded");
        draft.note(
            "nginx follows a name that is in a variable, with a resolver; and since 1.27.3 a "
            "server "
            "with \"resolve\" in a group with a zone");
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
    .summary = "a name whose addresses change is resolved once, when nginx starts",
    .why = R"(nginx looks up the names in its passes and groups once, when it starts or is reloaded,
whatever their time to live. Load balancers of clouds are given other addresses as they grow, a
database that fails over has another one, and a container that watchtower replaces as well. nginx goes
on with the old address:

    upstream timed out (110: Connection timed out) while connecting to upstream
    connect() failed (113: No route to host) while connecting to upstream

Two things make it follow the name: a variable in the pass, with a `resolver`; or, since 1.27.3,
`resolve` in a group's server, with a `zone` and a `resolver`.

The services of a compose project are left alone as long as nothing in it replaces their containers:
their addresses change only with a deployment that recreates one of them and not nginx. If yours does,
run `nginx -s reload` after it.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve",
    .check = check,
};

}  // namespace gatelint::rules::static_dns_upstream
