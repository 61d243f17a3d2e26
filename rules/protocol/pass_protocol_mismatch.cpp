#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::pass_protocol_mismatch {

namespace {

bool is_http(Protocol protocol) {
    return protocol == Protocol::http || protocol == Protocol::https ||
           protocol == Protocol::grpc || protocol == Protocol::grpcs;
}

bool is_grpc(Protocol protocol) {
    return protocol == Protocol::grpc || protocol == Protocol::grpcs;
}

/// Whether the program's HTTP has nothing of HTTP/2, whatever its settings say.
bool has_no_http2(const Listener& listener) {
    switch (listener.program) {
        case Listener::Program::gunicorn:
        case Listener::Program::uvicorn:
        case Listener::Program::uwsgi:
        case Listener::Program::puma:
        case Listener::Program::unicorn:
            return true;
        default:
            return false;
    }
}

/// Whether the two may understand each other. TLS or not is tls-scheme-mismatch's matter.
bool may_fit(Protocol spoken, const Listener& listener) {
    const Protocol speaks = listener.speaks;
    if (spoken == speaks || speaks == Protocol::tcp || speaks == Protocol::udp) return true;
    if (is_http(spoken) && is_http(speaks)) {
        return !is_grpc(spoken) || is_tls(spoken) || is_tls(speaks) || !has_no_http2(listener);
    }
    return is_tls(spoken) && is_tls(speaks);
}

/// The directive that speaks a protocol, up to the address; empty where there is none to be
/// recommended.
std::string_view pass_for(Protocol protocol) {
    switch (protocol) {
        case Protocol::http:
            return "proxy_pass http://";
        case Protocol::https:
            return "proxy_pass https://";
        case Protocol::fastcgi:
            return "fastcgi_pass ";
        case Protocol::uwsgi:
            return "uwsgi_pass ";
        case Protocol::scgi:
            return "scgi_pass ";
        default:
            return "";
    }
}

/// What nginx speaks at an endpoint, and its name. HTTP/2 is gRPC's, whichever pass speaks it.
struct Spoken {
    Protocol protocol;
    std::string_view name;
};

Spoken spoken_at(const Pass& pass, Protocol protocol) {
    if (protocol == Protocol::http) {
        const Setting version = pass.effective(DirectiveId::proxy_http_version);
        if (version.known && version.value_or("") == "2") return {Protocol::grpc, "HTTP/2"};
    }
    return {protocol, name_of(protocol)};
}

void report_listener(const Pass& pass, const PassTarget& target, const Endpoint& endpoint,
                     const Listener& listener, const Subject& subject, Report& report) {
    const Spoken spoken = spoken_at(pass, target.protocol);
    const Outcome found = outcome_of(spoken.protocol, listener);
    Draft draft =
        report(*pass.directive, pass.directive->span(), "{} speaks {}, but {} speaks {}: {} {}",
               pass.directive->name(), spoken.name, listener.name, name_of(listener.speaks),
               requests_to(pass), found.requests);
    if (!subject.surroundings.is_certain(listener)) draft.severity(Severity::warning);
    draft.note_listener(listener);
    draft.note_member(endpoint);
    if (!found.log.empty()) draft.note("{}", found.log);
    const std::string_view directive =
        is_http(spoken.protocol) && is_http(listener.speaks) ? "" : pass_for(listener.speaks);
    if (pass.has_variables || target.has_uri || directive.empty()) return;
    if (pass.directive->args()[0].quote != '\0') return;
    const bool is_pool = listener.program == Listener::Program::php_fpm;
    const std::string title =
        is_http(listener.speaks)
            ? "use proxy_pass"
            : fmt::format("use {} ({} also needs its {}_param lines)", name_of(listener.speaks),
                          is_pool ? "the pool" : "the backend",
                          directive.substr(0, directive.find('_')));
    draft.fix(Applicability::unsafe, title,
              {Report::replace(pass.directive->span(),
                               fmt::format("{}{}", directive, target.host_text))});
}

void report_server(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                   Report& report) {
    Listener listener = own.listener;
    // To what is no TLS a listener of nginx with TLS answers as one without.
    if (!is_tls(endpoint.protocol)) listener.speaks = Protocol::http;
    const Outcome found = outcome_of(endpoint.protocol, listener);
    Draft draft =
        report(*pass.directive, pass.directive->span(),
               "{} speaks {}, but {} is a listener of this nginx and speaks {}: {} {}",
               pass.directive->name(), name_of(endpoint.protocol), to_string(endpoint.address),
               name_of(own.listener.speaks), requests_to(pass), found.requests);
    draft.note(own.listen->span(), "this is the listener");
    draft.note_member(endpoint);
    if (!found.log.empty()) draft.note("{}", found.log);
}

/// Of those that answer at the address, one that does not speak what nginx does; null if another
/// may, as one of several deployments.
const Listener* find_misfit(const Endpoint& endpoint, Protocol spoken, const Subject& subject) {
    const std::vector<const Listener*> reached = subject.surroundings.reached_by(endpoint.address);
    const bool fits = std::any_of(reached.begin(), reached.end(), [&](const Listener* listener) {
        return may_fit(spoken, *listener);
    });
    return fits || reached.empty() ? nullptr : reached.front();
}

/// Whether the image's name says php-fpm: `php:8.3-fpm-alpine`.
bool is_fpm_image(std::string_view image) {
    const ImageName name = parse_image_name(image);
    return (name.repository == "php" || name.repository.ends_with("/php")) && name.has_word("fpm");
}

/// A service whose image is php's own, of which nothing tells for certain where it listens: at
/// 9000 unless its Dockerfile says otherwise.
const ComposeService* find_fpm_service(const Endpoint& endpoint, const Subject& subject) {
    constexpr std::uint16_t image_port = 9000;
    const ComposeService* nginx = subject.surroundings.nginx_service();
    if (nginx == nullptr || !endpoint.address.is_name()) return nullptr;
    if (endpoint.address.port != image_port || endpoint.protocol == Protocol::fastcgi) {
        return nullptr;
    }
    const ComposeService* service = service_named(*nginx, endpoint.address.host);
    if (service == nullptr || !is_fpm_image(service->base_image())) return nullptr;
    // A command of its own may start something else.
    const bool is_plain = !service->process() && service->is_whole;
    return is_plain && subject.surroundings.listeners_of(*service).empty() ? service : nullptr;
}

void report_image(const Pass& pass, const Endpoint& endpoint, const ComposeService& service,
                  Report& report) {
    Draft draft = report(
        *pass.directive, pass.directive->span(),
        "{} speaks {}, but service {} runs a php-fpm image, which speaks FastCGI: {} get 502",
        pass.directive->name(), name_of(endpoint.protocol), service.name, requests_to(pass));
    draft.severity(Severity::warning);
    draft.note(service.span, "the service is defined here");
    draft.note_member(endpoint);
    draft.note(
        "recv() failed (104: Connection reset by peer) while reading response header from "
        "upstream");
}

/// An endpoint that does not speak what the pass does, and how that is known.
struct Trouble {
    const Endpoint* endpoint = nullptr;
    const OwnListener* own = nullptr;
    const Listener* listener = nullptr;
    const ComposeService* image = nullptr;

    bool is_any() const { return own != nullptr || listener != nullptr || image != nullptr; }
};

/// Looks for the first trouble of each target.
class Check {
  public:
    explicit Check(const Subject& subject) : subject_(subject) {}

    void run(Report& report) {
        for (const Pass& pass : subject_.model.passes()) {
            if (pass.stream) continue;
            for (const PassTarget& target : pass.targets) {
                if (!target.endpoints.empty()) check(pass, target, report);
            }
        }
    }

  private:
    void check(const Pass& pass, const PassTarget& target, Report& report) {
        const Spoken spoken = spoken_at(pass, target.protocol);
        ListMemo<Trouble>& known = spoken.protocol == target.protocol ? known_ : known_http2_;
        const Trouble trouble =
            known.of(target.endpoints, [&] { return find(target.endpoints, spoken.protocol); });
        if (trouble.own != nullptr) {
            report_server(pass, *trouble.endpoint, *trouble.own, report);
        } else if (trouble.listener != nullptr) {
            report_listener(pass, target, *trouble.endpoint, *trouble.listener, subject_, report);
        } else if (trouble.image != nullptr) {
            report_image(pass, *trouble.endpoint, *trouble.image, report);
        }
    }

    Trouble find(std::span<const Endpoint> endpoints, Protocol spoken) const {
        for (const Endpoint& endpoint : endpoints) {
            // Port 80 for what is not HTTP is implicit-port-80's matter.
            if (endpoint.protocol != Protocol::http && endpoint.has_implied_port()) continue;
            const Trouble trouble = find(endpoint, spoken);
            if (trouble.is_any()) return trouble;
        }
        return {};
    }

    Trouble find(const Endpoint& endpoint, Protocol spoken) const {
        Trouble trouble{&endpoint};
        const auto own = subject_.own_listeners.reached_by(endpoint.address);
        if (!own.empty()) {
            const bool differs = own.front()->known && !own.front()->stream;
            if (differs && !is_http(endpoint.protocol)) trouble.own = own.front();
            return trouble;
        }
        trouble.listener = find_misfit(endpoint, spoken, subject_);
        if (trouble.listener == nullptr) trouble.image = find_fpm_service(endpoint, subject_);
        return trouble;
    }

    const Subject& subject_;
    ListMemo<Trouble> known_;
    ListMemo<Trouble> known_http2_;  ///< of passes that speak HTTP/2 where others speak HTTP
};

void check(const Subject& subject, Report& report) {
    Check(subject).run(report);
}

}  // namespace

extern constinit const Rule rule{
    .id = "pass-protocol-mismatch",
    .family = Family::protocol,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the pass and the backend speak different protocols",
    .why =
        R"(`proxy_pass` speaks HTTP, `fastcgi_pass` FastCGI, `uwsgi_pass` uwsgi, and so on; a
backend only understands the protocol that it is configured for. What happens otherwise depends on
the backend:

| pass | backend | requests get | error log |
|---|---|---|---|
| any | php-fpm | 502 | `recv() failed (104: Connection reset by peer)` |
| any | uWSGI's `socket` | 502 | `upstream prematurely closed connection` |
| `fastcgi_pass` | node, nginx | 502 | `upstream sent unsupported FastCGI protocol version: 72` |
| `uwsgi_pass`, `scgi_pass` | node, nginx | 400 | |
| these three | gunicorn, uWSGI's `http` | 504 after a timeout | `upstream timed out` |
| `grpc_pass` | HTTP/1 | 502 | `upstream sent too large http2 frame: 4740180` |

gatelint reports a pass if it knows what listens on its address and which protocol that speaks.
The severity is warning if this relies on files of a repository or on a program's default. A port
number alone proves nothing.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules::pass_protocol_mismatch
