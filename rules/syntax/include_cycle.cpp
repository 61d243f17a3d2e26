#include "rule.hpp"

namespace gatelint::rules::include_cycle {

namespace {

void check(const Subject& subject, Report& report) {
    for (const IncludeProblem& problem : subject.config.include_problems()) {
        const Directive& include = *problem.include;
        const Span target = include.args().empty() ? include.span() : include.args()[0].span;
        switch (problem.kind) {
            case IncludeProblem::Kind::cycle:
                report(include, target, "{} includes itself", base_name(problem.path))
                    .note("nginx follows this cycle until it crashes, so it cannot start");
                break;
            case IncludeProblem::Kind::too_deep:
                report(include, target, "includes are nested more than 24 levels deep")
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
    .summary = "a file includes itself, or includes are nested too deep",
    .why =
        R"(nginx does not notice if a file includes itself, directly or through others: it
keeps reading until it runs out of stack or file descriptors, and `nginx -t` dies of a
segmentation fault. The usual cause is a pattern such as `include conf.d/*.conf;` in a file of
`conf.d` itself.

gatelint stops at the second opening and checks the rest. It also stops, with this finding, at
chains of includes that are longer than those of any real configuration.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#include",
    .check = check,
};

}  // namespace gatelint::rules::include_cycle
