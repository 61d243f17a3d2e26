#include <array>
#include <utility>

#include "rule.hpp"

namespace gatelint::rules::misplaced_directive {

namespace {

constexpr std::array<std::pair<Contexts, std::string_view>, 14> context_names = {{
    {in_main, "the main context"},
    {in_events, "events"},
    {in_http, "http"},
    {in_server, "server"},
    {in_location, "location"},
    {in_upstream, "upstream"},
    {in_if_in_server, "\"if\" in server"},
    {in_if_in_location, "\"if\" in location"},
    {in_limit_except, "limit_except"},
    {in_mail, "mail"},
    {in_mail_server, "server in mail"},
    {in_stream, "stream"},
    {in_stream_server, "server in stream"},
    {in_stream_upstream, "upstream in stream"},
}};

std::string_view name_of_context(Contexts context) {
    for (const auto& [known, name] : context_names) {
        if (known == context) return name;
    }
    return "this block";
}

/// The contexts that the target's nginx allows, as a list.
std::string allowed(DirectiveId id, const TargetNginx& nginx) {
    std::uint16_t contexts = 0;
    for (const DirectiveForm& form : forms_of(id)) {
        if (is_in(form, nginx.version)) contexts |= form.contexts;
    }
    std::string list;
    for (const auto& [context, name] : context_names) {
        if ((contexts & context) == 0) continue;
        if (!list.empty()) list += ", ";
        list += name;
    }
    return list;
}

void check(const Subject& subject, Report& report) {
    for (const Directive* refused : subject.config.index().refused()) {
        const Directive& directive = *refused;
        if (directive.refusal != Handling::Refusal::not_allowed_here) continue;
        const bool at_top = directive.parent->assumed || directive.parent == &subject.config.main();
        if (at_top && subject.config.context_is_guess() && subject.config.is_fragment()) continue;
        Draft draft = report(directive, directive.statement->name.span, "{} is not allowed in {}",
                             directive.name(), name_of_context(directive.context));
        if (directive.parent->parent != nullptr) {
            draft.note(directive.parent->span(), "in this block");
        }
        draft.note("it is allowed in {}", allowed(directive.id, subject.nginx));
        draft.refused(words(directive.refusal, directive.name()));
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "misplaced-directive",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a directive in a block that does not allow it",
    .why = R"(Each directive is only allowed in certain blocks: `proxy_pass` in a location but
not in a server, and `upstream` next to the servers but not inside one. Elsewhere nginx rejects
the whole configuration:

    "proxy_pass" directive is not allowed here

A missing or an extra brace moves everything after it into the wrong block: then the first such
directive shows the place. A file that is included in several blocks is checked in each of them.)",
    .reference = "https://nginx.org/en/docs/dirindex.html",
    .check = check,
};

}  // namespace gatelint::rules::misplaced_directive
