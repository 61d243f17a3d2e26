#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>
#include <utility>

#include "model/constants.hpp"
#include "model/model.hpp"
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
    std::uint16_t plain_port;  ///< the port that is meant where none is written; 0: nginx refuses
    std::uint16_t tls_port;
    bool scheme_required;
};

constexpr std::array<PassKind, 6> pass_kinds = {{
    {DirectiveId::proxy_pass, Protocol::http, Protocol::https, "http://", "https://", 80, 443,
     true},
    {DirectiveId::fastcgi_pass, Protocol::fastcgi, Protocol::fastcgi, "", "", 0, 0, false},
    {DirectiveId::uwsgi_pass, Protocol::uwsgi, Protocol::suwsgi, "uwsgi://", "suwsgi://", 0, 0,
     false},
    {DirectiveId::scgi_pass, Protocol::scgi, Protocol::scgi, "", "", 0, 0, false},
    {DirectiveId::grpc_pass, Protocol::grpc, Protocol::grpcs, "grpc://", "grpcs://", 0, 0, false},
    {DirectiveId::memcached_pass, Protocol::memcached, Protocol::memcached, "", "", 0, 0, false},
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
    std::size_t end = std::min(text.find_first_of("/?"), text.size());
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
/// variables or is otherwise beyond us.
std::optional<Address> parse_listen(std::string_view text) {
    if (const auto port = parse_number(text)) {
        if (*port < 1 || *port > 65535) return std::nullopt;
        Address any = parse_host("0.0.0.0");
        any.port = static_cast<std::uint16_t>(*port);
        return any;
    }
    if (text.find('$') != std::string_view::npos) return std::nullopt;
    const bool star = text == "*" || text.starts_with("*:");
    Url url = parse_url(text, false);
    if (!url.error.empty()) return std::nullopt;
    if (star) {
        const std::uint16_t port = url.address.port;
        url.address = parse_host("0.0.0.0");
        url.address.port = port;
    }
    if (url.address.port == 0 && !url.address.is_unix()) url.address.port = 80;
    return url.address;
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
    void read_user(const Directive& directive) {
        const std::string_view user = directive.arg(0);
        const std::string_view group = directive.args().size() > 1 ? directive.arg(1) : user;
        model_.worker_user_ = WorkerUser{&directive, user, group};
    }

    void build_block(const Directive& block, bool stream) {
        const Constants constants(block);
        groups_.clear();
        implicit_.clear();
        // Groups first: a pass may stand before the group that it names.
        for (const Directive* child : block.all(DirectiveId::upstream)) {
            add_upstream(*child, stream);
        }
        const std::size_t first_pass = model_.passes_.size();
        for (const Directive* child : block.all(DirectiveId::server)) add_server(*child, stream);
        for (std::size_t i = first_pass; i < model_.passes_.size(); ++i) {
            add_static_target(model_.passes_[i]);
        }
        for (std::size_t i = first_pass; i < model_.passes_.size(); ++i) {
            if (model_.passes_[i].has_variables) {
                add_variable_targets(model_.passes_[i], constants);
            }
            add_endpoints(model_.passes_[i]);
        }
    }

    void add_upstream(const Directive& directive, bool stream) {
        Upstream& group =
            model_.upstreams_.emplace_back(Upstream{&directive, directive.arg(0), stream, {}});
        for (const Directive* member : directive.all(DirectiveId::server)) {
            if (member->args().empty()) continue;
            const Url url = parse_url(member->arg(0), false);
            if (url.error.empty() && !has_placeholder(member->arg(0)))
                group.members.push_back({member, url.address});
        }
        groups_.emplace(lower_case(group.name), &group);
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
        if (stream) add_pass(directive, server, nullptr);
        for (const Directive* child : directive.all(DirectiveId::location)) {
            add_location(*child, server, nullptr);
        }
    }

    static void add_listen(const Directive& directive, Server& server, bool http2) {
        const std::optional<Address> address = parse_listen(directive.arg(0));
        if (!address) return;
        Listen listen{&directive, *address};
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
        add_pass(directive, server, &location);
        for (const DirectiveId id : {DirectiveId::if_, DirectiveId::limit_except}) {
            for (const Directive* child : directive.all(id)) add_pass(*child, server, &location);
        }
        for (const Directive* child : directive.all(DirectiveId::location)) {
            add_location(*child, server, &location);
        }
    }

    /// The passes directly in a block.
    void add_pass(const Directive& block, const Server& server, const Location* location) {
        for (const PassKind& kind : pass_kinds) {
            if (server.stream && kind.id != DirectiveId::proxy_pass) continue;
            for (const Directive* directive : block.all(kind.id)) {
                if (directive->args().size() != 1) continue;
                Pass& pass = model_.passes_.emplace_back();
                pass.directive = directive;
                pass.server = &server;
                pass.location = location;
                pass.stream = server.stream;
                // memcached_pass takes `$` for a letter.
                pass.has_variables = kind.id != DirectiveId::memcached_pass &&
                                     !variables_in(directive->arg(0)).empty();
            }
        }
    }

    void add_static_target(Pass& pass) {
        if (pass.has_variables) return;
        pass.targets.push_back(read_target(pass, pass.directive->arg(0)));
        Target& target = pass.targets.back();
        target.written = pass.directive;
        target.span = pass.target_span();
        if (target.error.empty() && target.group == nullptr) {
            implicit_.insert(implicit_key(target.address));
        }
    }

    void add_variable_targets(Pass& pass, const Constants& constants) {
        for (const Constant& value : constants.expand(pass.directive->arg(0), pass.level())) {
            Target target = read_target(pass, model_.arena_->copy(std::string_view(value.text)));
            target.written = value.written == nullptr ? pass.directive : value.written;
            target.span = value.written == nullptr ? pass.target_span() : value.span;
            target.implicit = target.host_known && target.error.empty() &&
                              implicit_.contains(implicit_key(target.address));
            pass.targets.push_back(target);
        }
    }

    /// Takes one value of a pass's argument apart, as the modules' own setters and eval functions.
    Target read_target(const Pass& pass, std::string_view text) const {
        Target target;
        target.text = text;
        const PassKind& kind =
            *std::find_if(pass_kinds.begin(), pass_kinds.end(),
                          [&](const PassKind& each) { return each.id == pass.directive->id; });
        target.protocol = kind.plain;
        std::uint16_t default_port = kind.plain_port;
        std::string_view rest = text;
        if (pass.stream) {
            target.protocol = is_udp(*pass.server) ? Protocol::udp : Protocol::tcp;
            default_port = 0;
        } else if (!kind.plain_scheme.empty() && starts_ignoring_case(text, kind.plain_scheme)) {
            rest.remove_prefix(kind.plain_scheme.size());
        } else if (!kind.tls_scheme.empty() && starts_ignoring_case(text, kind.tls_scheme)) {
            rest.remove_prefix(kind.tls_scheme.size());
            target.protocol = kind.tls;
            default_port = kind.tls_port;
        } else if (kind.scheme_required) {
            // A variable may hold the scheme too.
            target.host_known = text.find('$') == std::string_view::npos;
            target.host_text = text;
            if (target.host_known) target.error = "invalid URL prefix";
            return target;
        }
        read_address(target, rest, kind.id == DirectiveId::proxy_pass && !pass.stream,
                     kind.id != DirectiveId::memcached_pass);
        if (!target.host_known || !target.error.empty()) return target;
        target.has_port = target.address.port != 0;
        if (!target.has_port && !target.address.is_unix()) {
            target.group = find_group(target.address.host);
            target.address.port = default_port;
            if (target.group == nullptr && default_port == 0) target.error = "no port in upstream";
        }
        return target;
    }

    static void read_address(Target& target, std::string_view text, bool uri_part,
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

    static bool is_udp(const Server& server) {
        return std::any_of(server.listens.begin(), server.listens.end(),
                           [](const Listen& listen) { return listen.udp; });
    }

    void add_endpoints(Pass& pass) {
        for (const Target& target : pass.targets) {
            if (!target.host_known || !target.error.empty()) continue;
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

    const Upstream* find_group(std::string_view name) const {
        const auto found = groups_.find(lower_case(name));
        return found == groups_.end() ? nullptr : found->second;
    }

    static std::string implicit_key(const Address& address) {
        return lower_case(to_string(address));
    }

    Model model_;
    std::unordered_map<std::string, const Upstream*> groups_;  ///< of the block, by lower-case name
    std::set<std::string> implicit_;  ///< hosts and ports that nginx resolves at start
};

bool has_placeholder(std::string_view text) {
    if (text.find_first_of("%@<>{}\x1F") != std::string_view::npos) return true;
    const std::size_t begin = text.find("__");
    return begin != std::string_view::npos && begin + 2 < text.size() &&
           text.find("__", begin + 3) != std::string_view::npos;
}

const Upstream* Model::find_upstream(std::string_view name, bool stream) const {
    for (const Upstream& group : upstreams_) {
        if (group.stream == stream && equals_ignoring_case(group.name, name)) return &group;
    }
    return nullptr;
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
    if (location.directive->args().empty()) return "requests";
    const std::string pattern(location.pattern);
    if (location.is_regex()) return "requests that match " + pattern;
    if (location.modifier == Location::Modifier::named) return "requests handed to " + pattern;
    return "requests to " + pattern;
}

Model make_model(const Config& config) {
    return ModelBuilder().build(config);
}

}  // namespace gatelint
