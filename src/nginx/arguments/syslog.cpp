#include "nginx/arguments/syslog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatelint {

namespace {

constexpr auto facilities = std::to_array<std::string_view>(
    {"kern",   "user",   "mail",     "daemon", "auth",   "intern", "lpr",    "news",
     "uucp",   "clock",  "authpriv", "ftp",    "ntp",    "audit",  "alert",  "cron",
     "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"});

constexpr auto severities = std::to_array<std::string_view>(
    {"emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"});

/// What was given already; each but nohostname may be given once.
struct Seen {
    bool server = false;
    bool facility = false;
    bool severity = false;
    bool tag = false;
};

Refusal error(std::string nginx, std::string advice = {}) {
    return ArgumentError{std::move(nginx), 0, std::move(advice)};
}

Refusal duplicate(std::string_view name) {
    return error(fmt::format("duplicate syslog \"{}\"", name));
}

Refusal check_word(std::string_view what, std::string_view word,
                   std::span<const std::string_view> known, std::string advice) {
    if (std::find(known.begin(), known.end(), word) != known.end()) return {};
    return error(fmt::format("unknown syslog {} \"{}\"", what, word), std::move(advice));
}

Refusal check_tag(std::string_view tag) {
    constexpr std::size_t longest = 32;
    if (tag.size() > longest) return error("syslog tag length exceeds 32");
    const bool fits = std::all_of(tag.begin(), tag.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_';
    });
    if (fits) return {};
    return error("syslog \"tag\" only allows alphanumeric characters and underscore");
}

Refusal check_one(std::string_view text, Seen& seen) {
    if (text.starts_with("server=")) {
        return std::exchange(seen.server, true) ? duplicate("server") : Refusal();
    }
    if (const auto facility = after(text, "facility=")) {
        if (std::exchange(seen.facility, true)) return duplicate("facility");
        return check_word("facility", *facility, facilities,
                          "expected a facility such as local7 or daemon");
    }
    if (const auto severity = after(text, "severity=")) {
        if (std::exchange(seen.severity, true)) return duplicate("severity");
        return check_word("severity", *severity, severities,
                          "expected emerg, alert, crit, error, warn, notice, info or debug");
    }
    if (const auto tag = after(text, "tag=")) {
        if (std::exchange(seen.tag, true)) return duplicate("tag");
        return check_tag(*tag);
    }
    if (text == "nohostname") return {};
    return error(fmt::format("unknown syslog parameter \"{}\"", text),
                 "expected server=, facility=, severity=, tag= and nohostname, separated by commas "
                 "without spaces");
}

}  // namespace

Refusal check_syslog(const Arguments& arguments) {
    std::string_view rest = arguments.texts[0];
    rest.remove_prefix(std::string_view("syslog:").size());
    Seen seen;
    for (;;) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (Refusal refusal = check_one(rest.substr(0, comma), seen)) return refusal;
        if (comma == rest.size()) break;
        rest.remove_prefix(comma + 1);
    }
    if (seen.server) return {};
    return error("no syslog server specified");
}

}  // namespace gatelint
