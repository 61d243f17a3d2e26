#include "rule.hpp"

namespace gatelint::rules::include_cycle {

namespace {

void check(const Subject& subject, Report& report) {
    for (const IncludeProblem& problem : subject.config.include_problems()) {
        const Directive& include = *problem.include;
        const Span target = include.args().empty() ? include.span() : include.args()[0].span;
        switch (problem.kind) {
            case IncludeProblem::Kind::cycle:
                report(include, target, "{} is included while it is being read",
                       base_name(problem.path))
                    .note("nginx follows such a cycle until it crashes: it cannot start");
                break;
            case IncludeProblem::Kind::too_deep:
                report(include, target, "includes are nested more than 24 deep here")
                    .note("gatelint does not follow them any further");
                break;
            case IncludeProblem::Kind::too_large:
                report(include, target, "the configuration has more than 20,000,000 directives")
                    .note("gatelint does not read any further");
                break;
            case IncludeProblem::Kind::unreadable:
                break;
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "include-cycle",
    .family = Family::syntax,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a file includes itself, or includes are nested without end",
    .why = R"(nginx does not notice when a file includes itself, directly or through others: it
reads on until its stack or its file descriptors are used up, and `nginx -t` dies of a segmentation
fault. A pattern such as `include conf.d/*.conf;` inside `conf.d` is the usual way to get there.

gatelint stops at the second opening and judges the rest. It also stops, with this finding, at chains
of includes that no real configuration has.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#include",
    .check = check,
};

}  // namespace gatelint::rules::include_cycle
