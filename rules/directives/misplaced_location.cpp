#include "rule.hpp"

namespace gatelint::rules::misplaced_location {

namespace {

using Modifier = Location::Modifier;

struct Refusal {
    std::string nginx;
    std::string message;
};

/// ngx_http_core_location(), for a location inside another. nginx compares the names as texts, also
/// where the outer one is a regular expression.
std::optional<Refusal> refusal_of(const Location& inner, const Location& outer) {
    const auto between = [&](std::string_view words) {
        return fmt::format("location \"{}\" {} \"{}\"", inner.pattern, words, outer.pattern);
    };
    if (outer.modifier == Modifier::exact) {
        return Refusal{between("cannot be inside the exact location"),
                       "an exact location matches one path: no other location can be inside it"};
    }
    if (outer.modifier == Modifier::named) {
        return Refusal{between("cannot be inside the named location"),
                       "a named location has no path: no other location can be inside it"};
    }
    if (inner.modifier == Modifier::named) {
        return Refusal{
            fmt::format("named location \"{}\" can be on the server level only", inner.pattern),
            fmt::format("the named location {} must stand directly in the server", inner.pattern)};
    }
    if (!inner.is_regex() && !inner.pattern.starts_with(outer.pattern)) {
        return Refusal{between("is outside location"),
                       fmt::format("no path that begins with {} begins with {}", outer.pattern,
                                   inner.pattern)};
    }
    return {};
}

void check(const Subject& subject, Report& report) {
    for (const Location& location : subject.model.locations()) {
        if (location.outer == nullptr || location.is_unknown()) continue;
        const Location& outer = *location.outer;
        if (outer.is_unknown() || outer.directive->args().empty()) continue;
        if (location.directive->args().empty()) continue;
        std::optional<Refusal> refusal = refusal_of(location, outer);
        if (!refusal) continue;
        report(*location.directive, location.directive->span(), "{}", refusal->message)
            .note(outer.directive->span(), "this is the location around it")
            .refused(std::move(refusal->nginx));
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "misplaced-location",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a location inside another that cannot hold it",
    .why =
        R"(A location may stand in another only if its path begins with the outer one's: the outer
location is chosen first, and only then the inner ones are looked at. Nothing can be inside an exact
(`=`) or a named (`@`) location, and a named one stands directly in the server. Otherwise nginx refuses
the configuration:

    location "/app/" is outside location "/api/"

Usually a brace is missing further up, or a snippet with locations was included into one. Regular
expressions may stand anywhere; but inside one, a path is compared with the text of the expression.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
    .check = check,
};

}  // namespace gatelint::rules::misplaced_location
