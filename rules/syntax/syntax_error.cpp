#include <map>

#include "rule.hpp"

namespace gatelint::rules::syntax_error {

namespace {

/// The first directive of each broken file, for the chain of includes.
std::map<SourceId, const Directive*> first_of_broken(const Config& config) {
    std::map<SourceId, const Directive*> first;
    for (const SyntaxTree& tree : config.trees()) {
        if (!tree.errors().empty()) first.emplace(tree.source(), nullptr);
    }
    if (first.empty()) return first;
    for (const Directive* directive : config.index().inside(config.main())) {
        const auto found = first.find(directive->span().source);
        if (found != first.end() && found->second == nullptr) found->second = directive;
    }
    return first;
}

/// A block where none belongs, or none where one does.
void check_block(const Directive& directive, Handling::Refusal refusal, Report& report) {
    if (refusal == Handling::Refusal::not_terminated) {
        report(directive, directive.span(), "{} does not take a block: \";\" is missing after it",
               directive.name())
            .refused(words(refusal, directive.name()));
    }
    if (refusal == Handling::Refusal::no_opening) {
        report(directive, directive.span(), "{} needs a block: \"{{\" is missing after it",
               directive.name())
            .refused(words(refusal, directive.name()));
    }
}

void check(const Subject& subject, Report& report) {
    const std::map<SourceId, const Directive*> first = first_of_broken(subject.config);
    for (const SyntaxTree& tree : subject.config.trees()) {
        if (tree.unreadable().known()) {
            report(tree.unreadable(),
                   "this template is not checked: its braces only match after it is rendered")
                .severity(Severity::note)
                .note(
                    "one branch opens a block that another one closes, or a value contains a part "
                    "of a block; check the rendered file instead");
        }
        if (tree.errors().empty()) continue;
        const Directive* place = first.at(tree.source());
        const Directive& where = place == nullptr ? subject.config.main() : *place;
        for (const SyntaxError& error : tree.errors()) {
            Draft draft = report(where, error.span, "{}", error.message);
            if (error.related.known()) draft.note(error.related, "{}", error.related_message);
            if (!error.nginx.empty()) draft.refused(error.nginx);
        }
    }
    for (const Directive* directive : subject.config.index().refused()) {
        check_block(*directive, directive->refusal, report);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "syntax-error",
    .family = Family::syntax,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the file is not valid nginx syntax",
    .why =
        R"(nginx reads a file as words, `;`, `{` and `}`. If a `;` or a brace is missing, or
something follows a closing quote, it rejects the whole configuration: a reload keeps the old one,
a restart takes every site down.

nginx names the line on which it noticed the error, which is often a later one. gatelint points to
the place to correct and reads on: it still checks everything else.

In a template (`.j2`, `.erb`, `.tmpl`, or any file with `{{ }}` or `{% %}` where nginx rejects
them), gatelint blanks out the tags first. If the braces do not match then, it reports a note and
does not check the template; check the rendered file instead.)",
    .reference = "https://nginx.org/en/docs/beginners_guide.html#conf_structure",
    .check = check,
};

}  // namespace gatelint::rules::syntax_error
