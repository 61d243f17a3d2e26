#include "rule.hpp"

namespace gatelint::rules::argument_count {

namespace {

/// What the form takes, in words: "1 argument", "1 to 3 arguments", "at least 2 arguments".
std::string wanted(const DirectiveForm& form) {
    constexpr std::size_t most = 8;
    std::size_t least = 0;
    while (least < most && !takes(form, least)) ++least;
    std::size_t last = least;
    while (last < most && takes(form, last + 1)) ++last;
    const auto arguments = [](std::size_t count) {
        return fmt::format("{} argument{}", count, count == 1 ? "" : "s");
    };
    if (last == 0) return "no arguments";
    if (last == most) return fmt::format("at least {}", arguments(least));
    if (last == least) return arguments(least);
    return fmt::format("{} to {}", least, arguments(last));
}

void check(const Subject& subject, Report& report) {
    for (const Directive* directive : subject.config.index().refused()) {
        if (directive->refusal != Handling::Refusal::argument_count) continue;
        const std::size_t count = directive->args().size();
        Draft draft =
            report(*directive, directive->span(), "{0} takes {1}, but {3} {2} given",
                   directive->name(), wanted(*directive->form()), count == 1 ? "is" : "are",
                   count == 0 ? "none" : fmt::format("{}", count));
        draft.refused(words(directive->refusal, directive->name()));
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "argument-count",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "a directive with too many or too few arguments",
    .why = R"(nginx checks the number of arguments of every directive and rejects the
configuration if there are too many or too few:

    invalid number of arguments in "proxy_pass" directive

Often a value with spaces lacks its quotes, an empty variable was filled into a template, or the
`;` of the previous line is missing.)",
    .reference = "https://nginx.org/en/docs/dirindex.html",
    .gives_way = true,
    .check = check,
};

}  // namespace gatelint::rules::argument_count
