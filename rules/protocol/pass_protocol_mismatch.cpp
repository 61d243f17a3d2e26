#include <algorithm>

#include "rule.hpp"

namespace gatelint::rules::pass_protocol_mismatch {

namespace {

/// What a pass gets from a backend of another protocol, as observed with real ones.
struct Outcome {
    std::string_view requests;  ///< what becomes of the requests: "get 502"
    std::string_view log;       ///< nginx's complaint; empty where it has none
};

constexpr std::string_view gets_502 = "get 502";
constexpr std::string_view waits = "time out";

constexpr Outcome closed{gets_502,
                         "upstream prematurely closed connection while reading response header"};
constexpr Outcome reset{gets_502,
                        "recv() failed (104: Connection reset by peer) while reading response "
                        "header"};
constexpr Outcome silent{waits,
                         "upstream timed out (110: Connection timed out) while reading response "
                         "header"};

bool is_http(Protocol protocol) {
    return protocol == Protocol::http || protocol == Protocol::https ||
           protocol == Protocol::grpc || protocol == Protocol::grpcs;
}

bool is_grpc(Protocol protocol) {
    return protocol == Protocol::grpc || protocol == Protocol::grpcs;
}

/// These wait for the end of a line, where others refuse what is no HTTP at its first byte.
bool reads_lines(const Listener& listener) {
    return listener.program == Listener::Program::gunicorn ||
           listener.program == Listener::Program::uwsgi;
}

Outcome outcome_of_http(Protocol spoken, const Listener& listener) {
    if (spoken == Protocol::grpc) {
        return {gets_502,
                "upstream sent too large http2 frame: 4740180 while reading response header"};
    }
    const bool is_memcached = spoken == Protocol::memcached;
    if (reads_lines(listener) && !(is_memcached && listener.program != Listener::Program::uwsgi)) {
        return silent;
    }
    if (is_memcached) return {gets_502, "memcached sent invalid response"};
    if (spoken == Protocol::fastcgi) {
        return {gets_502,
                "upstream sent unsupported FastCGI protocol version: 72 while reading response "
                "header"};
    }
    // uwsgi_pass and scgi_pass take the server's complaint for an answer.
    return {"get 400", ""};
}

Outcome outcome(Protocol spoken, const Listener& listener) {
    const bool both_in_tls = is_tls(spoken) && is_tls(listener.speaks);
    if (spoken == Protocol::suwsgi && both_in_tls) return {"get 400", ""};
    if (is_tls(spoken)) {
        return listener.speaks == Protocol::http
                   ? Outcome{"fail", "SSL_do_handshake() failed while SSL handshaking"}
                   : Outcome{gets_502, "peer closed connection in SSL handshake"};
    }
    if (is_tls(listener.speaks)) {
        return listener.program == Listener::Program::node ? closed : reset;
    }
    if (listener.speaks == Protocol::http) return outcome_of_http(spoken, listener);
    if (listener.speaks != Protocol::fastcgi) return closed;
    // uWSGI's fastcgi-socket waits for a record that ends.
    const bool resets =
        listener.program == Listener::Program::php_fpm && spoken != Protocol::memcached;
    return resets ? reset : silent;
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

/// What a program does by itself may be changed where nobody sees it.
bool is_certain(const Listener& listener, const Subject& subject) {
    return subject.surroundings.is_one_deployment() && !listener.is_default;
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
    const Outcome found = outcome(spoken.protocol, listener);
    Draft draft =
        report(*pass.directive, pass.directive->span(), "{} speaks {}, but {} speaks {}: {} {}",
               pass.directive->name(), spoken.name, listener.name, name_of(listener.speaks),
               requests_to(pass), found.requests);
    if (!is_certain(listener, subject)) draft.severity(Severity::warning);
    draft.note(listener.where, "{} listens on {}{}", listener.name, to_string(listener.at),
               listener.is_default ? " by default" : "");
    if (endpoint.group != nullptr) draft.note(endpoint.span, "the server is defined here");
    if (!found.log.empty()) draft.note("{} from upstream", found.log);
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
    const Outcome found = outcome(endpoint.protocol, listener);
    Draft draft =
        report(*pass.directive, pass.directive->span(),
               "{} speaks {}, but {} is a listener of this nginx and speaks {}: {} {}",
               pass.directive->name(), name_of(endpoint.protocol), to_string(endpoint.address),
               name_of(own.listener.speaks), requests_to(pass), found.requests);
    draft.note(own.listen->span(), "this is the listener");
    if (endpoint.group != nullptr) draft.note(endpoint.span, "the server is defined here");
    if (!found.log.empty()) draft.note("{} from upstream", found.log);
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
    const std::size_t colon = image.rfind(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view name = image.substr(0, colon);
    const std::string_view tag = image.substr(colon);
    return (name == "php" || name.ends_with("/php")) &&
           (tag.ends_with("fpm") || tag.find("fpm-") != std::string_view::npos);
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
    if (endpoint.group != nullptr) draft.note(endpoint.span, "the server is defined here");
    draft.note("{} from upstream", reset.log);
}

/// Whether nginx goes to port 80 because a group's server names none, though HTTP is not spoken:
/// implicit-port-80's matter.
bool is_implicit_port(const Endpoint& endpoint) {
    return endpoint.protocol != Protocol::http && endpoint.group != nullptr &&
           !endpoint.address.is_unix() &&
           parse_url(endpoint.written->arg(0), false).address.port == 0;
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
            if (is_implicit_port(endpoint)) continue;
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
