#include "model/run_time_names.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "model/memo.hpp"
#include "nginx/text.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

bool is_followed(const Directive& server) {
    const auto args = server.args();
    return std::any_of(args.begin(), args.end(),
                       [](const Word& word) { return word.text == "resolve"; });
}

/// A parameter of the directive, not a server (ngx_resolver_create()).
bool is_parameter(std::string_view text) {
    constexpr std::array<std::string_view, 5> names = {
        "valid=", "ipv4=", "ipv6=", "status_zone=", "local="};
    return std::any_of(names.begin(), names.end(),
                       [text](std::string_view name) { return text.starts_with(name); });
}

/// Google's, Cloudflare's, Quad9's and OpenDNS's.
constexpr std::array<std::string_view, 14> public_servers = {"8.8.8.8",
                                                             "8.8.4.4",
                                                             "1.1.1.1",
                                                             "1.0.0.1",
                                                             "9.9.9.9",
                                                             "149.112.112.112",
                                                             "208.67.222.222",
                                                             "208.67.220.220",
                                                             "2001:4860:4860::8888",
                                                             "2001:4860:4860::8844",
                                                             "2606:4700:4700::1111",
                                                             "2606:4700:4700::1001",
                                                             "2620:fe::fe",
                                                             "2620:fe::9"};

template <typename Names>
bool is_one_of(const Address& address, const Names& names) {
    return std::any_of(names.begin(), names.end(), [&address](std::string_view name) {
        const Address other = parse_host(name);
        return other.kind == address.kind && other.ip == address.ip;
    });
}

class Collector {
  public:
    explicit Collector(const Model& model) : model_(model) {}

    std::vector<RunTimeName> collect() {
        for (const Pass& pass : model_.passes()) collect_from(pass);
        return std::move(names_);
    }

  private:
    void collect_from(const Pass& pass) {
        for (const PassTarget& target : pass.targets) {
            if (target.group != nullptr) {
                if (met_.is_new(target.endpoints)) collect_from(pass, target);
            } else if (pass.has_variables && !target.implicit && !target.endpoints.empty()) {
                const Endpoint& endpoint = target.endpoints.front();
                if (is_known_name(endpoint)) {
                    add(pass, endpoint, pass.effective(DirectiveId::resolver));
                }
            }
        }
    }

    void collect_from(const Pass& pass, const PassTarget& target) {
        for (const Endpoint& endpoint : target.endpoints) {
            if (!is_known_name(endpoint) || !is_followed(*endpoint.written)) continue;
            add(pass, endpoint, effective(*endpoint.group->directive, DirectiveId::resolver));
        }
    }

    static bool is_known_name(const Endpoint& endpoint) {
        return endpoint.address.is_name() && !is_unknown(endpoint.address.host);
    }

    void add(const Pass& pass, const Endpoint& endpoint, const Setting& resolver) {
        if (!seen_.insert({endpoint.span, endpoint.address.host, resolver.level}).second) return;
        names_.push_back({endpoint.address.host, &pass, endpoint.written, endpoint.span, resolver});
    }

    const Model& model_;
    std::vector<RunTimeName> names_;
    SeenLists<> met_;
    std::set<std::tuple<Span, std::string_view, const Directive*>> seen_;
};

}  // namespace

std::vector<RunTimeName> run_time_names(const Model& model) {
    return Collector(model).collect();
}

bool NameServer::is_of_engine() const {
    constexpr std::array<std::string_view, 1> names = {"127.0.0.11"};
    return is_one_of(address, names);
}

bool NameServer::is_of_systemd() const {
    constexpr std::array<std::string_view, 2> names = {"127.0.0.53", "127.0.0.54"};
    return is_one_of(address, names);
}

bool NameServer::is_public() const {
    return address.is_literal_ip() && is_one_of(address, public_servers);
}

bool NameServer::is_of_kubernetes() const {
    const std::string name = lower_case(address.host);
    return address.is_name() &&
           (name.ends_with(".svc.cluster.local") || name.ends_with(".kube-system") ||
            name.ends_with(".kube-system.svc"));
}

std::vector<NameServer> name_servers(const Setting& resolver) {
    std::vector<NameServer> servers;
    if (!resolver.known || !resolver.is_set()) return servers;
    for (const Word& word : resolver.last()->args()) {
        if (is_unknown(word.text) || word.text.find('$') != std::string_view::npos) return {};
        if (is_parameter(word.text)) continue;
        const Url url = parse_url(word.text, false);
        if (!url.error.empty() || url.address.is_unix()) return {};
        servers.push_back({url.address, word.span});
    }
    return servers;
}

}  // namespace gatelint
