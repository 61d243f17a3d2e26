#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "model/constants.hpp"
#include "model/model.hpp"
#include "model/upstream_table.hpp"
#include "nginx/placeholder.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// What nginx knows of each kind of pass.
struct PassKind {
    DirectiveId id;
    Protocol plain;
    Protocol tls;
    std::string_view plain_scheme;  ///< "" if the pass takes none
    std::string_view tls_scheme;
    bool scheme_required;
};

constexpr std::array<PassKind, 6> pass_kinds = {{
    {DirectiveId::proxy_pass, Protocol::http, Protocol::https, "http://", "https://", true},
    {DirectiveId::fastcgi_pass, Protocol::fastcgi, Protocol::fastcgi, "", "", false},
    {DirectiveId::uwsgi_pass, Protocol::uwsgi, Protocol::suwsgi, "uwsgi://", "suwsgi://", false},
    {DirectiveId::scgi_pass, Protocol::scgi, Protocol::scgi, "", "", false},
    {DirectiveId::grpc_pass, Protocol::grpc, Protocol::grpcs, "grpc://", "grpcs://", false},
    {DirectiveId::memcached_pass, Protocol::memcached, Protocol::memcached, "", "", false},
}};

/// The port of an upstream's `server` that has none, in http: also for https and FastCGI.
constexpr std::uint16_t member_port = 80;

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// Where the host and port of a URL with variables end: at its path, or at a variable that always
/// begins with a slash.
std::size_t authority_end(std::string_view text) {
    constexpr std::array<std::string_view, 3> paths = {"request_uri", "uri", "document_uri"};
    // After an IPv6 address only a slash begins a URI (ngx_parse_inet6_url).
    const bool ipv6 = text.starts_with('[');
    const std::size_t host = ipv6 ? std::min(text.find(']'), text.size()) : 0;
    std::size_t end = std::min(text.find_first_of(ipv6 ? "/" : "/?", host), text.size());
    for (const VariableUse& use : variables_in(text.substr(0, end))) {
        if (std::find(paths.begin(), paths.end(), use.name) != paths.end()) {
            end = use.begin;
            break;
        }
    }
    return end;
}

/// The pattern of a location: its modifier, and what it is applied to.
void read_pattern(const Directive& directive, Location& location) {
    using Modifier = Location::Modifier;
    // Longer ones first: `~*` is not `~` with a pattern that begins with a star.
    constexpr std::array<std::pair<std::string_view, Modifier>, 4> modifiers = {{
        {"~*", Modifier::regex_icase},
        {"~", Modifier::regex},
        {"^~", Modifier::no_regex},
        {"=", Modifier::exact},
    }};
    const std::string_view first = directive.arg(0);
    const bool two = directive.args().size() == 2;
    location.pattern = two ? directive.arg(1) : first;
    const bool unknown = (two && is_unknown(first)) || first.starts_with(unknown_byte);
    if (unknown || (directive.args().size() > 2 && directive.has_unknown())) {
        location.modifier = Modifier::unknown;
        return;
    }
    for (const auto& [text, modifier] : modifiers) {
        if (two ? first == text : first.starts_with(text)) {
            location.modifier = modifier;
            if (!two) location.pattern = first.substr(text.size());
            return;
        }
    }
    if (!two && first.starts_with('@')) location.modifier = Modifier::named;
}

/// Whether a parameter of `listen` is an option of the socket (lsopt.set of ngx_http_core_listen).
bool sets_option(std::string_view parameter) {
    constexpr std::array<std::string_view, 4> words = {"bind", "deferred", "reuseport",
                                                       "multipath"};
    constexpr std::array<std::string_view, 8> prefixes = {
        "setfib=", "fastopen=", "backlog=",      "rcvbuf=",
        "sndbuf=", "ipv6only=", "so_keepalive=", "accept_filter="};
    return std::find(words.begin(), words.end(), parameter) != words.end() ||
           std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return parameter.starts_with(prefix); });
}

/// An address and a port in nginx's `listen`, `*` and a bare port included. Nothing where it has
/// variables or a range of ports, or is refused.
std::optional<Address> parse_listen(std::string_view text) {
    if (text.find('$') != std::string_view::npos || is_unknown(text)) return std::nullopt;
    ListenUrl url = parse_listen_url(text);
    if (!url.error.empty() || url.last_port != 0) return std::nullopt;
    if (url.address.port == 0 && !url.address.is_unix()) url.address.port = 80;
    return url.address;
}

const PassKind& kind_of(const Pass& pass) {
    return *std::find_if(pass_kinds.begin(), pass_kinds.end(),
                         [&](const PassKind& each) { return each.id == pass.directive->id; });
}

bool is_pass(DirectiveId id) {
    return std::any_of(pass_kinds.begin(), pass_kinds.end(),
                       [&](const PassKind& each) { return each.id == id; });
}

bool has_parameter(const Directive& directive, std::string_view parameter) {
    return std::any_of(directive.args().begin(), directive.args().end(),
                       [&](const Word& word) { return word.text == parameter; });
}

/// Whether SRV records give the port.
bool is_service(const Directive& directive) {
    return std::any_of(directive.args().begin(), directive.args().end(),
                       [](const Word& word) { return word.text.starts_with("service="); });
}

/// The host for ngx_http_upstream_add(): with the brackets of IPv6, and without a port.
std::string_view host_in_table(const PassTarget& target) {
    if (target.address.kind != Address::Kind::ipv6) return target.address.host;
    return target.host_text.substr(0, target.host_text.find(']') + 1);
}

}  // namespace

/// Goes over the loaded configuration once, in nginx's order.
class ModelBuilder {
  public:
    Model build(const Config& config) {
        using enum DirectiveId;
        const Directive& main = config.main();
        if (const Directive* user_directive = main.last(user)) read_user(*user_directive);
        for (const Directive* block : main.all(http)) build_block(*block, false);
        for (const Directive* block : main.all(stream)) build_block(*block, true);
        return std::move(model_);
    }

  private:
    /// The target of a pass without variables, in nginx's list.
    struct Reference {
        PassTarget* target;
        const UpstreamTable::Entry* entry;
    };

    void read_user(const Directive& directive) {
        if (directive.has_unknown() || directive.parent->has_alternatives) return;
        const std::string_view user = directive.arg(0);
        const std::string_view group = directive.args().size() > 1 ? directive.arg(1) : user;
        model_.worker_user_ = WorkerUser{&directive, user, group};
    }

    void build_block(const Directive& block, bool stream) {
        const Constants constants(block);
        implicit_.clear();
        groups_known_ = true;
        table_ = std::make_unique<UpstreamTable>(stream);
        references_.clear();
        const std::size_t first_pass = model_.passes_.size();
        for (const Directive* child : block.children) {
            if (child->id == DirectiveId::upstream) add_upstream(*child, stream);
            if (child->id == DirectiveId::server) add_server(*child, stream);
        }
        // Which groups there are is known at the end only: a pass may stand before its group.
        for (const Reference& reference : references_) finish_static_target(reference);
        for (std::size_t i = first_pass; i < model_.passes_.size(); ++i) {
            if (model_.passes_[i].has_variables) {
                add_variable_targets(model_.passes_[i], constants);
            }
            add_endpoints(model_.passes_[i]);
        }
    }

    void add_upstream(const Directive& directive, bool stream) {
        Upstream& group =
            model_.upstreams_.emplace_back(Upstream{&directive, directive.arg(0), stream, {}, {}});
        for (const Directive* member : directive.all(DirectiveId::server)) {
            if (member->args().empty() || has_placeholder(member->arg(0))) continue;
            Member read = read_member(*member, stream);
            auto& members = read.error.empty() ? group.members : group.refused_members;
            members.push_back(std::move(read));
        }
        groups_known_ = groups_known_ && !is_unknown(group.name);
        table_->define(group.name, group);
        model_.by_name_[stream ? 1 : 0].emplace(lower_case(group.name), &group);
    }

    /// ngx_http_upstream_server(), ngx_stream_upstream_server().
    static Member read_member(const Directive& directive, bool stream) {
        const std::string_view text = directive.arg(0);
        const Url url = parse_url(text, false);
        Member member{&directive, url.address, {}, Mistake::none};
        const auto refuse = [&](Mistake mistake, std::string_view why) {
            member.mistake = mistake;
            member.error = fmt::format("{} in upstream \"{}\"", why, text);
        };
        if (!url.error.empty()) {
            refuse(mistake_in_member(text), url.error);
        } else if (url.address.is_name() && never_resolves(url.address.host) &&
                   !has_parameter(directive, "resolve")) {
            refuse(Mistake::invalid, "host not found");
        } else if (stream && url.address.port == 0 && !url.address.is_unix() &&
                   !is_service(directive)) {
            refuse(Mistake::port_missing, "no port");
        }
        return member;
    }

    void add_server(const Directive& directive, bool stream) {
        Server& server = model_.servers_.emplace_back(Server{&directive, stream, {}});
        const bool http2 = effective(directive, DirectiveId::http2).is_on();
        for (const Directive* listen : directive.all(DirectiveId::listen)) {
            add_listen(*listen, server, http2);
        }
        const bool implied =
            !stream && !directive.opaque && directive.all(DirectiveId::listen).empty();
        if (implied) {
            Listen listen{&directive, parse_host("0.0.0.0")};
            listen.address.port = 80;
            server.listens.push_back(listen);
        }
        for (const Directive* child : directive.children) {
            if (stream) add_pass(*child, server, nullptr);
            if (child->id == DirectiveId::location) add_location(*child, server, nullptr);
        }
    }

    static void add_listen(const Directive& directive, Server& server, bool http2) {
        if (is_unknown(directive.arg(0))) server.listens_known = false;
        const std::optional<Address> address = parse_listen(directive.arg(0));
        if (!address) return;
        Listen listen{&directive, *address};
        listen.known = !directive.has_unknown() && !directive.parent->has_alternatives;
        listen.http2 = http2;
        for (const Word& word : directive.args().subspan(1)) {
            const std::string_view flag = word.text;
            if (flag == "ssl") listen.ssl = true;
            if (flag == "http2") listen.http2 = true;
            if (flag == "quic") listen.quic = true;
            if (flag == "udp") listen.udp = true;
            if (flag == "proxy_protocol") listen.proxy_protocol = true;
            if (flag == "default_server" || flag == "default") listen.default_server = true;
            if (flag == "ipv6only=off") listen.ipv6_only = false;
            if (sets_option(flag)) listen.sets_options = true;
        }
        server.listens.push_back(listen);
    }

    void add_location(const Directive& directive, const Server& server, const Location* outer) {
        Location& location = model_.locations_.emplace_back();
        location.directive = &directive;
        location.server = &server;
        location.outer = outer;
        read_pattern(directive, location);
        for (const Directive* child : directive.children) {
            if (child->id == DirectiveId::location) {
                add_location(*child, server, &location);
            } else if (child->id == DirectiveId::if_ || child->id == DirectiveId::limit_except) {
                for (const Directive* inner : child->children) add_pass(*inner, server, &location);
            } else {
                add_pass(*child, server, &location);
            }
        }
    }

    /// The directive, if it is a pass.
    void add_pass(const Directive& directive, const Server& server, const Location* location) {
        const bool wanted =
            server.stream ? directive.id == DirectiveId::proxy_pass : is_pass(directive.id);
        if (!wanted || directive.is_row || directive.args().size() != 1) return;
        Pass& pass = model_.passes_.emplace_back();
        pass.directive = &directive;
        pass.server = &server;
        pass.location = location;
        pass.stream = server.stream;
        // memcached_pass takes `$` for a letter.
        pass.has_variables = directive.id != DirectiveId::memcached_pass &&
                             directive.arg(0).find('$') != std::string_view::npos;
        if (!pass.has_variables) add_static_target(pass);
    }

    void add_static_target(Pass& pass) {
        pass.targets.push_back(read_target(pass, pass.directive->arg(0)));
        PassTarget& target = pass.targets.back();
        target.written = pass.directive;
        target.span = pass.target_span();
        if (!target.host_known || !target.error.empty()) return;
        const UpstreamTable::Entry& entry = table_->refer(
            host_in_table(target), target.has_port ? target.address.port : default_port(target),
            !target.has_port && !target.address.is_unix());
        references_.push_back({&target, &entry});
    }

    /// What the host of a pass without variables is, now that all groups are known.
    void finish_static_target(const Reference& reference) {
        PassTarget& target = *reference.target;
        const UpstreamTable::Entry& entry = *reference.entry;
        target.group = entry.group;
        if (target.group == nullptr && !groups_known_ && !target.has_port) {
            target.host_known = false;
            return;
        }
        const auto refuse = [&](Mistake mistake, std::string error) {
            target.mistake = mistake;
            target.error = std::move(error);
        };
        const Upstream* namesake =
            target.group == nullptr ? table_->find_group(entry.host) : nullptr;
        if (!entry.error.empty()) {
            refuse(Mistake::port_on_group, entry.error);
            target.namesake = namesake;
        } else if (target.group == nullptr) {
            // Without a port it is the first pass's host, with the port that was written there.
            give_port(target, entry.port);
            if (target.error.empty() && never_resolves(target.address.host)) {
                refuse(Mistake::invalid,
                       fmt::format("host not found in upstream \"{}\"", target.address.host));
            } else if (target.error.empty() && namesake != nullptr) {
                target.mistake = Mistake::group_comes_later;
                target.namesake = namesake;
            }
            if (target.error.empty()) implicit_.insert(implicit_key(target.address));
        }
    }

    static std::uint16_t default_port(const PassTarget& target) {
        if (target.address.is_unix()) return 0;
        return target.protocol == Protocol::http    ? 80
               : target.protocol == Protocol::https ? 443
                                                    : 0;
    }

    /// The port that is meant where none is written and there is no group of this name.
    static void give_port(PassTarget& target, std::uint16_t known = 0) {
        if (target.has_port || target.address.is_unix()) return;
        target.address.port = known != 0 ? known : default_port(target);
        if (target.address.port != 0) return;
        target.mistake = Mistake::port_missing;
        target.error = fmt::format("no port in upstream \"{}\"", host_in_table(target));
    }

    void add_variable_targets(Pass& pass, const Constants& constants) {
        for (const Constant& value : constants.expand(pass.directive->arg(0), pass.level())) {
            PassTarget target =
                read_target(pass, model_.arena_->copy(std::string_view(value.text)));
            if (target.host_known && target.error.empty() && !target.has_port) {
                target.group = table_->find_group(target.address.host);
                if (target.group == nullptr && !groups_known_) {
                    target.host_known = false;
                } else if (target.group == nullptr) {
                    give_port(target);
                }
            }
            target.written = value.written == nullptr ? pass.directive : value.written;
            target.span = value.written == nullptr ? pass.target_span() : value.span;
            target.implicit = target.host_known && target.error.empty() &&
                              implicit_.contains(implicit_key(target.address));
            pass.targets.push_back(target);
        }
    }

    /// Takes one value of a pass's argument apart, as the modules' own setters and eval functions.
    static PassTarget read_target(const Pass& pass, std::string_view text) {
        PassTarget target;
        target.text = text;
        const PassKind& kind = kind_of(pass);
        target.protocol = kind.plain;
        std::string_view rest = text;
        if (pass.stream) {
            target.protocol = is_udp(*pass.server) ? Protocol::udp : Protocol::tcp;
        } else if (!kind.plain_scheme.empty() && starts_ignoring_case(text, kind.plain_scheme)) {
            rest.remove_prefix(kind.plain_scheme.size());
        } else if (!kind.tls_scheme.empty() && starts_ignoring_case(text, kind.tls_scheme)) {
            rest.remove_prefix(kind.tls_scheme.size());
            target.protocol = kind.tls;
        } else if (kind.scheme_required) {
            // A variable or a placeholder may hold the scheme too.
            target.host_known = text.find('$') == std::string_view::npos && !has_placeholder(text);
            target.host_text = text;
            if (!target.host_known) return target;
            target.error = "invalid URL prefix";
            if (pass.has_variables) target.error += fmt::format(" in \"{}\"", text);
            target.mistake = mistake_in_pass(text, text, true);
            return target;
        }
        read_address(target, rest, kind.id == DirectiveId::proxy_pass && !pass.stream,
                     kind.id != DirectiveId::memcached_pass);
        if (!target.error.empty()) {
            target.error += fmt::format(" in upstream \"{}\"", rest);
            target.mistake = mistake_in_pass(text, rest, kind.scheme_required && !pass.stream);
        }
        target.has_port = target.address.port != 0;
        return target;
    }

    static void read_address(PassTarget& target, std::string_view text, bool uri_part,
                             bool takes_variables) {
        const bool unix_socket = starts_ignoring_case(text, "unix:");
        const std::size_t end = uri_part && !unix_socket ? authority_end(text) : text.size();
        target.host_text = text.substr(0, end);
        const bool varies = takes_variables && target.host_text.find('$') != std::string_view::npos;
        if (varies || has_placeholder(target.host_text)) {
            target.host_known = false;
            return;
        }
        const Url url = parse_url(target.host_text, uri_part);
        target.error = url.error;
        target.address = url.address;
        target.uri = unix_socket ? url.uri : text.substr(end);
        target.has_uri = !target.uri.empty();
    }

    /// Whether a template decides if the pass ever meets this group or the value of this variable.
    static bool is_alternative(const Pass& pass, const PassTarget& target) {
        const bool elsewhere = target.group != nullptr || target.written != pass.directive;
        const bool group_varies =
            target.group != nullptr && target.group->directive->has_alternatives;
        return group_varies || (elsewhere && pass.level().has_alternatives);
    }

    static bool is_udp(const Server& server) {
        return std::any_of(server.listens.begin(), server.listens.end(),
                           [](const Listen& listen) { return listen.udp; });
    }

    void add_endpoints(Pass& pass) {
        for (const PassTarget& target : pass.targets) {
            if (target.group != nullptr) model_.used_.insert(target.group);
            if (!target.host_known || !target.error.empty()) continue;
            if (is_alternative(pass, target)) continue;
            if (target.group == nullptr) {
                pass.endpoints.push_back({target.address, target.protocol, &target, nullptr,
                                          target.written, target.span});
                continue;
            }
            for (const Member& member : target.group->members) {
                Address address = member.address;
                if (address.port == 0 && !address.is_unix()) address.port = member_port;
                pass.endpoints.push_back({address, target.protocol, &target, target.group,
                                          member.directive, member.directive->args()[0].span});
            }
        }
    }

    static std::string implicit_key(const Address& address) {
        return lower_case(to_string(address));
    }

    Model model_;
    // Of one block, http or stream:
    bool groups_known_ = true;  ///< false: a template fills in a group's name
    std::unique_ptr<UpstreamTable> table_;
    std::vector<Reference> references_;
    std::set<std::string> implicit_;  ///< hosts and ports that nginx resolves at start
};

const Upstream* Model::find_upstream(std::string_view name, bool stream) const {
    const auto& names = by_name_[stream ? 1 : 0];
    const auto found = names.find(lower_case(name));
    return found == names.end() ? nullptr : found->second;
}

std::string_view uri_forbidding_place(const Pass& pass) {
    if (pass.level().id == DirectiveId::if_) return "inside \"if\"";
    if (pass.level().id == DirectiveId::limit_except) return "inside \"limit_except\"";
    if (pass.location->is_regex()) return "in a location given by a regular expression";
    if (pass.location->modifier == Location::Modifier::named) return "in a named location";
    return {};
}

std::string requests_to(const Pass& pass) {
    if (pass.stream) return "connections";
    const Location& location = *pass.location;
    if (location.directive->args().empty() || location.is_unknown()) return "requests";
    const std::string pattern(location.pattern);
    if (location.is_regex()) return "requests that match " + pattern;
    if (location.modifier == Location::Modifier::named) return "requests handed to " + pattern;
    return "requests to " + pattern;
}

std::string requests_by(const Pass& pass, const Endpoint& endpoint) {
    const std::string all = pass.stream ? "connections" : "requests";
    if (endpoint.has_substitute()) return all + " that no other server of the group takes";
    return endpoint.written == pass.directive ? requests_to(pass) : all;
}

Model make_model(const Config& config) {
    return ModelBuilder().build(config);
}

}  // namespace gatelint
