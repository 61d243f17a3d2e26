#include <vector>

#include "rule.hpp"

namespace gatelint::rules {

namespace {

void check(const Subject& subject, Report& report) {
    std::vector<std::string_view> texts;
    for_each_inside(subject.config.main(), [&](const Directive& directive) {
        const Handling handling = handle(directive, subject.nginx);
        if (handling.refusal != Handling::Refusal::none || handling.form == nullptr) return;
        if (directive.has_unknown()) return;
        texts.clear();
        for (const Word& word : directive.args()) texts.push_back(word.text);
        const auto error =
            check_arguments({*handling.form, texts, directive.context, subject.nginx.version});
        if (!error) return;
        const bool at_argument = error->argument < directive.args().size();
        const Span span = at_argument ? directive.args()[error->argument].span : directive.span();
        const std::string_view value = at_argument ? texts[error->argument] : std::string_view();
        Draft draft =
            at_argument
                ? report(directive, span, "{} does not take \"{}\"", directive.name(), value)
                : report(directive, span, "nginx refuses these arguments of {}", directive.name());
        if (!error->advice.empty()) draft.note("{}", error->advice);
        draft.refused(error->nginx);
    });
}

}  // namespace

extern constinit const Rule invalid_value{
    .id = "invalid-value",
    .family = Family::syntax,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "an argument that nginx refuses",
    .why = R"(nginx reads the arguments of its directives when it starts, and refuses the
configuration where one is no size, no time, no flag or none of the words that it takes:

    "proxy_read_timeout" directive invalid value

Sizes are whole numbers of bytes or of `k` or `m` (`g` only where files are meant, as in
`client_max_body_size`); `16kb` and `1.5m` are none. Times are whole numbers of seconds or have the
units `ms s m h d w M y`; `5min` is none, and where nginx counts in seconds, `500ms` is none either.
Flags are `on` or `off`, in any case.)",
    .reference = "https://nginx.org/en/docs/syntax.html",
    .check = check,
};

}  // namespace gatelint::rules
