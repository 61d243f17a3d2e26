#include "rule.hpp"

namespace gatelint::rules::include_target_missing {

namespace {

void check(const Subject& subject, Report& report) {
    for (const IncludeProblem& problem : subject.config.include_problems()) {
        if (problem.kind != IncludeProblem::Kind::unreadable) continue;
        const Directive& include = *problem.include;
        const Span target = include.args().front().span;
        const std::string_view written = include.arg(0);
        // Of a pattern, the file that it matched.
        const bool pattern = written.find_first_of("*?[") != std::string_view::npos;
        Draft draft =
            report(include, target, "{} cannot be included: {}",
                   pattern ? std::string_view(problem.path) : written, describe(problem.status));
        if (problem.status == ReadStatus::dangling_link) {
            draft.note("the link points to \"{}\"", problem.place);
        }
        if (!problem.certain) {
            draft.severity(Severity::note)
                .note(
                    "if it is missing where nginx runs too, nginx refuses to start; use --root DIR "
                    "if DIR contains the whole host");
        } else if (problem.status == ReadStatus::unreadable) {
            draft.severity(Severity::warning).note("its contents were not checked");
        } else {
            draft.refused(fmt::format("open() \"{}\" failed", problem.path));
        }
        if (problem.status == ReadStatus::missing && !written.starts_with('/')) {
            draft.note(
                "relative includes are resolved from the directory of the main file, {}, not of "
                "the including file",
                subject.config.directory().empty() ? "/" : subject.config.directory());
        }
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "include-target-missing",
    .family = Family::syntax,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "an included file is missing or cannot be read",
    .why =
        R"(An `include` without `*`, `?` or `[` must match a file. Otherwise nginx refuses to
start, and a restart takes every site down. A pattern may match nothing.

Relative paths are resolved from the directory of the main configuration file, even in included
files. If gatelint only sees a part of the host, as in a repository, the severity for a missing
file is note; with `--root` it is error.)",
    .reference = "https://nginx.org/en/docs/ngx_core_module.html#include",
    .check = check,
};

}  // namespace gatelint::rules::include_target_missing
