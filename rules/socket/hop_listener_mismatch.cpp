#include <array>
#include <map>
#include <unordered_map>

#include "rule.hpp"

namespace gatelint::rules::hop_listener_mismatch {

namespace {

constexpr Version http2_by_directive{1, 25, 1};

/// What a listener does to a connection that it cannot serve: the clause for the message, with {}
/// for the requests; the line in the log; the mend in words, if there is one.
struct Misfit {
    std::string what;
    std::string log;
    std::string mend;
};

bool may_send_proxy_protocol(const Pass& pass) {
    if (!pass.stream) return false;
    const Setting sends = pass.effective(DirectiveId::proxy_protocol);
    return sends.is_on() || !sends.known;
}

std::optional<Misfit> misfit(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                             const Subject& subject) {
    const Protocol protocol = endpoint.protocol;
    const bool http = protocol == Protocol::http || protocol == Protocol::https ||
                      protocol == Protocol::grpc || protocol == Protocol::grpcs;
    if (own.proxy_protocol) {
        if (may_send_proxy_protocol(pass)) return std::nullopt;
        if (pass.stream) {
            return Misfit{"which expects the PROXY protocol: {} are closed unless clients send it",
                          "broken header while reading PROXY protocol",
                          "\"proxy_protocol on;\" makes this pass send it"};
        }
        return Misfit{"which expects the PROXY protocol: {} get 502",
                      "upstream prematurely closed connection while reading response header from "
                      "upstream",
                      "nginx cannot send the PROXY protocol from http: remove \"proxy_protocol\" "
                      "from this listen, or enter through stream"};
    }
    // A listener of stream hands on what it gets; who answers is behind it.
    if (own.stream || !http) return std::nullopt;
    if (is_tls(protocol) && !own.ssl) {
        return Misfit{
            "which does not speak TLS: {} get 502",
            "SSL_do_handshake() failed (... wrong version number) while SSL handshaking to "
            "upstream",
            ""};
    }
    if (!is_tls(protocol) && own.ssl) {
        return Misfit{protocol == Protocol::grpc ? "which speaks TLS: {} get 502"
                                                 : "which speaks TLS: {} get 400",
                      protocol == Protocol::grpc
                          ? "upstream prematurely closed connection"
                          : "the client sees \"The plain HTTP request was sent to HTTPS port\"",
                      ""};
    }
    const bool grpc = protocol == Protocol::grpc || protocol == Protocol::grpcs;
    if (grpc && !own.http2) {
        return Misfit{
            "which does not speak HTTP/2: {} get 502",
            protocol == Protocol::grpc ? "upstream sent too large http2 frame: 4740180"
                                       : "SSL_do_handshake() failed (... no application protocol)",
            "gRPC needs HTTP/2: \"http2 on;\", or before nginx 1.25.1 \"listen ... http2\""};
    }
    const bool old = subject.nginx.version && *subject.nginx.version < http2_by_directive;
    if (protocol == Protocol::http && own.http2 && old) {
        return Misfit{"which only speaks HTTP/2 without TLS: {} fail",
                      "upstream sent no valid HTTP/1.0 header",
                      "before nginx 1.25.1, a listener without TLS speaks either HTTP/2 or HTTP/1"};
    }
    return std::nullopt;
}

/// Whether nginx has somebody else to try when an endpoint fails.
bool has_other_members(const Endpoint& endpoint) {
    return endpoint.group != nullptr &&
           endpoint.group->directive->all(DirectiveId::server).size() > 1;
}

/// What makes a server refuse all that reach it: a handshake that it rejects, or `return 444`
/// before any location. Null if it does not.
const Directive* find_refusal(const Server& server, bool tls) {
    const Directive* reject = server.directive->last(DirectiveId::ssl_reject_handshake);
    if (tls && reject != nullptr && equals_ignoring_case(reject->arg(0), "on")) return reject;
    const Directive* answer = server.directive->last(DirectiveId::return_);
    return answer != nullptr && answer->arg(0) == "444" ? answer : nullptr;
}

/// Which name a pass sends, by which the listener chooses a server: in TLS that of the handshake,
/// else the Host.
enum class NameSent { unknown, none, target };

/// The names that passes send, and the servers that answer to them.
class Names {
  public:
    NameSent sent_by(const Pass& pass, Protocol protocol) {
        if (is_tls(protocol)) {
            const Setting sni = pass.effective(DirectiveId::proxy_ssl_server_name);
            if (!sni.known) return NameSent::unknown;
            if (!sni.is_on()) return NameSent::none;
            const Setting name = pass.effective(DirectiveId::proxy_ssl_name);
            return name.is_default() ? NameSent::target : NameSent::unknown;
        }
        const Setting headers = pass.effective(DirectiveId::proxy_set_header);
        return headers.known && host_.find(headers) == nullptr ? NameSent::target
                                                               : NameSent::unknown;
    }

    const Server* chosen(const OwnListener& own, std::string_view name) {
        if (name.empty()) return own.default_server;
        const auto [names, is_new] = servers_.try_emplace(&own, own.servers, own.default_server);
        return names->second.server_for(name);
    }

    /// Whether a server of any of them has the name.
    bool have(std::span<const OwnListener* const> listeners, std::string_view name) {
        auto known = of_all_.find(listeners.data());
        if (known == of_all_.end()) {
            std::vector<const Server*> servers;
            for (const OwnListener* own : listeners) {
                servers.insert(servers.end(), own->servers.begin(), own->servers.end());
            }
            known = of_all_.emplace(listeners.data(), ServerNames(servers, nullptr)).first;
        }
        return known->second.has(name);
    }

  private:
    Headers host_{"Host"};
    std::unordered_map<const void*, ServerNames> of_all_;  ///< of lists of listeners
    std::unordered_map<const OwnListener*, ServerNames> servers_;
};

/// An endpoint that is a listener of this nginx which cannot serve what is sent to it.
struct Trouble {
    const Endpoint* endpoint = nullptr;  ///< null: there is none
    const OwnListener* own = nullptr;
    std::optional<Misfit> misfit = {};
    const Directive* refusal = nullptr;  ///< what makes the chosen server refuse
    std::string_view name = {};          ///< by which it is chosen

    bool is_any() const { return misfit || refusal != nullptr; }
};

using Listeners = std::span<const OwnListener* const>;

/// The Host that a pass sends by itself.
std::string_view target_name(const Endpoint& endpoint) {
    return endpoint.group == nullptr ? endpoint.address.host
                                     : std::string_view(endpoint.group->name);
}

/// What the trouble with listeners depends on, beside themselves.
struct Question {
    bool is_stream;
    bool may_send_proxy_protocol;
    Protocol protocol;
    NameSent sent;
    std::string_view name;  ///< that is sent
    bool has_other_members;

    auto operator<=>(const Question&) const = default;
};

void report_misfit(const Pass& pass, const Trouble& trouble, Report& report) {
    const Endpoint& endpoint = *trouble.endpoint;
    const Misfit& found = *trouble.misfit;
    Draft draft =
        report(*pass.directive, pass.target_span(), "{} to {} reaches a listener of this nginx, {}",
               name_of(endpoint.protocol), to_string(endpoint.address),
               fmt::format(fmt::runtime(found.what), requests_to(pass)));
    if (pass.stream) draft.severity(Severity::note);  // the clients may send it
    if (has_other_members(endpoint)) draft.severity(Severity::warning);
    draft.note(trouble.own->listen->span(), "this is the listener");
    draft.note_member(endpoint);
    draft.note("{}", found.log);
    if (!found.mend.empty()) draft.note("{}", found.mend);
}

/// A pass that sends its own target's name, or none, reaches the default server, which may be one
/// that refuses everybody.
void report_refusal(const Pass& pass, const Trouble& trouble, Report& report) {
    const Endpoint& endpoint = *trouble.endpoint;
    Draft draft =
        report(*pass.directive, pass.target_span(),
               "{} to {} reaches the default server of this nginx's own listener, which rejects "
               "every request: {} get 502",
               name_of(endpoint.protocol), to_string(endpoint.address), requests_to(pass));
    draft.note(trouble.refusal->span(), "it rejects requests here");
    if (is_tls(endpoint.protocol)) {
        draft.note(
            "nginx sends no server name that another server has: set \"proxy_ssl_server_name on;\" "
            "and \"proxy_ssl_name\"");
    } else {
        draft.note(
            "nginx sends \"Host: {}\", which no other server there has: pass the client's with "
            "\"proxy_set_header Host $host;\"",
            trouble.name);
    }
}

/// Looks for the first trouble of each target.
class Check {
  public:
    explicit Check(const Subject& subject) : subject_(subject) {}

    void run(Report& report) {
        for (const Pass& pass : subject_.model.passes()) {
            for (const PassTarget& target : pass.targets) {
                const Trouble trouble = find(pass, target);
                if (trouble.misfit) {
                    report_misfit(pass, trouble, report);
                } else if (trouble.refusal != nullptr) {
                    report_refusal(pass, trouble, report);
                }
            }
        }
    }

  private:
    /// What passes differ in, though their endpoints are the same.
    Trouble find(const Pass& pass, const PassTarget& target) {
        if (pass.stream) {
            const std::size_t how = may_send_proxy_protocol(pass) ? 1 : 0;
            return stream_[how].of(target.endpoints,
                                   [&] { return find(pass, target.endpoints, NameSent::unknown); });
        }
        const NameSent sent = pass.directive->id == DirectiveId::proxy_pass
                                  ? names_.sent_by(pass, target.protocol)
                                  : NameSent::unknown;
        return http_[static_cast<std::size_t>(sent)].of(
            target.endpoints, [&] { return find(pass, target.endpoints, sent); });
    }

    Trouble find(const Pass& pass, std::span<const Endpoint> endpoints, NameSent sent) {
        for (const Endpoint& endpoint : endpoints) {
            Trouble trouble = find(pass, endpoint, sent);
            if (trouble.is_any()) return trouble;
        }
        return {};
    }

    Trouble find(const Pass& pass, const Endpoint& endpoint, NameSent sent) {
        const Listeners listeners = subject_.own_listeners.reached_by(endpoint.address);
        constexpr std::size_t few = 4;
        if (listeners.size() <= few) return find(pass, endpoint, listeners, sent);
        const Question question{pass.stream,
                                may_send_proxy_protocol(pass),
                                endpoint.protocol,
                                sent,
                                sent == NameSent::target ? name_to_ask(endpoint, listeners) : "",
                                has_other_members(endpoint)};
        Trouble trouble =
            of_many_[question].of(listeners, [&] { return find(pass, endpoint, listeners, sent); });
        if (!trouble.is_any()) return {};
        trouble.endpoint = &endpoint;
        if (sent == NameSent::target) trouble.name = target_name(endpoint);
        return trouble;
    }

    /// What is sent, if one of the servers there has the name: all others are one question.
    std::string_view name_to_ask(const Endpoint& endpoint, Listeners listeners) {
        constexpr std::string_view nobody = "\n";
        const std::string_view name = target_name(endpoint);
        return name.empty() || names_.have(listeners, name) ? name : nobody;
    }

    Trouble find(const Pass& pass, const Endpoint& endpoint, Listeners listeners, NameSent sent) {
        for (const OwnListener* own : listeners) {
            if (!own->known) continue;
            Trouble trouble = find(pass, endpoint, *own, sent);
            if (trouble.is_any()) return trouble;
        }
        return {};
    }

    Trouble find(const Pass& pass, const Endpoint& endpoint, const OwnListener& own,
                 NameSent sent) {
        Trouble trouble{&endpoint, &own, misfit(pass, endpoint, own, subject_)};
        if (trouble.misfit || sent == NameSent::unknown || own.stream) return trouble;
        if (sent == NameSent::target) trouble.name = target_name(endpoint);
        const Server* server = names_.chosen(own, trouble.name);
        if (server == nullptr || has_other_members(endpoint)) return trouble;
        trouble.refusal = find_refusal(*server, is_tls(endpoint.protocol));
        return trouble;
    }

    const Subject& subject_;
    Names names_;
    std::array<ListMemo<Trouble>, 2> stream_;  ///< by whether the pass may send PROXY protocol
    std::array<ListMemo<Trouble>, 3> http_;    ///< by NameSent
    std::map<Question, ListMemo<Trouble>> of_many_;  ///< where a name reaches many listeners
};

void check(const Subject& subject, Report& report) {
    Check(subject).run(report);
}

}  // namespace

extern constinit const Rule rule{
    .id = "hop-listener-mismatch",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a pass leads to a listener of the same nginx that cannot serve it",
    .why = R"(If nginx proxies to an address on which it listens itself, both sides are in one
configuration, and gatelint compares them:

| pass | listener | the client gets |
|---|---|---|
| `http://`, or stream without `proxy_protocol on` | `proxy_protocol` | 502 |
| `https://` | without `ssl` | 502 |
| `http://` | `ssl` | 400 |
| `grpc://` | without HTTP/2 | 502 |
| `http://`, sending its own Host | default server has `return 444` | 502 |
| `https://`, sending no SNI | default server has `ssl_reject_handshake on` | 502 |

The error log has `upstream prematurely closed connection`, `wrong version number` or
`upstream sent too large http2 frame: 4740180`, none of which names a side.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
    .check = check,
};

}  // namespace gatelint::rules::hop_listener_mismatch
