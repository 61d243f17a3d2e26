#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>

#include "rule.hpp"

namespace gatelint::rules::duplicate_definition {

namespace {

/// Two definitions of which nginx wants one.
struct Collision {
    const Directive* first;
    const Directive* second;
    Span first_span;
    Span second_span;
    std::string message;
    std::string words;  ///< nginx's, where it refuses to start
    Severity severity = Severity::error;
    std::string remark;
    std::string_view first_note = "first defined here";
};

/// Against a server with thousands of names on thousands of addresses.
constexpr std::size_t max_names = 4'000'000;

/// Whether nginx surely reads the directive, and beside others of its file: a template may choose
/// between what stands in one block, and a syntax error may have put together what does not belong.
/// What may not stand where it does has a finding of its own.
bool is_certain(const Directive& directive) {
    if (directive.statement->is_damaged) return false;
    if (directive.refusal != Handling::Refusal::none) return false;
    for (const Directive* at = &directive; at != nullptr; at = at->parent) {
        if (at->has_alternatives) return false;
    }
    return true;
}

bool is_off(const Directive& directive) {
    return directive.args().size() == 1 && directive.arg(0) == "off";
}

/// Directives that may be many in a block, but for an `off`.
bool is_off_alone(DirectiveId id) {
    using enum DirectiveId;
    return id == proxy_redirect || id == proxy_cookie_domain || id == proxy_cookie_path ||
           id == proxy_cookie_flags || id == mirror;
}

/// Of which a second one in a block may be refused; sorted.
const std::vector<DirectiveId>& once_per_block() {
    static const std::vector<DirectiveId> all = [] {
        std::vector<DirectiveId> ids;
        for (const DirectiveName& name : all_directive_names()) {
            const DirectiveId id = directive_id(name.name);
            const auto forms = forms_of(id);
            const bool is_once =
                std::any_of(forms.begin(), forms.end(),
                            [](const DirectiveForm& form) { return form.duplicate_is_error; });
            const bool is_limit = id == DirectiveId::limit_req || id == DirectiveId::limit_conn;
            if (is_once || is_limit || is_off_alone(id)) ids.push_back(id);
        }
        return ids;
    }();
    return all;
}

/// Names of several kinds, each in a block. One table for all blocks, as most have few names.
class PlacedNames {
  public:
    explicit PlacedNames(std::size_t most) : slots_(std::bit_ceil(2 * most + 1)) {}

    /// The directive that has the name in the same block already; null if it is new.
    const Directive* add(const Directive& directive, char kind, std::string_view name) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = hash(*directive.parent, kind, name) & mask;
        for (; slots_[at].directive != nullptr; at = (at + 1) & mask) {
            const Slot& slot = slots_[at];
            if (slot.directive->parent == directive.parent && slot.kind == kind &&
                slot.name == name) {
                return slot.directive;
            }
        }
        slots_[at] = {&directive, name, kind};
        return nullptr;
    }

  private:
    struct Slot {
        const Directive* directive = nullptr;
        std::string_view name;
        char kind = '\0';
    };

    static std::size_t hash(const Directive& block, char kind, std::string_view name) {
        constexpr std::uint64_t spread = 0x9e3779b97f4a7c15U;  // of Fibonacci hashing
        const std::uint64_t place =
            (std::uint64_t{block.position} << 8U) + static_cast<unsigned char>(kind);
        return static_cast<std::size_t>(((std::hash<std::string_view>()(name) + place) * spread) >>
                                        32U);
    }

    std::vector<Slot> slots_;
};

/// Gathers all collisions, those first that nginx meets first.
class Collisions {
  public:
    explicit Collisions(const Subject& subject) : subject_(subject) {}

    std::vector<Collision> find() {
        find_in_blocks();
        find_zones();
        find_sockets();
        // So far it is what nginx finds while it reads; what was read earlier is met earlier.
        std::stable_sort(found_.begin(), found_.end(), [](const Collision& a, const Collision& b) {
            return a.second->statement->span < b.second->statement->span;
        });
        find_locations();
        find_names();
        std::erase_if(found_, [&](const Collision& collision) {
            return !is_certain(*collision.first) || !is_certain(*collision.second);
        });
        return std::move(found_);
    }

  private:
    void add(const Directive& first, const Directive& second, std::string message,
             std::string words) {
        found_.push_back({&first,
                          &second,
                          first.span(),
                          second.span(),
                          std::move(message),
                          std::move(words),
                          Severity::error,
                          {}});
    }

    void find_in_blocks() {
        for (const DirectiveId id : once_per_block()) find_directives(id);
        for_each_block_with(DirectiveId::alias,
                            [this](const Directive& block) { find_root_and_alias(block); });
        for_each_block_with(DirectiveId::valid_referers,
                            [this](const Directive& block) { find_referers(block); });
        for (const Directive* map : subject_.config.all(DirectiveId::map)) find_rows(*map);
        std::stable_sort(found_.begin(), found_.end(), [](const Collision& a, const Collision& b) {
            return a.second->parent->position < b.second->parent->position;
        });
        const Directive& main = subject_.config.main();
        for (const Directive* block : main.all(DirectiveId::http)) find_definitions(*block);
        for (const Directive* block : main.all(DirectiveId::stream)) find_definitions(*block);
    }

    /// Each block that has a directive of this id itself, once.
    template <typename Visit>
    void for_each_block_with(DirectiveId id, const Visit& visit) const {
        for (const Directive* directive : subject_.config.all(id)) {
            const Directive& block = *directive->parent;
            if (block.all(id).front() == directive) visit(block);
        }
    }

    /// "x" directive is duplicate: nginx looks into the structure that a block fills, so that
    /// another block, if only an `if`, may have it again.
    void find_directives(DirectiveId id) {
        for_each_block_with(id, [&](const Directive& block) {
            const auto same = block.all(id);
            if (same.size() < 2 || holds_rows(block.id)) return;
            if (id == DirectiveId::limit_req || id == DirectiveId::limit_conn) {
                find_limits(same);
                return;
            }
            for (std::size_t i = 1; i < same.size(); ++i) {
                if (is_refused(*same[i - 1], *same[i])) add_directive(*same[i - 1], *same[i]);
            }
        });
    }

    void add_directive(const Directive& first, const Directive& second) {
        add(first, second, fmt::format("\"{}\" is set twice in this block", second.name()),
            fmt::format("\"{}\" directive is duplicate", second.name()));
    }

    /// Whether nginx refuses `second` after `first`, its neighbour of the same name.
    static bool is_refused(const Directive& first, const Directive& second) {
        if (is_off_alone(second.id)) return is_off(first) || is_off(second);
        const DirectiveForm* form = second.form();
        return form != nullptr && form->duplicate_is_error &&
               second.refusal == Handling::Refusal::none &&
               first.refusal == Handling::Refusal::none;
    }

    /// Limits may be many in a block, but of different zones.
    void find_limits(std::span<const Directive* const> limits) {
        std::map<std::string_view, const Directive*> zones;
        for (const Directive* limit : limits) {
            std::string_view zone = limit->arg(0);
            for (const Word& word : limit->args()) {
                constexpr std::string_view prefix = "zone=";
                if (limit->id == DirectiveId::limit_req && word.text.starts_with(prefix)) {
                    zone = word.text.substr(prefix.size());
                }
            }
            const auto [at, added] = zones.emplace(zone, limit);
            if (!added) add_directive(*at->second, *limit);
        }
    }

    void find_root_and_alias(const Directive& block) {
        const Directive* root = block.last(DirectiveId::root);
        const Directive* alias = block.last(DirectiveId::alias);
        if (root == nullptr || alias == nullptr) return;
        const bool root_first = root->position < alias->position;
        const Directive& first = root_first ? *root : *alias;
        const Directive& second = root_first ? *alias : *root;
        add(first, second, "\"root\" and \"alias\" cannot both be set in a location",
            fmt::format("\"{}\" directive is duplicate, \"{}\" directive was specified earlier",
                        second.name(), first.name()));
    }

    /// The rows of a `map` (ngx_http_map).
    void find_rows(const Directive& map) {
        bool hostnames = false;
        const Directive* otherwise = nullptr;
        std::vector<const Directive*> rows;
        NameHash exact(false);
        NameHash wildcards(true);
        for (const Directive* row : map.children) {
            if (!row->is_row) continue;
            std::string_view key = row->name();
            if (row->args().empty()) hostnames = hostnames || key == "hostnames";
            if (row->args().size() != 1 || key.starts_with('~') || is_unknown(key)) continue;
            if (key == "default") {
                if (otherwise != nullptr) {
                    add(*otherwise, *row, "this map has two default values",
                        "duplicate default map parameter");
                }
                otherwise = row;
                continue;
            }
            if (key.starts_with('\\')) key.remove_prefix(1);
            const auto other = (hostnames ? wildcards : exact).add(key, rows.size());
            rows.push_back(row);
            if (!other) continue;
            // nginx has put the key into lower case by then.
            add(*rows[*other], *row,
                fmt::format("duplicate key \"{}\" in this map (keys are case-insensitive)", key),
                fmt::format("conflicting parameter \"{}\"", lower_case(key)));
        }
    }

    /// The names of all `valid_referers` of a block (ngx_http_valid_referers).
    void find_referers(const Directive& block) {
        const auto referers = block.all(DirectiveId::valid_referers);
        NameHash hash(true);
        std::vector<std::pair<const Directive*, Span>> names;
        for (const Directive* directive : referers) {
            for (const Word& word : directive->args()) {
                const std::string_view text = word.text;
                const bool is_word = text == "none" || text == "blocked" || text == "server_names";
                if (is_word || text.starts_with('~') || is_unknown(text)) continue;
                const std::string_view name = text.substr(0, text.find('/'));
                const auto other = hash.add(name, names.size());
                names.emplace_back(directive, word.span);
                if (!other) continue;
                add(*names[*other].first, *directive,
                    fmt::format("the referer \"{}\" is listed twice", name),
                    fmt::format("conflicting parameter \"{}\"", lower_case(name)));
                found_.back().first_span = names[*other].second;
                found_.back().second_span = word.span;
            }
        }
    }

    /// What has a name in http or stream.
    void find_definitions(const Directive& block) {
        find_named(block.all(DirectiveId::upstream), true, "upstream \"{}\" is defined twice",
                   "duplicate upstream \"{}\"");
        find_named(block.all(DirectiveId::log_format), false,
                   "the log format \"{}\" is defined twice",
                   "duplicate \"log_format\" name \"{}\"");
        find_combined(block);
        find_charsets(block);
        find_variables(block);
    }

    void find_named(std::span<const Directive* const> definitions, bool ignore_case,
                    fmt::format_string<const std::string_view&> message,
                    fmt::format_string<const std::string_view&> words) {
        std::unordered_map<std::string, const Directive*> known;
        for (const Directive* each : definitions) {
            const std::string_view name = each->arg(0);
            if (name.empty() || is_unknown(name)) continue;
            const auto [at, added] =
                known.emplace(ignore_case ? lower_case(name) : std::string(name), each);
            if (added) continue;
            add(*at->second, *each, fmt::format(message, name), fmt::format(words, name));
            if (name != at->second->arg(0)) {
                found_.back().remark = "these names are case-insensitive";
            }
        }
    }

    /// nginx brings one format with it.
    void find_combined(const Directive& block) {
        if (block.id != DirectiveId::http) return;
        for (const Directive* format : block.all(DirectiveId::log_format)) {
            if (format->arg(0) != "combined") continue;
            add(*format, *format, "nginx already has a built-in log format \"combined\"",
                "duplicate \"log_format\" name \"combined\"");
            return;
        }
    }

    /// One map for two charsets, in either direction (ngx_http_charset_map_block).
    void find_charsets(const Directive& block) {
        std::map<std::pair<std::string, std::string>, const Directive*> known;
        for (const Directive* each : block.all(DirectiveId::charset_map)) {
            if (each->args().size() != 2) continue;
            std::pair names(lower_case(each->arg(0)), lower_case(each->arg(1)));
            if (names.second < names.first) std::swap(names.first, names.second);
            const auto [at, added] = known.emplace(std::move(names), each);
            if (added) continue;
            add(*at->second, *each, "these two charsets have two maps",
                fmt::format("duplicate \"charset_map\" between \"{}\" and \"{}\"", each->arg(0),
                            each->arg(1)));
        }
    }

    /// A variable that two blocks define: nginx takes the last of them, and does not say so.
    void find_variables(const Directive& block) {
        using enum DirectiveId;
        std::unordered_map<std::string, const Directive*> known;
        for (const Directive* each : block.children) {
            const bool defines = each->id == map || each->id == geo || each->id == split_clients;
            if (!defines || each->args().empty() || !each->statement->has_block) continue;
            const std::string_view name = each->args().back().text;
            if (!name.starts_with('$') || is_unknown(name)) continue;
            const auto [at, added] = known.emplace(lower_case(name), each);
            if (added) continue;
            add(*at->second, *each,
                fmt::format(
                    "{} is defined twice: nginx uses this block and ignores the earlier one", name),
                {});
            found_.back().severity = Severity::warning;
            at->second = each;
        }
    }

    /// ngx_shared_memory_add() and what its callers check.
    void find_zones() {
        const std::vector<ZoneMention> mentions = zone_mentions(subject_.config);
        struct Known {
            const ZoneMention* first;
            const ZoneMention* sized;
            const ZoneMention* defined;
            bool other_use = false;
        };
        std::unordered_map<std::string_view, Known> zones;
        for (const ZoneMention& mention : mentions) {
            const auto [at, added] = zones.emplace(mention.name, Known{&mention, nullptr, nullptr});
            Known& known = at->second;
            if (mention.use != known.first->use) {
                if (std::exchange(known.other_use, true)) continue;
                add_zone(*known.first, mention,
                         fmt::format("the zone \"{}\" is used both for {} and for {}", mention.name,
                                     known.first->use, mention.use),
                         fmt::format("the shared memory zone \"{}\" is already declared for a "
                                     "different use",
                                     mention.name));
                continue;
            }
            if (mention.size && known.sized != nullptr && *mention.size != *known.sized->size) {
                add_zone(*known.sized, mention,
                         fmt::format("the zone \"{}\" has two sizes", mention.name),
                         fmt::format("the size {} of shared memory zone \"{}\" conflicts with "
                                     "already declared size {}",
                                     *mention.size, mention.name, *known.sized->size));
                continue;
            }
            if (mention.size && known.sized == nullptr) known.sized = &mention;
            if (mention.kind != ZoneMention::Kind::defines) continue;
            if (known.defined == nullptr) {
                known.defined = &mention;
                continue;
            }
            const bool is_limit = mention.directive->name().ends_with("_zone");
            add_zone(*known.defined, mention,
                     fmt::format("the zone \"{}\" is defined twice", mention.name),
                     is_limit ? fmt::format("{} \"{}\" is already bound to key \"{}\"",
                                            mention.directive->name(), mention.name,
                                            known.defined->directive->arg(0))
                              : fmt::format("duplicate zone \"{}\"", mention.name));
        }
    }

    void add_zone(const ZoneMention& first, const ZoneMention& second, std::string message,
                  std::string words) {
        add(*first.directive, *second.directive, std::move(message), std::move(words));
        found_.back().first_span = first.span;
        found_.back().second_span = second.span;
    }

    /// ngx_http_add_addresses(), ngx_stream_core_listen().
    void find_sockets() {
        for (const Socket& socket : subject_.model.sockets(false)) find_listens(socket);
        for (const Socket& socket : subject_.model.sockets(true)) find_stream_listens(socket);
    }

    void find_listens(const Socket& socket) {
        Socket::Use first{};  // of the server at hand
        const Listen* default_server = nullptr;
        const Listen* options = nullptr;
        for (const auto& [server, listen] : socket.uses) {
            if (server == first.server) {
                add(*first.listen->directive, *listen->directive,
                    fmt::format("this server listens on {} twice", socket.text()),
                    fmt::format("a duplicate listen {}", socket.text()));
                continue;
            }
            first = {server, listen};
            if (listen->sets_options && options != nullptr) {
                add(*options->directive, *listen->directive,
                    fmt::format("socket options for {} are set twice", socket.text()),
                    fmt::format("duplicate listen options for {}", socket.text()));
                found_.back().remark =
                    "backlog=, reuseport, ipv6only= and the like apply to the address: set them in "
                    "a single listen, for all servers";
                continue;
            }
            if (listen->sets_options) options = listen;
            if (!listen->default_server) continue;
            if (default_server != nullptr) {
                add(*default_server->directive, *listen->directive,
                    fmt::format("{} has two default servers", socket.text()),
                    fmt::format("a duplicate default server for {}", socket.text()));
                continue;
            }
            default_server = listen;
        }
    }

    /// Since 1.25.5 servers of stream may share an address.
    void find_stream_listens(const Socket& socket) {
        constexpr Version virtual_servers{1, 25, 5};
        const auto& version = subject_.nginx.version;
        if (version && *version >= virtual_servers) {
            find_listens(socket);
            return;
        }
        for (std::size_t i = 1; i < socket.uses.size(); ++i) {
            const auto& [server, listen] = socket.uses[i];
            const auto& [other, first] = socket.uses[i - 1];
            if (server != other && !version) continue;
            add(*first->directive, *listen->directive,
                fmt::format("there are two listen directives for {}", socket.text()),
                fmt::format("duplicate \"{}\" address and port pair", socket.text()));
        }
    }

    /// ngx_http_join_exact_locations(): one of each kind, and regular expressions at will. Named
    /// ones are not compared; the first is found.
    void find_locations() {
        using Modifier = Location::Modifier;
        PlacedNames known(subject_.model.locations().size());
        for (const Location& location : subject_.model.locations()) {
            const bool is_placed = !location.directive->args().empty() && !location.is_regex() &&
                                   location.directive->statement->has_block;
            if (!is_placed || is_unknown(location.pattern)) continue;
            const bool named = location.modifier == Modifier::named;
            const char kind = named ? '@' : location.modifier == Modifier::exact ? '=' : '/';
            const Directive* first = known.add(*location.directive, kind, location.pattern);
            if (first == nullptr) continue;
            if (named) {
                add(*first, *location.directive,
                    fmt::format(
                        "{} is defined twice: nginx uses the first one and ignores this one",
                        location.pattern),
                    {});
                found_.back().severity = Severity::warning;
                continue;
            }
            add(*first, *location.directive,
                fmt::format("location \"{}\" is defined twice", location.pattern),
                fmt::format("duplicate location \"{}\"", location.pattern));
        }
    }

    /// ngx_http_server_names(): a name of an address belongs to the first server that has it.
    void find_names() {
        for (const Socket& socket : subject_.model.sockets(false)) {
            if (socket.uses.size() > 1) find_names(socket);
        }
    }

    struct Name {
        const Server* server;
        const Directive* directive;
        Span span;
        std::string_view text;
    };

    void find_names(const Socket& socket) {
        NameHash hash(true);
        std::vector<Name> names;
        const auto add_name = [&](const Name& name) {
            if (++names_ > max_names || is_unknown(name.text)) return;
            const auto other = hash.add(name.text, names.size());
            names.push_back(name);
            if (other) add_name_conflict(socket, names[*other], name);
        };
        const Server* last = nullptr;
        for (const auto& [server, listen] : socket.uses) {
            if (std::exchange(last, server) == server) continue;
            bool has_name = server->directive->opaque;
            for (const Directive* directive : server->directive->all(DirectiveId::server_name)) {
                for (const Word& word : directive->args()) {
                    has_name = true;
                    if (word.text.starts_with('~')) continue;
                    add_name({server, directive, word.span, word.text});
                }
            }
            if (!has_name) add_name({server, server->directive, server->directive->span(), {}});
        }
    }

    void add_name_conflict(const Socket& socket, const Name& first, const Name& second) {
        const std::string_view text = second.text;
        add(*first.directive, *second.directive, {}, {});
        Collision& collision = found_.back();
        collision.first_span = first.span;
        collision.second_span = second.span;
        collision.severity = Severity::warning;
        // With .example.com go all its subdomains, and they are nobody's.
        const bool same_server = first.server == second.server;
        const bool loses_wildcard =
            text.starts_with('.') && !equals_ignoring_case(text, first.text);
        if (same_server && !loses_wildcard) {
            collision.severity = Severity::note;
            collision.message = fmt::format("the server name \"{}\" is listed twice", text);
            return;
        }
        if (text.empty()) {
            collision.message =
                fmt::format("two servers without server_name listen on {}", socket.text());
        } else {
            collision.message =
                fmt::format("the server name \"{}\" has no effect on {}: {}", text, socket.text(),
                            same_server ? fmt::format("\"{}\" comes before it", first.text)
                                        : "another server already has it");
            collision.first_note = same_server ? "nginx uses this name and ignores the wildcard"
                                               : "requests for this name go to this server";
        }
        collision.remark =
            fmt::format("nginx starts, but warns: conflicting server name \"{}\" on {}, ignored",
                        lower_case(text), socket.text());
    }

    const Subject& subject_;
    std::vector<Collision> found_;
    std::size_t names_ = 0;
};

/// Where one and the same statement was placed a second time: the two includes that brought it,
/// or one that found the file under two names. Nothing where no include did.
std::optional<std::pair<const Directive*, const Directive*>> includes_of(const Collision& found) {
    if (found.first == found.second || found.first->statement != found.second->statement) {
        return std::nullopt;
    }
    const Directive* first = found.first->include;
    const Directive* second = found.second->include;
    while (first != nullptr && second != nullptr && first != second &&
           first->statement == second->statement) {
        first = first->include;
        second = second->include;
    }
    if (first == nullptr || second == nullptr) return std::nullopt;
    return std::pair(first, second);
}

Draft write(const Collision& found, Report& report) {
    const auto includes = includes_of(found);
    if (!includes) {
        Draft draft = report(*found.second, found.second_span, "{}", found.message);
        if (found.first_span != found.second_span) {
            draft.note(found.first_span, "{}", found.first_note);
        }
        return draft;
    }
    const auto& [first, second] = *includes;
    Draft draft = report(*second, second->span(), "{}: the file is included twice", found.message);
    draft.note(found.second_span, "it is defined here");
    if (first != second) draft.note(first->span(), "it is first included here");
    return draft;
}

void check(const Subject& subject, Report& report) {
    for (const Collision& found : Collisions(subject).find()) {
        Draft draft = write(found, report);
        draft.severity(found.severity);
        if (!found.remark.empty()) draft.note("{}", found.remark);
        if (!found.words.empty()) draft.refused(found.words);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "duplicate-definition",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the same thing is defined twice",
    .why = R"(Most things can only be defined once: an `upstream` of a given name (names are
case-insensitive), a `location` in a server, a `listen` for an address in a server, a default
server for an address, a shared memory zone, a `log_format`, a key of a `map`, and nearly every
directive in one block. At the second definition nginx refuses to start, and a restart takes every
site down:

    duplicate upstream "backend"
    duplicate location "/"
    a duplicate default server for 0.0.0.0:80
    "proxy_pass" directive is duplicate

The cause usually spans two files: two files of `conf.d` define the same thing, a backup such as
`site.conf.bak` still matches the pattern, or `conf.d` and `sites-enabled` contain links to the
same file.

If two servers have the same name on the same address, nginx only warns, and the second never gets
a request. Of two named locations nginx uses the first, of two `map`s of one variable the last,
and does not even warn.

A nested block may set again what an outer one sets: what `server` has, `location` and `if` can
repeat. Regular expressions are never duplicates.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",
    .check = check,
};

}  // namespace gatelint::rules::duplicate_definition
