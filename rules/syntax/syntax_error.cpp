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
        report(directive, directive.span(), "{} takes no block: \";\" is missing after it",
               directive.name())
            .refused(words(refusal, directive.name()));
    }
    if (refusal == Handling::Refusal::no_opening) {
        report(directive, directive.span(), "{} wants a block: \"{{\" is missing after it",
               directive.name())
            .refused(words(refusal, directive.name()));
    }
}

void check(const Subject& subject, Report& report) {
    const std::map<SourceId, const Directive*> first = first_of_broken(subject.config);
    for (const SyntaxTree& tree : subject.config.trees()) {
        if (tree.unreadable().known()) {
            report(tree.unreadable(),
                   "this template is not judged: its braces match only after it is filled in")
                .severity(Severity::note)
                .note(
                    "one branch opens a block that another one closes, or a value brings a part of "
                    "one; check what it renders");
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
    .summary = "the file leaves nginx's grammar",
    .why = R"(nginx reads a file as words, `;`, `{` and `}`. Where a `;` or a brace is missing, or
something follows a closing quote, it refuses the whole configuration: a reload keeps the old one, a
restart leaves every site down.

nginx names the line on which it noticed, which is often a line further down. gatelint points at the
place to mend, and goes on reading: the rest of the tree is judged all the same.

A template (`.j2`, `.erb`, `.tmpl`, or any file with `{{ }}` or `{% %}` where nginx refuses them) has
its tags blotted out first. Where its braces do not match then, it gets a note and is not judged: what
it renders can be.)",
    .reference = "https://nginx.org/en/docs/beginners_guide.html#conf_structure",
    .check = check,
};

}  // namespace gatelint::rules::syntax_error
