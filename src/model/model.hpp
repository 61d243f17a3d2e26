#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.hpp"
#include "model/level.hpp"
#include "model/mistake.hpp"
#include "model/setting.hpp"
#include "nginx/address.hpp"
#include "nginx/protocol.hpp"
#include "nginx/text.hpp"

namespace gatelint {

/// One `listen` of a server; or, in a server without any, nginx's own `listen 80`.
struct Listen {
    const Directive* directive;  ///< the `listen`, or the server block
    Address address;             ///< `*` is 0.0.0.0
    bool ssl = false;
    bool http2 = false;  ///< here or by `http2 on` of the server
    bool quic = false;
    bool udp = false;
    bool proxy_protocol = false;
    bool ipv6_only = true;  ///< for an IPv6 wildcard: whether it leaves IPv4 alone
    bool default_server = false;
    bool known = true;  ///< false: a template decides about its parameters, or whether it is there
    bool sets_options =
        false;  ///< bind, backlog=, reuseport, ...: nginx takes them once per address
};

/// A `server` block of http or stream.
struct Server {
    const Directive* directive = nullptr;
    const Level* level = nullptr;
    bool stream = false;
    std::span<const Listen> listens;
    bool listens_known = true;  ///< false: it also listens where a template says

    Setting effective(DirectiveId id) const { return level->effective(id); }
};

/// A `location` block. Its pattern is as nginx takes it apart (ngx_http_core_location): the
/// modifier may be a word of its own or stick to the pattern.
struct Location {
    enum class Modifier : std::uint8_t {
        prefix,
        exact,
        no_regex,
        regex,
        regex_icase,
        named,
        unknown,  ///< a template fills it in
    };

    const Directive* directive = nullptr;
    const Level* level = nullptr;
    const Server* server = nullptr;
    const Location* outer = nullptr;  ///< the location around it
    Modifier modifier = Modifier::prefix;
    std::string_view pattern;

    bool is_regex() const {
        return modifier == Modifier::regex || modifier == Modifier::regex_icase;
    }
    /// Whether a template fills in the modifier, the pattern, or a part of it.
    bool is_unknown() const {
        return modifier == Modifier::unknown || gatelint::is_unknown(pattern);
    }
    bool is_prefix() const {
        return modifier == Modifier::prefix || modifier == Modifier::no_regex;
    }
};

/// One `server` of an upstream group.
struct Member {
    const Directive* directive;
    Address address;         ///< without a port: 80 in http, whatever the scheme of the pass
    std::string_view error;  ///< nginx's words where it refuses the address
    Mistake mistake = Mistake::none;

    /// Where nginx connects.
    Address target() const;
};

struct Pass;

/// An `upstream` block: a group of servers under one name.
struct Upstream {
    const Directive* directive;
    std::string_view name;
    bool stream = false;
    std::span<const Member> members;          ///< those whose address nginx accepts
    std::span<const Member> refused_members;  ///< the others
    std::span<const Pass* const> passes;      ///< that name the group, in order

    /// Whether some pass names the group.
    bool is_used() const { return !passes.empty(); }
};

struct PassTarget;

/// Something that a pass connects to.
struct Endpoint {
    Address address;  ///< with its port
    Protocol protocol = Protocol::http;
    const PassTarget* target = nullptr;  ///< null for a group's: many targets may share it
    const Upstream* group = nullptr;     ///< the group that it is a member of
    const Directive* written = nullptr;  ///< where the address is written
    Span span;                           ///< of the address, there

    /// Whether nginx asks another server of the group where this one does not answer.
    bool has_substitute() const { return group != nullptr && group->members.size() > 1; }

    /// Whether it is a group's server without a port: nginx goes to port 80, whatever it speaks.
    bool has_implied_port() const;
};

/// One value that the argument of a pass can have: the argument itself, or what variables make of
/// it as far as `set`, `map`, `geo` and `split_clients` tell. Variables that only run time knows
/// are left in the text as they are written.
struct PassTarget {
    std::string_view text;
    Protocol protocol = Protocol::http;
    Address address;  ///< with the port that the scheme implies; unused where there is a group
    bool has_port = false;   ///< a port is written
    bool has_uri = false;    ///< proxy_pass only
    std::string_view uri;    ///< may hold variables
    std::string_view error;  ///< nginx's words where it refuses the value
    Mistake mistake = Mistake::none;
    bool host_known = true;      ///< false: the host has a variable that only run time knows, or
                                 ///< a placeholder of some template
    std::string_view host_text;  ///< host and port as written, variables included
    const Upstream* group = nullptr;     ///< the group that the host names
    const Upstream* namesake = nullptr;  ///< with port_on_group and group_comes_later: the group
    bool implicit = false;  ///< another pass makes nginx resolve this host and port at start
    const Directive* written =
        nullptr;  ///< the pass, or the `set` or map's row that gives the host
    Span span;    ///< of the value, there
    /// What the value leads to, as far as it can be told: one address, or the members of a group,
    /// which are the same objects for all passes that speak one protocol to it.
    std::span<const Endpoint> endpoints;
};

/// The endpoints of all targets of a pass, in order.
class Endpoints {
  public:
    class Iterator {
      public:
        using value_type = Endpoint;
        using difference_type = std::ptrdiff_t;
        using reference = const Endpoint&;
        using pointer = const Endpoint*;
        using iterator_category = std::forward_iterator_tag;

        Iterator() = default;
        Iterator(const PassTarget* target, const PassTarget* end) : target_(target), end_(end) {
            find();
        }

        reference operator*() const { return target_->endpoints[index_]; }
        pointer operator->() const { return &**this; }
        Iterator& operator++() {
            if (++index_ == target_->endpoints.size()) {
                ++target_;
                index_ = 0;
                find();
            }
            return *this;
        }
        Iterator operator++(int) {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator&) const = default;

      private:
        void find() {
            while (target_ != end_ && target_->endpoints.empty()) ++target_;
        }

        const PassTarget* target_ = nullptr;
        const PassTarget* end_ = nullptr;
        std::size_t index_ = 0;
    };

    Endpoints() = default;
    explicit Endpoints(std::span<const PassTarget> targets) : targets_(targets) {}

    Iterator begin() const { return {targets_.data(), targets_.data() + targets_.size()}; }
    Iterator end() const {
        return {targets_.data() + targets_.size(), targets_.data() + targets_.size()};
    }
    bool empty() const { return begin() == end(); }
    const Endpoint& front() const { return *begin(); }

  private:
    std::span<const PassTarget> targets_;
};

/// A place where nginx hands a request on: proxy_pass, fastcgi_pass, uwsgi_pass, scgi_pass,
/// grpc_pass and memcached_pass of http, proxy_pass of stream.
struct Pass {
    const Directive* directive = nullptr;
    const Level* settings = nullptr;  ///< what applies in level()
    const Server* server = nullptr;
    const Location* location = nullptr;  ///< the enclosing one; null in stream
    bool stream = false;
    bool has_variables = false;
    std::span<const PassTarget> targets;  ///< at least one; several only with variables
    Endpoints endpoints;                  ///< what can be told; none: only run time knows

    /// The block that holds the pass: a location, an `if`, a `limit_except`, a server of stream.
    const Directive& level() const { return *directive->parent; }

    Setting effective(DirectiveId id) const { return settings->effective(id); }

    /// Of the argument.
    Span target_span() const { return directive->args().front().span; }
};

/// An endpoint with the first pass that leads to it. What is wrong with an endpoint itself is
/// looked for here, where the members of a group are not repeated for each pass that names it: they
/// are here once for each protocol that is spoken to them, by passes with variables and by others.
struct Connection {
    const Pass& pass;
    const Endpoint& endpoint;
};

/// Where a pass of http stands that may not have a URI part, in words: "inside \"if\"", "in a named
/// location"; empty where it may have one (ngx_http_proxy_pass). Values with variables are free.
std::string_view uri_forbidding_place(const Pass& pass);

/// Which requests a pass gets, as the subject of a sentence: "requests to /api/", "requests that
/// match \.php$", "connections".
std::string requests_to(const Pass& pass);

/// What becomes of them where nginx gets no connection, as the predicate: "get 502", "are closed".
std::string_view failure_of(const Pass& pass);

/// Which requests fail where the endpoint never answers, as the subject of a sentence: the pass's,
/// "requests" of a group's only server, "requests that no other server of the group takes".
std::string requests_by(const Pass& pass, const Endpoint& endpoint);

/// An address that nginx binds, with everything that listens on it: nginx puts the servers that
/// share an address together and checks them against one another (ngx_http_add_addresses).
struct Socket {
    struct Use {
        const Server* server;
        const Listen* listen;
    };

    std::span<const Use> uses;  ///< in the order in which nginx reads them; at least one

    const Address& address() const { return uses.front().listen->address; }
    /// As nginx writes it: `0.0.0.0:80`.
    std::string text() const { return socket_text(address()); }
};

/// As which user and group nginx's workers run, where the main context says so.
struct WorkerUser {
    const Directive* directive;
    std::string_view user;
    std::string_view group;  ///< nginx's own default: the group of the same name
};

/// What the configuration means: who listens where, which requests go where, and to whom they are
/// handed on. Pointers into it stay valid as long as it lives, also when it is moved.
class Model {
  public:
    const std::deque<Server>& servers() const { return servers_; }
    const std::deque<Location>& locations() const { return locations_; }
    const std::deque<Upstream>& upstreams() const { return upstreams_; }
    const std::deque<Pass>& passes() const { return passes_; }
    const std::vector<Connection>& connections() const { return connections_; }
    const std::optional<WorkerUser>& worker_user() const { return worker_user_; }

    /// The sockets of http or of stream, in the order of their first use. Names of hosts and ranges
    /// of ports are not among them: what they are, only nginx's host knows, or too many.
    const std::vector<Socket>& sockets(bool stream) const { return sockets_[stream ? 1 : 0]; }

    /// The group of this name (letter case does not count), in http or in stream, or null.
    const Upstream* find_upstream(std::string_view name, bool stream) const;

    /// The group that `name`, which is none's, is surely meant for, or null. One that nothing uses
    /// is a strong sign; beside one that is in use, a similar name is the name of a host.
    const Upstream* find_misspelt(std::string_view name, bool stream) const;

  private:
    friend class ModelBuilder;

    std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
    std::deque<Server> servers_;
    std::deque<Location> locations_;
    std::deque<Upstream> upstreams_;
    std::deque<Pass> passes_;
    std::vector<Connection> connections_;
    std::array<std::vector<Socket>, 2> sockets_;  ///< of http, of stream
    using Names =
        std::unordered_map<std::string_view, const Upstream*, HashIgnoringCase, EqualIgnoringCase>;
    std::array<Names, 2> by_name_;  ///< of http, of stream
    std::optional<WorkerUser> worker_user_;
};

/// The configuration must outlive the model.
Model make_model(const Config& config);

}  // namespace gatelint
