#include <vector>

#include "rule.hpp"

namespace gatelint::rules::invalid_value {

namespace {

std::vector<std::string_view> texts_of(const Directive& directive) {
    std::vector<std::string_view> texts;
    for (const Word& word : directive.args()) texts.push_back(word.text);
    return texts;
}

void report_error(Report& report, const Directive& directive, const Word* word,
                  const ArgumentError& error) {
    if (word != nullptr && holds_template(word->text)) return;
    Draft draft =
        word != nullptr
            ? report(directive, word->span, "{} does not take \"{}\"",
                     directive.is_row ? directive.parent->name() : directive.name(), word->text)
            : report(directive, directive.span(), "nginx refuses {} {}",
                     directive.is_row ? "this line of" : "these arguments of",
                     directive.is_row ? directive.parent->name() : directive.name());
    if (!error.advice.empty()) draft.note("{}", error.advice);
    draft.refused(error.nginx);
}

void check_directive(const Directive& directive, const TargetNginx& nginx, Report& report) {
    const Handling handling = handle(directive, nginx);
    if (handling.refusal != Handling::Refusal::none || handling.form == nullptr) return;
    if (directive.has_unknown()) return;
    const std::vector<std::string_view> texts = texts_of(directive);
    const auto error =
        check_arguments({*handling.form, texts, directive.context, nginx.version, nginx.edition});
    if (!error) return;
    const bool at_argument = error->argument < texts.size();
    report_error(report, directive, at_argument ? &directive.args()[error->argument] : nullptr,
                 *error);
}

/// The lines of a block of data.
void check_rows(const Directive& block, const TargetNginx& nginx, Report& report) {
    const std::vector<std::string_view> arguments = texts_of(block);
    RowReader reader(block.id, arguments, nginx.version, !block.opaque);
    for (const Directive* row : block.children) {
        if (!row->is_row || row->has_unknown() || row->statement->is_damaged) continue;
        std::vector<std::string_view> words = texts_of(*row);
        words.insert(words.begin(), row->name());
        const auto error = reader.read(words, row->statement->has_block);
        if (!error) continue;
        const Word* word = nullptr;
        if (error->argument == 0) word = &row->statement->name;
        if (error->argument > 0 && error->argument < words.size()) {
            word = &row->args()[error->argument - 1];
        }
        report_error(report, *row, word, *error);
    }
}

void check(const Subject& subject, Report& report) {
    for_each_inside(subject.config.main(), [&](const Directive& directive) {
        if (!directive.is_row) check_directive(directive, subject.nginx, report);
        if (!directive.is_row && holds_rows(directive.id) && directive.context != in_unknown) {
            check_rows(directive, subject.nginx, report);
        }
    });
}

}  // namespace

extern constinit const Rule rule{
    .id = "invalid-value",
    .family = Family::directives,
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
    .gives_way = true,
    .check = check,
};

}  // namespace gatelint::rules::invalid_value
