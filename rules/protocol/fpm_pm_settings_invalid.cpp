#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include "rule.hpp"

namespace gatelint::rules::fpm_pm_settings_invalid {

namespace {

/// Why php-fpm does not start, in its own words, and where that is written.
struct Complaint {
    Span where;
    std::string words;
    std::vector<const Value*> reasons = {};  ///< what else has a part in it
    std::vector<Edit> edits = {};
    std::string title = {};
};

/// The settings of a pool, as far as they are certain: where files are out of sight, another one
/// may set what this one does not, and two files may be alternatives.
class Settings {
  public:
    explicit Settings(const PhpFpmPool& pool) : pool_(pool), pm_(pool.find("pm")) {}

    /// Null where it is not written, or where it may not count.
    const Value* find(std::string_view key) const {
        const Value* value = pool_.find(key);
        if (value == nullptr || pool_.is_whole || value == pm_) return value;
        const bool beside = pm_ != nullptr && pm_->span.source == value->span.source;
        return beside ? value : nullptr;
    }

    /// Whether nothing sets it for certain.
    bool lacks(std::string_view key) const {
        const Value* value = pool_.find(key);
        return pool_.is_whole && (value == nullptr || value->text.empty());
    }

    /// As atoi(3) has it; 0 where it is not written. Nothing where nobody knows.
    std::optional<std::int64_t> number(std::string_view key) const {
        const Value* value = find(key);
        if (value == nullptr) return lacks(key) ? std::optional<std::int64_t>(0) : std::nullopt;
        const bool has_digits = value->text.find_first_of("0123456789") != std::string::npos;
        if (is_unknown(value->text) || (!has_digits && !value->text.empty())) return std::nullopt;
        return std::strtoll(value->text.c_str(), nullptr, 10);
    }

    bool manages(std::string_view way) const {
        return pm_ != nullptr && equals_ignoring_case(pm_->text, way);
    }

    /// Where to complain about a setting that may be missing.
    Span place_of(std::string_view key) const {
        const Value* value = find(key);
        if (value != nullptr) return value->span;
        return pm_ != nullptr ? pm_->span : pool_.heading;
    }

    std::vector<const Value*> written(const std::vector<std::string_view>& keys) const {
        std::vector<const Value*> values;
        for (const std::string_view key : keys) {
            if (const Value* value = find(key); value != nullptr) values.push_back(value);
        }
        return values;
    }

    const PhpFpmPool& pool() const { return pool_; }

  private:
    const PhpFpmPool& pool_;
    const Value* pm_;
};

/// What php-fpm's table of settings has (ini_fpm_pool_options), of all versions.
constexpr std::array known_keys = {"prefix",
                                   "user",
                                   "group",
                                   "listen",
                                   "listen.backlog",
                                   "listen.acl_users",
                                   "listen.acl_groups",
                                   "listen.owner",
                                   "listen.group",
                                   "listen.mode",
                                   "listen.allowed_clients",
                                   "listen.setfib",
                                   "process.priority",
                                   "process.dumpable",
                                   "pm",
                                   "pm.max_children",
                                   "pm.start_servers",
                                   "pm.min_spare_servers",
                                   "pm.max_spare_servers",
                                   "pm.max_spawn_rate",
                                   "pm.process_idle_timeout",
                                   "pm.max_requests",
                                   "pm.status_path",
                                   "pm.status_listen",
                                   "ping.path",
                                   "ping.response",
                                   "access.log",
                                   "access.format",
                                   "access.suppress_path",
                                   "slowlog",
                                   "request_slowlog_timeout",
                                   "request_slowlog_trace_depth",
                                   "request_terminate_timeout",
                                   "request_terminate_timeout_track_finished",
                                   "rlimit_files",
                                   "rlimit_core",
                                   "chroot",
                                   "chdir",
                                   "catch_workers_output",
                                   "decorate_workers_output",
                                   "clear_env",
                                   "security.limit_extensions",
                                   "apparmor_hat"};

constexpr std::array whole_numbers = {
    "pm.max_children",      "pm.start_servers",  "pm.min_spare_servers",
    "pm.max_spare_servers", "pm.max_spawn_rate", "pm.max_requests",
    "listen.backlog",       "rlimit_files",      "request_slowlog_trace_depth"};

constexpr std::array times = {"pm.process_idle_timeout", "request_terminate_timeout",
                              "request_slowlog_timeout"};

/// Words that PHP's scanner takes for 1.
bool means_one(std::string_view text) {
    constexpr std::array<std::string_view, 3> words = {"on", "yes", "true"};
    return std::any_of(words.begin(), words.end(),
                       [text](std::string_view word) { return equals_ignoring_case(text, word); });
}

/// Whether `text` may be a name that a script fills in: `MAX_CHILDREN` is no value anywhere.
bool may_be_filled_in(const PhpFpmPool& pool, std::string_view text) {
    return !pool.is_whole && text.find_first_of("0123456789") == std::string_view::npos;
}

/// fpm_conf_set_integer() and fpm_conf_set_time(): what is wrong with the text, "" if nothing.
std::string_view wrong_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return text.find_first_not_of("0123456789") == std::string_view::npos
               ? ""
               : "is not a valid number (greater or equal than zero)";
}

std::string_view wrong_time(std::string_view text) {
    if (text.empty()) return "invalid time value";
    constexpr std::string_view endings = "0123456789smhd";
    return endings.find(text.back()) == std::string_view::npos ? "unknown suffix used in time value"
                                                               : "";
}

std::string_view wrong_manager(std::string_view text) {
    constexpr std::array<std::string_view, 3> ways = {"static", "dynamic", "ondemand"};
    const bool known = std::any_of(ways.begin(), ways.end(), [text](std::string_view way) {
        return equals_ignoring_case(text, way);
    });
    return known ? "" : "invalid process manager (static, dynamic or ondemand)";
}

template <typename Keys, typename Judge>
std::optional<Complaint> find_unreadable(const PhpFpmPool& pool, const Keys& keys,
                                         const Judge& judge) {
    for (const std::string_view key : keys) {
        const Value* value = pool.find(key);
        if (value == nullptr || is_unknown(value->text) || means_one(value->text)) continue;
        const std::string_view wrong = judge(value->text);
        if (wrong.empty() || may_be_filled_in(pool, value->text)) continue;
        return Complaint{value->span,
                         fmt::format("unable to parse value for entry '{}': {}", key, wrong)};
    }
    return std::nullopt;
}

/// A name that php-fpm does not know and that is hardly meant for a newer version's.
std::optional<Complaint> find_misspelt(const PhpFpmPool& pool) {
    for (const auto& [key, value] : pool.settings) {
        if (key.find('[') != std::string::npos) continue;  // env, php_value, ...
        const auto is_near = [&key = key](std::size_t limit) {
            return std::any_of(known_keys.begin(), known_keys.end(), [&](std::string_view known) {
                return edit_distance(key, known, limit) <= limit;
            });
        };
        constexpr std::size_t shortest = 6;  // two letters of a shorter name make another word
        if (key.size() < shortest || is_near(0) || !is_near(2)) continue;
        return Complaint{value.span, fmt::format("unknown entry '{}'", key)};
    }
    return std::nullopt;
}

std::optional<Complaint> find_unparsable(const PhpFpmPool& pool) {
    auto found = find_unreadable(pool, std::array{"pm"}, wrong_manager);
    if (!found) found = find_unreadable(pool, whole_numbers, wrong_number);
    if (!found) found = find_unreadable(pool, times, wrong_time);
    if (!found) found = find_misspelt(pool);
    return found;
}

/// What is missing that every pool needs.
std::optional<Complaint> find_missing(const Settings& settings, bool by_root) {
    const Span heading = settings.pool().heading;
    if (settings.lacks("listen")) {
        const Value* listen = settings.find("listen");
        return Complaint{listen != nullptr ? listen->span : heading,
                         "no listen address have been defined!"};
    }
    if (by_root && settings.pool().is_whole && settings.pool().find("user") == nullptr) {
        return Complaint{heading, "user has not been defined"};
    }
    if (settings.lacks("pm")) {
        return Complaint{heading, "the process manager is missing (static, dynamic or ondemand)"};
    }
    const auto children = settings.number("pm.max_children");
    if (children && *children < 1) {
        return Complaint{settings.place_of("pm.max_children"),
                         "pm.max_children must be a positive value"};
    }
    return std::nullopt;
}

/// The lines of both limits that were forgotten, sized by what the pool starts with.
void add_spare_servers(Complaint& complaint, const Settings& settings, const Report& report) {
    const Value* start = settings.find("pm.start_servers");
    const auto servers = settings.number("pm.start_servers");
    const auto children = settings.number("pm.max_children");
    if (start == nullptr || settings.find("pm.min_spare_servers") != nullptr ||
        settings.find("pm.max_spare_servers") != nullptr) {
        return;
    }
    if (!servers || !children || *servers < 1 || *servers > *children) return;
    complaint.title = "set the number of idle children";
    complaint.edits = {report.lines_after(
        start->span,
        {fmt::format("pm.min_spare_servers = {}", std::max<std::int64_t>(*servers / 2, 1)),
         fmt::format("pm.max_spare_servers = {}", std::min(*servers * 2, *children))})};
}

/// The numbers of `pm = dynamic`, in php-fpm's order.
std::optional<Complaint> find_contradiction(const Settings& settings, const Report& report) {
    if (!settings.manages("dynamic")) return std::nullopt;
    for (const std::string_view key : {"pm.min_spare_servers", "pm.max_spare_servers"}) {
        const auto spare = settings.number(key);
        if (!spare || *spare > 0) continue;
        Complaint complaint{settings.place_of(key),
                            fmt::format("{}({}) must be a positive value", key, *spare)};
        add_spare_servers(complaint, settings, report);
        return complaint;
    }
    const auto children = settings.number("pm.max_children");
    const auto least = settings.number("pm.min_spare_servers");
    const auto most = settings.number("pm.max_spare_servers");
    if (!children || !least || !most) return std::nullopt;
    if (*least > *children || *most > *children) {
        const std::string_view key =
            *most > *children ? "pm.max_spare_servers" : "pm.min_spare_servers";
        Complaint complaint{
            settings.place_of(key),
            fmt::format("pm.min_spare_servers({}) and pm.max_spare_servers({}) cannot be greater "
                        "than pm.max_children({})",
                        *least, *most, *children),
            settings.written({"pm.max_children"})};
        if (*least <= *children) {
            complaint.title = "lower it to pm.max_children";
            complaint.edits = {Report::replace(complaint.where, fmt::format("{}", *children))};
        }
        return complaint;
    }
    if (*most < *least) {
        return Complaint{settings.place_of("pm.max_spare_servers"),
                         fmt::format("pm.max_spare_servers({}) must not be less than "
                                     "pm.min_spare_servers({})",
                                     *most, *least),
                         settings.written({"pm.min_spare_servers"})};
    }
    // Without it, or with 0, php-fpm takes the middle.
    const auto start = settings.number("pm.start_servers");
    if (!start || *start <= 0 || (*least <= *start && *start <= *most)) return std::nullopt;
    const Span where = settings.place_of("pm.start_servers");
    return Complaint{where,
                     fmt::format("pm.start_servers({}) must not be less than "
                                 "pm.min_spare_servers({}) and not greater than "
                                 "pm.max_spare_servers({})",
                                 *start, *least, *most),
                     settings.written({"pm.min_spare_servers", "pm.max_spare_servers"}),
                     {Report::replace(where, fmt::format("{}", *least + (*most - *least) / 2))},
                     "use php-fpm's own default"};
}

std::optional<Complaint> find_other(const Settings& settings) {
    const auto idle = settings.number("pm.process_idle_timeout");
    if (settings.manages("ondemand") && idle && *idle < 1 &&
        settings.find("pm.process_idle_timeout") != nullptr) {
        return Complaint{
            settings.place_of("pm.process_idle_timeout"),
            fmt::format("pm.process_idle_timeout({}s) must be greater than 0s", *idle)};
    }
    const auto slow = settings.number("request_slowlog_timeout");
    if (slow && *slow > 0 && settings.lacks("slowlog")) {
        return Complaint{settings.place_of("request_slowlog_timeout"),
                         "'slowlog' must be specified for use with 'request_slowlog_timeout'"};
    }
    return std::nullopt;
}

bool speaks_fastcgi(const PassTarget& target) {
    return target.protocol == Protocol::fastcgi;
}

/// The addresses that nginx connects to.
class Addresses {
  public:
    explicit Addresses(const Model& model) {
        std::set<std::string> known;
        for (const Pass& pass : model.passes()) {
            is_any_unknown_ =
                is_any_unknown_ ||
                std::any_of(pass.targets.begin(), pass.targets.end(), [](const PassTarget& target) {
                    return speaks_fastcgi(target) && !target.host_known;
                });
        }
        for (const Connection& connection : model.connections()) {
            const Address& address = connection.endpoint.address;
            if (address.is_unix()) {
                sockets_.insert(normal_socket_path(address.host));
            } else if (known.insert(to_string(address)).second) {
                by_port_[address.port].push_back(address);
            }
        }
    }

    bool may_reach(const Listener& listener) const {
        if (is_any_unknown_) return true;
        if (listener.at.is_unix()) return sockets_.contains(normal_socket_path(listener.at.host));
        const auto found = by_port_.find(listener.at.port);
        return found != by_port_.end() &&
               std::any_of(found->second.begin(), found->second.end(), [&](const Address& target) {
                   return reaches(target, listener) != Reach::no;
               });
    }

  private:
    bool is_any_unknown_ = false;  ///< only run time or a template knows it
    std::set<std::string> sockets_;
    std::map<std::uint16_t, std::vector<Address>> by_port_;
};

/// What all pools of a master have to do with one another, and with nginx.
class Masters {
  public:
    explicit Masters(const Surroundings& surroundings) {
        for (const PhpFpmPool& pool : surroundings.php_fpm_pools()) {
            const Value* user = pool.find("user");
            if (user != nullptr && !user->text.empty()) run_by_root_.insert(pool.master);
            const Value* listen = pool.find("listen");
            if (listen == nullptr) continue;
            by_listen_.emplace(std::pair(pool.master, std::string_view(listen->text)), &pool);
            master_of_[listen->span] = pool.master;
        }
    }

    /// A master that root runs wants a user in every pool; one that has a user somewhere is root's.
    bool is_run_by_root(const PhpFpmPool& pool) const { return run_by_root_.contains(pool.master); }

    /// The first pool of the master that listens where this one does: itself, or the other.
    const PhpFpmPool& first_at(const PhpFpmPool& pool, const Value& listen) const {
        return *by_listen_.at(std::pair(pool.master, std::string_view(listen.text)));
    }

    /// Masters that nginx surely has nothing to do with: it connects to none of their pools.
    std::set<Span> unused_by(const Subject& subject) const {
        std::set<Span> unused;
        std::set<Span> used;
        const Addresses addresses(subject.model);
        for (const Listener& listener : subject.surroundings.listeners()) {
            const auto master = master_of_.find(listener.where);
            if (master == master_of_.end()) continue;
            (addresses.may_reach(listener) ? used : unused).insert(master->second);
        }
        for (const Span master : used) unused.erase(master);
        return unused;
    }

  private:
    std::set<Span> run_by_root_;
    std::map<std::pair<Span, std::string_view>, const PhpFpmPool*> by_listen_;
    std::map<Span, Span> master_of_;  ///< by where a pool listens
};

std::optional<Complaint> find_double(const PhpFpmPool& pool, const Masters& masters) {
    const Value* listen = pool.find("listen");
    if (!pool.is_whole || listen == nullptr || is_unknown(listen->text)) return std::nullopt;
    const PhpFpmPool& first = masters.first_at(pool, *listen);
    if (first.heading == pool.heading) return std::nullopt;  // itself, or read for another place
    return Complaint{listen->span,
                     fmt::format("unable to set listen address as it's already used in another "
                                 "pool '{}'",
                                 first.name),
                     {first.find("listen")}};
}

std::optional<Complaint> judge(const PhpFpmPool& pool, const Masters& masters,
                               const Report& report) {
    const Settings settings(pool);
    auto complaint = find_unparsable(pool);
    if (!complaint) complaint = find_missing(settings, masters.is_run_by_root(pool));
    if (!complaint) complaint = find_contradiction(settings, report);
    if (!complaint) complaint = find_other(settings);
    if (!complaint) complaint = find_double(pool, masters);
    return complaint;
}

/// The first place where nginx speaks FastCGI, or null: without one, php-fpm is no concern of its.
const Pass* first_fastcgi(const Model& model) {
    const auto found =
        std::find_if(model.passes().begin(), model.passes().end(), [](const Pass& pass) {
            return std::any_of(pass.targets.begin(), pass.targets.end(), speaks_fastcgi);
        });
    return found == model.passes().end() ? nullptr : &*found;
}

void check(const Subject& subject, Report& report) {
    const Pass* pass = first_fastcgi(subject.model);
    if (pass == nullptr) return;
    const Masters masters(subject.surroundings);
    const std::set<Span> unused = masters.unused_by(subject);
    for (const PhpFpmPool& pool : subject.surroundings.php_fpm_pools()) {
        if (unused.contains(pool.master)) continue;
        std::optional<Complaint> complaint = judge(pool, masters, report);
        if (!complaint) continue;
        Draft draft = report(complaint->where,
                             "php-fpm does not start, and all requests to it get 502: [pool {}] {}",
                             pool.name, complaint->words);
        for (const Value* reason : complaint->reasons)
            draft.note(reason->span, "it conflicts with this setting");
        draft.note(pass->directive->span(), "the request is proxied here");
        draft.note("\"php-fpm -t\" reports this before a restart");
        if (!complaint->edits.empty()) {
            draft.fix(Applicability::unsafe, std::move(complaint->title),
                      std::move(complaint->edits));
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "fpm-pm-settings-invalid",
    .family = Family::protocol,
    .severity = Severity::error,
    .summary = "a pool's settings keep php-fpm from starting",
    .why =
        R"(php-fpm checks every pool before it starts, and a single invalid pool keeps the
whole master process down: all PHP requests get 502, on all sites.

    ALERT: [pool www] pm.min_spare_servers(0) must be a positive value
    ERROR: FPM initialization failed

With `pm = dynamic` the following must hold: 1 <= `pm.min_spare_servers` <= `pm.start_servers` <=
`pm.max_spare_servers` <= `pm.max_children`. The two limits on spare servers have no default.
Raising only `pm.start_servers`, as many guides do, exceeds the packages'
`pm.max_spare_servers = 3`. `static` and `ondemand` ignore these numbers.

Sections of the same name in several files are one pool, and the last setting wins. If gatelint
may not see all the files, as in a repository, it only judges what a single file says by itself.
It reports nothing for a php-fpm to which nginx does not connect.)",
    .reference = "https://www.php.net/manual/en/install.fpm.configuration.php#pm",
    .check = check,
};

}  // namespace gatelint::rules::fpm_pm_settings_invalid
