#include <algorithm>
#include <map>

#include "rule.hpp"

namespace gatelint::rules::unknown_directive {

namespace {

/// Names that come near another's are looked for only so often: a file that is no configuration at
/// all has a new one in every line.
constexpr std::size_t max_names = 500;

bool is_name(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || byte == '_';
    });
}

/// `${NAME}`, `@NAME@`, `__NAME__`: it brings directives, or none, when it is filled in.
bool is_placeholder(std::string_view name) {
    return name.starts_with("${") || name.starts_with("__") ||
           (name.starts_with('@') && name.ends_with('@'));
}

/// How far a name may be from what was meant.
std::size_t tolerance(std::string_view name) {
    constexpr std::size_t short_name = 4;
    constexpr std::size_t long_name = 7;
    if (name.size() < short_name) return 0;
    return name.size() < long_name ? 1 : 2;
}

/// The directive that was probably meant: the nearest of those that may stand here, else the
/// nearest of all; "" if none is near.
std::string_view nearest(std::string_view name, Contexts context) {
    const std::size_t limit = tolerance(name);
    std::string_view best;
    std::size_t best_distance = limit + 1;
    bool best_fits = false;
    for (const DirectiveName& known : all_directive_names()) {
        const std::size_t distance =
            equals_ignoring_case(known.name, name) ? 0 : edit_distance(name, known.name, limit);
        if (distance > limit) continue;
        const bool fits = (known.contexts & context) != 0;
        const bool better = fits == best_fits ? distance < best_distance : fits;
        if (best.empty() || better) {
            best = known.name;
            best_distance = distance;
            best_fits = fits;
        }
    }
    return best;
}

void report_near(const Directive& directive, std::string_view meant, Report& report) {
    Draft draft = report(directive, directive.statement->name.span,
                         "unknown directive \"{}\"; did you mean {}?", directive.name(), meant);
    draft.refused(words(Handling::Refusal::unknown_directive, directive.name()));
    draft.fix(Applicability::unsafe, fmt::format("use {}", meant),
              {Report::replace(directive.statement->name.span, std::string(meant))});
}

void report_no_name(const Directive& directive, Report& report) {
    const std::string_view name = directive.name();
    Draft draft =
        report(directive, directive.statement->name.span, "unknown directive \"{}\"", name);
    draft.refused(words(Handling::Refusal::unknown_directive, name));
    if (name.starts_with("if(")) {
        draft.note("the space between \"if\" and \"(\" is missing");
        draft.fix(Applicability::safe, "add a space before the parenthesis",
                  {Report::replace(directive.statement->name.span,
                                   fmt::format("if {}", name.substr(2)))});
    }
}

void check(const Subject& subject, Report& report) {
    std::map<std::string_view, std::string_view> meant;  // "" if none is near
    for (const Directive* refused : subject.config.index().refused()) {
        const Directive& directive = *refused;
        const std::string_view name = directive.name();
        if (directive.refusal != Handling::Refusal::unknown_directive || name.empty()) continue;
        if (is_placeholder(name)) continue;
        // The rule invisible-characters says what is wrong with such a name.
        if (has_misleading_character(name)) continue;
        const bool is_new = !meant.contains(name);
        if (is_new && meant.size() < max_names) meant[name] = nearest(name, directive.context);
        const auto found = meant.find(name);
        if (found != meant.end() && !found->second.empty()) {
            report_near(directive, found->second, report);
        } else if (!is_name(name)) {
            report_no_name(directive, report);
        } else if (is_new) {
            report(directive, directive.statement->name.span,
                   "unknown directive \"{}\": gatelint assumes that it belongs to a module", name)
                .severity(Severity::note)
                .nginx(words(Handling::Refusal::unknown_directive, name))
                .note("without this module, nginx refuses to start");
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "unknown-directive",
    .family = Family::directives,
    .severity = Severity::error,
    .summary = "an unknown directive",
    .why =
        R"(nginx only accepts the exact names of its directives and rejects a configuration
with any other:

    unknown directive "proxy_passs"

A reload keeps the old configuration, a restart takes every site down. gatelint knows the
directives of nginx, of nginx Plus and of well-known modules. A name close to one of these is a
misspelling. Any other may belong to a module that gatelint does not know, and is reported once,
as a note.)",
    .reference = "https://nginx.org/en/docs/dirindex.html",
    .check = check,
};

}  // namespace gatelint::rules::unknown_directive
