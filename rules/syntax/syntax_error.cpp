#include "rule.hpp"

namespace gatelint::rules::syntax_error {

namespace {

/// A place in the main file, for the chain of includes: any directive of the broken file will do.
const Directive* directive_of(const Directive& block, SourceId source) {
    for (const Directive* child : block.children) {
        if (child->span().source == source) return child;
        if (const Directive* inner = directive_of(*child, source)) return inner;
    }
    return nullptr;
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
        const Directive* place = directive_of(subject.config.main(), tree.source());
        const Directive& where = place == nullptr ? subject.config.main() : *place;
        for (const SyntaxError& error : tree.errors()) {
            Draft draft = report(where, error.span, "{}", error.message);
            if (error.related.known()) draft.note(error.related, "{}", error.related_message);
            if (!error.nginx.empty()) draft.refused(error.nginx);
        }
    }
    for_each_inside(subject.config.main(), [&](const Directive& directive) {
        check_block(directive, handle(directive, subject.nginx).refusal, report);
    });
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
