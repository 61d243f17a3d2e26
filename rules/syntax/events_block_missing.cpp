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
                         "the configuration has no \"events\" block: nginx refuses to start");
    draft.refused("no \"events\" section in configuration");
    draft.note("an empty block is enough: events {{}}");
}

}  // namespace

extern constinit const Rule rule{
    .id = "events-block-missing",
    .family = Family::syntax,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "the main configuration has no events block",
    .why =
        R"(Every configuration needs an `events` block, even if it is empty. Without it nginx
refuses to start:

    no "events" section in configuration

The usual cause is an empty file: one that was truncated, or a mount that hides the real one.
gatelint treats files that only contain servers, locations or the like as fragments, and files
with other names may be included by one that has the block, so it reports neither.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#events",
    .check = check,
};

}  // namespace gatelint::rules::events_block_missing
