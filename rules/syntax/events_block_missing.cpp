#include "rule.hpp"

namespace gatelint::rules::events_block_missing {

namespace {

void check(const Subject& subject, Report& report) {
    const Directive& main = subject.config.main();
    if (subject.config.is_fragment() || main.opaque) return;
    if (main.last(DirectiveId::events) != nullptr) return;
    // A file of another name may be included by a main file that was not given.
    const SyntaxTree& tree_of_main = subject.config.trees().front();
    const bool is_empty = tree_of_main.statements().empty() && tree_of_main.comments().empty();
    if (base_name(subject.config.path()) != "nginx.conf" && !is_empty) return;
    // A file that was not read to its end may have one; it has had its finding.
    for (const SyntaxTree& tree : subject.config.trees()) {
        if (!tree.errors().empty()) return;
    }
    Draft draft = report(main, main.span(),
                         "the configuration has no \"events\" block: nginx "
                         "refuses to start");
    draft.refused("no \"events\" section in configuration");
    draft.note("an empty one will do: events {{}}");
}

}  // namespace

extern constinit const Rule rule{
    .id = "events-block-missing",
    .family = Family::syntax,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the main configuration has no events block",
    .why = R"(nginx wants an `events` block in every configuration, if only an empty one, and
refuses to start without it:

    no "events" section in configuration

An empty file is the usual case: one that was truncated, or a mount that hides the real one. Files
that hold only servers, locations or the like are taken for fragments, and files of other names may
be included by one that has the block: they are not concerned.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#events",
    .check = check,
};

}  // namespace gatelint::rules::events_block_missing
