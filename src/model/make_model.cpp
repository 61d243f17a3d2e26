#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <unordered_set>
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

Address Member::target() const {
    return address.port == 0 && !address.is_unix() ? address.at_port(member_port) : address;
}

bool Endpoint::has_implied_port() const {
    return group != nullptr && !address.is_unix() &&
           parse_url(written->arg(0), false).address.port == 0;
}

/// Goes over the loaded configuration once, in nginx's order.
class ModelBuilder {
  public:
    Model build(const Config& config) {
        using enum DirectiveId;
        const Directive& main = config.main();
        if (const Directive* user_directive = main.last(user)) read_user(*user_directive);
        const Level& level = *arena().make<Level>(main, nullptr);
        for (const Directive* block : main.all(http)) build_block(*block, level, false);
        for (const Directive* block : main.all(stream)) build_block(*block, level, true);
        connect_groups();
        collect_connections();
        for (const bool stream : {false, true}) collect_sockets(stream);
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

    Arena& arena() { return *model_.arena_; }

    /// The level of a block that stands in a block of the level `outer`.
    const Level& level_of(const Directive& block, const Level& outer) {
        return Level::has_settings(block) ? *arena().make<Level>(block, &outer) : outer;
    }

    void build_block(const Directive& block, const Level& main, bool stream) {
        const Level& level = level_of(block, main);
        block_ = &block;
        constants_.reset();
        implicit_.clear();
        groups_known_ = true;
        table_.emplace(stream);
        references_.clear();
        shared_targets_.clear();
        const std::size_t first_pass = model_.passes_.size();
        for (const Directive* child : block.children) {
            if (child->id == DirectiveId::upstream) add_upstream(*child, stream);
            if (child->id == DirectiveId::server) add_server(*child, level, stream);
        }
        // Which groups there are is known at the end only: a pass may stand before its group.
        for (const Reference& reference : references_) finish_static_target(reference);
        for (std::size_t i = first_pass; i < model_.passes_.size(); ++i) {
            Pass& pass = model_.passes_[i];
            if (pass.has_variables) {
                add_variable_targets(pass);
            } else {
                add_endpoints(pass, *targets_[i]);
            }
            pass.endpoints = Endpoints(pass.targets);
        }
    }

    void add_upstream(const Directive& directive, bool stream) {
        Upstream& group = model_.upstreams_.emplace_back(
            Upstream{&directive, directive.arg(0), stream, {}, {}, {}});
        std::vector<Member> members;
        std::vector<Member> refused;
        for (const Directive* member : directive.all(DirectiveId::server)) {
            if (member->args().empty() || has_placeholder(member->arg(0))) continue;
            const Member read = read_member(*member, stream);
            (read.error.empty() ? members : refused).push_back(read);
        }
        group.members = arena().copy(std::span<const Member>(members));
        group.refused_members = arena().copy(std::span<const Member>(refused));
        groups_known_ = groups_known_ && !is_unknown(group.name);
        table_->define(group.name, group);
        model_.by_name_[stream ? 1 : 0].emplace(group.name, &group);
    }

    /// ngx_http_upstream_server(), ngx_stream_upstream_server().
    Member read_member(const Directive& directive, bool stream) {
        const std::string_view text = directive.arg(0);
        const Url url = parse_url(text, false);
        Member member{&directive, url.address, {}, Mistake::none};
        const auto refuse = [&](Mistake mistake, std::string_view why) {
            member.mistake = mistake;
            member.error = keep(fmt::format("{} in upstream \"{}\"", why, text));
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

    void add_server(const Directive& directive, const Level& outer, bool stream) {
        const Level& level = level_of(directive, outer);
        Server& server = model_.servers_.emplace_back(Server{&directive, &level, stream, {}});
        const bool http2 = level.effective(DirectiveId::http2).is_on();
        listens_.clear();
        for (const Directive* listen : directive.all(DirectiveId::listen)) {
            add_listen(*listen, server, http2);
        }
        const bool implied =
            !stream && !directive.opaque && directive.all(DirectiveId::listen).empty();
        if (implied) listens_.push_back({&directive, parse_host("0.0.0.0").at_port(80)});
        server.listens = arena().copy(std::span<const Listen>(listens_));
        for (const Directive* child : directive.children) {
            if (stream) add_pass(*child, level, server, nullptr);
            if (child->id == DirectiveId::location) add_location(*child, level, server, nullptr);
        }
    }

    void add_listen(const Directive& directive, Server& server, bool http2) {
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
        listens_.push_back(listen);
    }

    void add_location(const Directive& directive, const Level& around, const Server& server,
                      const Location* outer) {
        const Level& level = level_of(directive, around);
        Location& location = model_.locations_.emplace_back();
        location.directive = &directive;
        location.level = &level;
        location.server = &server;
        location.outer = outer;
        read_pattern(directive, location);
        for (const Directive* child : directive.children) {
            if (child->id == DirectiveId::location) {
                add_location(*child, level, server, &location);
            } else if (child->id == DirectiveId::if_ || child->id == DirectiveId::limit_except) {
                add_passes_inside(*child, level, server, location);
            } else {
                add_pass(*child, level, server, &location);
            }
        }
    }

    /// Of an `if` or a `limit_except`.
    void add_passes_inside(const Directive& block, const Level& around, const Server& server,
                           const Location& location) {
        const Level* level = nullptr;
        for (const Directive* child : block.children) {
            if (!is_pass(child->id)) continue;
            if (level == nullptr) level = &level_of(block, around);
            add_pass(*child, *level, server, &location);
        }
    }

    /// The directive, if it is a pass.
    void add_pass(const Directive& directive, const Level& level, const Server& server,
                  const Location* location) {
        const bool wanted =
            server.stream ? directive.id == DirectiveId::proxy_pass : is_pass(directive.id);
        if (!wanted || directive.is_row || directive.args().size() != 1) return;
        Pass& pass = model_.passes_.emplace_back();
        pass.directive = &directive;
        pass.settings = &level;
        pass.server = &server;
        pass.location = location;
        pass.stream = server.stream;
        // memcached_pass takes `$` for a letter.
        pass.has_variables = directive.id != DirectiveId::memcached_pass &&
                             directive.arg(0).find('$') != std::string_view::npos;
        targets_.push_back(pass.has_variables ? nullptr : add_static_target(pass));
    }

    PassTarget* add_static_target(Pass& pass) {
        PassTarget& target = *arena().make<PassTarget>(read_target(pass, pass.directive->arg(0)));
        pass.targets = {&target, 1};
        target.written = pass.directive;
        target.span = pass.target_span();
        if (!target.host_known || !target.error.empty()) return &target;
        const UpstreamTable::Entry& entry = table_->refer(
            host_in_table(target), target.has_port ? target.address.port : default_port(target),
            !target.has_port && !target.address.is_unix());
        references_.push_back({&target, &entry});
        return &target;
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
        const auto refuse = [&](Mistake mistake, std::string_view error) {
            target.mistake = mistake;
            target.error = keep(error);
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
            if (target.error.empty()) implicit_.insert(target.address);
        }
    }

    static std::uint16_t default_port(const PassTarget& target) {
        if (target.address.is_unix()) return 0;
        return target.protocol == Protocol::http    ? 80
               : target.protocol == Protocol::https ? 443
                                                    : 0;
    }

    /// The port that is meant where none is written and there is no group of this name.
    void give_port(PassTarget& target, std::uint16_t known = 0) {
        if (target.has_port || target.address.is_unix()) return;
        target.address.port = known != 0 ? known : default_port(target);
        if (target.address.port != 0) return;
        target.mistake = Mistake::port_missing;
        target.error = keep(fmt::format("no port in upstream \"{}\"", host_in_table(target)));
    }

    /// Passes with one argument share its values, where these are the same at all levels.
    struct SharedTargets {
        std::string_view text;
        DirectiveId pass;
        Protocol protocol;
        bool operator==(const SharedTargets&) const = default;
    };
    struct HashTargets {
        std::size_t operator()(const SharedTargets& key) const {
            return std::hash<std::string_view>()(key.text) * 31 +
                   static_cast<std::size_t>(key.pass);
        }
    };

    void add_variable_targets(Pass& pass) {
        if (!constants_) constants_.emplace(*block_);
        const std::string_view text = pass.directive->arg(0);
        const bool may_share =
            !pass.level().has_alternatives && constants_->is_same_everywhere(text);
        if (!may_share) {
            pass.targets = read_variable_targets(pass);
            return;
        }
        const Protocol protocol =
            pass.stream && is_udp(*pass.server) ? Protocol::udp : Protocol::tcp;
        const auto [shared, is_new] =
            shared_targets_.try_emplace({text, pass.directive->id, protocol});
        if (is_new) {
            const std::span<const PassTarget> targets = read_variable_targets(pass);
            // What is written in the pass itself is its own.
            const bool is_elsewhere = std::none_of(
                targets.begin(), targets.end(),
                [&](const PassTarget& target) { return target.written == pass.directive; });
            if (is_elsewhere) shared->second = targets;
            pass.targets = targets;
        } else {
            pass.targets = shared->second.empty() ? read_variable_targets(pass) : shared->second;
        }
    }

    std::span<const PassTarget> read_variable_targets(const Pass& pass) {
        read_.clear();
        for (const Constant& value : constants_->expand(pass.directive->arg(0), pass.level())) {
            PassTarget& target = read_.emplace_back(read_target(pass, keep(value.text)));
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
            target.implicit =
                target.host_known && target.error.empty() && implicit_.contains(target.address);
        }
        const std::span<PassTarget> targets =
            arena().copy_for_change(std::span<const PassTarget>(read_));
        for (PassTarget& target : targets) add_endpoints(pass, target);
        return targets;
    }

    std::string_view keep(std::string_view text) { return arena().copy(text); }

    /// Takes one value of a pass's argument apart, as the modules' own setters and eval functions.
    PassTarget read_target(const Pass& pass, std::string_view text) {
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
            target.error = pass.has_variables
                               ? keep(fmt::format("invalid URL prefix in \"{}\"", text))
                               : "invalid URL prefix";
            target.mistake = mistake_in_pass(text, text, true);
            return target;
        }
        read_address(target, rest, kind.id == DirectiveId::proxy_pass && !pass.stream,
                     kind.id != DirectiveId::memcached_pass);
        if (!target.error.empty()) {
            target.error = keep(fmt::format("{} in upstream \"{}\"", target.error, rest));
            target.mistake = mistake_in_pass(text, rest, kind.scheme_required && !pass.stream);
        }
        target.has_port = target.address.port != 0;
        return target;
    }

    void read_address(PassTarget& target, std::string_view text, bool uri_part,
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
        target.error = url.error.empty() ? std::string_view() : keep(url.error);
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

    void add_endpoints(const Pass& pass, PassTarget& target) {
        if (!target.host_known || !target.error.empty() || is_alternative(pass, target)) return;
        if (target.group != nullptr) {
            target.endpoints = endpoints_of(*target.group, target.protocol, pass.has_variables);
            return;
        }
        const Endpoint& endpoint = *arena().make<Endpoint>(target.address, target.protocol, &target,
                                                           static_cast<const Upstream*>(nullptr),
                                                           target.written, target.span);
        target.endpoints = {&endpoint, 1};
    }

    /// How passes use a group.
    struct GroupUse {
        const Upstream* group;
        Protocol protocol;
        bool has_variables;
        bool operator==(const GroupUse&) const = default;
    };
    struct HashUse {
        std::size_t operator()(const GroupUse& use) const {
            return std::hash<const void*>()(use.group) +
                   2 * static_cast<std::size_t>(use.protocol) + (use.has_variables ? 1 : 0);
        }
    };

    std::span<const Endpoint> endpoints_of(const Upstream& group, Protocol protocol,
                                           bool has_variables) {
        const auto [known, is_new] =
            group_endpoints_.try_emplace({&group, protocol, has_variables});
        if (!is_new) return known->second;
        std::vector<Endpoint> endpoints;
        endpoints.reserve(group.members.size());
        for (const Member& member : group.members) {
            endpoints.push_back({member.target(), protocol, nullptr, &group, member.directive,
                                 member.directive->args()[0].span});
        }
        return known->second = arena().copy(std::span<const Endpoint>(endpoints));
    }

    /// Tells each group which passes name it.
    void connect_groups() {
        std::unordered_map<const Upstream*, std::vector<const Pass*>> passes;
        for (const Pass& pass : model_.passes_) {
            for (const PassTarget& target : pass.targets) {
                if (target.group == nullptr) continue;
                std::vector<const Pass*>& of_group = passes[target.group];
                if (of_group.empty() || of_group.back() != &pass) of_group.push_back(&pass);
            }
        }
        for (Upstream& group : model_.upstreams_) {
            const auto found = passes.find(&group);
            if (found == passes.end()) continue;
            group.passes = arena().copy(std::span<const Pass* const>(found->second));
        }
    }

    void collect_connections() {
        std::unordered_set<const Endpoint*> seen;
        for (const Pass& pass : model_.passes_) {
            for (const PassTarget& target : pass.targets) {
                const bool is_shared = target.group != nullptr || pass.has_variables;
                if (target.endpoints.empty()) continue;
                if (is_shared && !seen.insert(target.endpoints.data()).second) continue;
                for (const Endpoint& endpoint : target.endpoints) {
                    model_.connections_.push_back({pass, endpoint});
                }
            }
        }
    }

    /// A socket for datagrams is another than one for streams.
    struct Bound {
        Address address;
        bool datagrams;
        bool operator==(const Bound& other) const {
            return SameAddress()(address, other.address) && datagrams == other.datagrams;
        }
    };
    struct HashBound {
        std::size_t operator()(const Bound& bound) const {
            return AddressHash()(bound.address) * 2 + (bound.datagrams ? 1 : 0);
        }
    };

    void collect_sockets(bool stream) {
        std::unordered_map<Bound, std::size_t, HashBound> known;
        std::vector<std::vector<Socket::Use>> sockets;
        for (const Server& server : model_.servers_) {
            if (server.stream != stream) continue;
            for (const Listen& listen : server.listens) {
                if (listen.address.is_name()) continue;
                const Bound bound{listen.address, listen.udp || listen.quic};
                const auto [at, added] = known.emplace(bound, sockets.size());
                if (added) sockets.emplace_back();
                sockets[at->second].push_back({&server, &listen});
            }
        }
        for (const std::vector<Socket::Use>& uses : sockets) {
            const auto kept = arena().copy(std::span<const Socket::Use>(uses));
            model_.sockets_[stream ? 1 : 0].push_back({kept});
        }
    }

    Model model_;
    std::vector<PassTarget*> targets_;  ///< of each pass without variables; else null
    std::unordered_map<GroupUse, std::span<const Endpoint>, HashUse> group_endpoints_;
    std::vector<Listen> listens_;   ///< of the server that is being read
    std::vector<PassTarget> read_;  ///< of the pass that is being read
    // Of one block, http or stream:
    const Directive* block_ = nullptr;
    bool groups_known_ = true;  ///< false: a template fills in a group's name
    std::optional<UpstreamTable> table_;
    std::optional<Constants> constants_;
    std::vector<Reference> references_;
    std::unordered_map<SharedTargets, std::span<const PassTarget>, HashTargets> shared_targets_;
    /// Hosts and ports that nginx resolves at start.
    std::unordered_set<Address, AddressHash, SameAddress> implicit_;
};

const Upstream* Model::find_upstream(std::string_view name, bool stream) const {
    const auto& names = by_name_[stream ? 1 : 0];
    const auto found = names.find(name);
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
    if (location.is_regex()) return "requests matching " + pattern;
    if (location.modifier == Location::Modifier::named) return "requests sent to " + pattern;
    return "requests to " + pattern;
}

std::string_view failure_of(const Pass& pass) {
    return pass.stream ? "are closed" : "get 502";
}

std::string requests_by(const Pass& pass, const Endpoint& endpoint) {
    const std::string all = pass.stream ? "connections" : "requests";
    if (endpoint.has_substitute()) return all + " that no other server of the upstream answers";
    return endpoint.written == pass.directive ? requests_to(pass) : all;
}

Model make_model(const Config& config) {
    return ModelBuilder().build(config);
}

}  // namespace gatelint
