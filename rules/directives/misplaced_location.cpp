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
        return Refusal{
            between("cannot be inside the exact location"),
            "an exact location matches a single path, so it cannot contain another location"};
    }
    if (outer.modifier == Modifier::named) {
        return Refusal{between("cannot be inside the named location"),
                       "a named location has no path, so it cannot contain another location"};
    }
    if (inner.modifier == Modifier::named) {
        return Refusal{
            fmt::format("named location \"{}\" can be on the server level only", inner.pattern),
            fmt::format("the named location {} must be directly in a server block", inner.pattern)};
    }
    if (!inner.is_regex() && !inner.pattern.starts_with(outer.pattern)) {
        return Refusal{between("is outside location"),
                       fmt::format("location {1} can never match inside location {0}",
                                   outer.pattern, inner.pattern)};
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
            .note(outer.directive->span(), "the outer location is here")
            .refused(std::move(refusal->nginx));
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "misplaced-location",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a location inside another that cannot contain it",
    .why =
        R"(A location can only be inside another if its path starts with that of the outer
one: nginx chooses the outer location first and only then looks at the inner ones. Exact (`=`) and
named (`@`) locations cannot contain locations, and a named one must be directly in a server
block. Otherwise nginx rejects the configuration:

    location "/app/" is outside location "/api/"

Usually a brace is missing further up, or a snippet with locations was included into one. A
location given by a regular expression can be inside any prefix location and inside another
regular expression. Inside the latter, nginx compares a path with the text of the expression.)",
    .reference = "https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
    .check = check,
};

}  // namespace gatelint::rules::misplaced_location
