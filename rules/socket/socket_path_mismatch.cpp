#include <set>

#include "rule.hpp"

namespace gatelint::rules {

namespace {

std::string_view directory_part(std::string_view path) {
    return path.substr(0, path.rfind('/') + 1);
}

std::string_view name_part(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// A path with each number made one `#`: php8.2-fpm.sock is php#.#-fpm.sock.
std::string without_digits(std::string_view text) {
    std::string out;
    for (const char byte : text) {
        const bool digit = byte >= '0' && byte <= '9';
        if (!digit) {
            out += byte;
        } else if (!out.ends_with('#')) {
            out += '#';
        }
    }
    return out;
}

/// How alike two sockets' paths are, if one is surely meant for the other.
enum class Likeness { none, spelling, directory, version };

Likeness likeness(const std::string& a, const std::string& b) {
    constexpr std::size_t shortest = 8;  // of names that may differ by spelling
    const std::string_view a_name = name_part(a);
    const std::string_view b_name = name_part(b);
    const bool same_digits = without_digits(a) == without_digits(b);
    if (same_digits && a_name.find("php") != std::string_view::npos) return Likeness::version;
    if (a_name == b_name) return Likeness::directory;
    // app1.sock beside app2.sock is another application.
    if (same_digits || directory_part(a) != directory_part(b)) return Likeness::none;
    if (a_name.size() < shortest || b_name.size() < shortest) return Likeness::none;
    return edit_distance(a_name, b_name, 2) <= 2 ? Likeness::spelling : Likeness::none;
}

/// The pools that some pass reaches.
std::set<const Listener*> reached_pools(const Subject& subject) {
    std::set<const Listener*> reached;
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            for (const Listener* pool : subject.surroundings.reached_by(endpoint.address)) {
                reached.insert(pool);
            }
        }
    }
    return reached;
}

/// The pool that an endpoint most likely means, or null.
const Listener* find_meant(const Endpoint& endpoint, const Subject& subject,
                           const std::set<const Listener*>& reached) {
    const std::string path = normal_socket_path(endpoint.address.host);
    const Listener* best = nullptr;
    Likeness best_likeness = Likeness::none;
    for (const Listener& listener : subject.surroundings.listeners()) {
        if (listener.program != Listener::Program::php_fpm || !listener.at.is_unix()) continue;
        if (!subject.surroundings.is_beside_nginx(listener)) continue;
        const Likeness like = likeness(path, normal_socket_path(listener.at.host));
        // A pool that is in use is not the one that is missed, unless PHP's version tells.
        if (reached.contains(&listener) && like != Likeness::version) continue;
        if (like > best_likeness) {
            best = &listener;
            best_likeness = like;
        }
    }
    return best;
}

void check(const Subject& subject, Report& report) {
    if (!subject.surroundings.knows(Listener::Program::php_fpm)) return;
    const std::set<const Listener*> reached = reached_pools(subject);
    for (const Pass& pass : subject.model.passes()) {
        for (const Endpoint& endpoint : pass.endpoints) {
            if (!endpoint.address.is_unix() || endpoint.protocol != Protocol::fastcgi) continue;
            if (subject.may_be_served(endpoint.address)) continue;
            const Listener* meant = find_meant(endpoint, subject, reached);
            if (meant == nullptr) continue;

            const std::string_view path = endpoint.address.host;
            Draft draft =
                report(*endpoint.written, endpoint.span, "nothing listens on {}: {} get 502",
                       to_string(endpoint.address),
                       endpoint.written == pass.directive ? requests_to(pass) : "requests");
            draft.note(meant->where, "{} listens on {}", meant->name, meant->at.host);
            if (endpoint.written != pass.directive) {
                draft.note(pass.target_span(), "requests are handed on here");
            }
            draft.note(
                "connect() to {} failed (2: No such file or directory) while connecting to "
                "upstream",
                to_string(endpoint.address));
            const std::string_view text = report.text(endpoint.span);
            const std::size_t at = text.find(path);
            if (at == std::string_view::npos) continue;
            const auto begin = endpoint.span.begin + static_cast<std::uint32_t>(at);
            const Span place{endpoint.span.source, begin,
                             begin + static_cast<std::uint32_t>(path.size())};
            draft.fix(Applicability::unsafe, "connect to the pool's socket",
                      {Report::replace(place, std::string(meant->at.host))});
        }
    }
}

}  // namespace

extern constinit const Rule socket_path_mismatch{
    .id = "socket-path-mismatch",
    .family = Family::socket,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "nginx connects to a unix socket that no php-fpm pool makes",
    .why = R"(php-fpm makes the socket that a pool's `listen` names, and nginx must connect to that
very path (`/var/run` is `/run`). After an upgrade of PHP the number in the path is another one
(`php8.1-fpm.sock`, `php8.2-fpm.sock`), nginx keeps asking for the old one, and every request for PHP
gets 502:

    connect() to unix:/run/php/php8.1-fpm.sock failed (2: No such file or directory) while connecting
    to upstream

gatelint compares the passes with the pools that it finds: in the tree, at /etc/php/*/fpm and at
/etc/php-fpm.d. It reports a path only if a pool's path is nearly the same.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_pass",
    .check = check,
};

}  // namespace gatelint::rules
