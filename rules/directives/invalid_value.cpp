#include <vector>

#include "rule.hpp"

namespace gatelint::rules::invalid_value {

namespace {

void report_error(Report& report, const Directive& directive, const Word* word,
                  const ArgumentError& error) {
    if (word != nullptr && holds_template(word->text)) return;
    Draft draft =
        word != nullptr
            ? report(directive, word->span, "{} does not accept \"{}\"",
                     directive.is_row ? directive.parent->name() : directive.name(), word->text)
            : report(directive, directive.span(), "invalid {} {}",
                     directive.is_row ? "line in" : "arguments for",
                     directive.is_row ? directive.parent->name() : directive.name());
    if (!error.advice.empty()) draft.note("{}", error.advice);
    draft.refused(error.nginx);
}

/// Looks at the arguments of one directive after the other.
class Values {
  public:
    Values(const TargetNginx& nginx, Report& report) : nginx_(nginx), report_(report) {}

    void check(const Directive& directive) {
        const DirectiveForm* form = directive.form();
        if (directive.refusal == Handling::Refusal::none && form != nullptr && has_checks(*form) &&
            !directive.has_unknown()) {
            check_values(directive, *form);
        }
        if (holds_rows(directive.id) && directive.context != in_unknown) check_rows(directive);
    }

  private:
    void read(std::span<const Word> words) {
        for (const Word& word : words) texts_.push_back(word.text);
    }

    void check_values(const Directive& directive, const DirectiveForm& form) {
        texts_.clear();
        read(directive.args());
        const auto error =
            check_arguments({form, texts_, directive.context, nginx_.version, nginx_.edition});
        if (!error) return;
        const bool at_argument = error->argument < texts_.size();
        report_error(report_, directive, at_argument ? &directive.args()[error->argument] : nullptr,
                     *error);
    }

    /// The lines of a block of data.
    void check_rows(const Directive& block) {
        std::vector<std::string_view> arguments;
        for (const Word& word : block.args()) arguments.push_back(word.text);
        RowReader reader(block.id, arguments, nginx_.version, !block.opaque);
        for (const Directive* row : block.children) {
            if (!row->is_row || row->has_unknown() || row->statement->is_damaged) continue;
            texts_.assign(1, row->name());
            read(row->args());
            const auto error = reader.read(texts_, row->statement->has_block);
            if (!error) continue;
            const Word* word = nullptr;
            if (error->argument == 0) word = &row->statement->name;
            if (error->argument > 0 && error->argument < texts_.size()) {
                word = &row->args()[error->argument - 1];
            }
            report_error(report_, *row, word, *error);
        }
    }

    const TargetNginx& nginx_;
    Report& report_;
    std::vector<std::string_view> texts_;  ///< of the directive or row at hand
};

void check(const Subject& subject, Report& report) {
    Values values(subject.nginx, report);
    for (const Directive* directive : subject.config.index().inside(subject.config.main())) {
        if (!directive->is_row) values.check(*directive);
    }
}

}  // namespace

extern constinit const Rule rule{
    .id = "invalid-value",
    .family = Family::directives,
    .severity = Severity::error,
    .precision = Precision::very_high,
    .summary = "an invalid argument",
    .why =
        R"(nginx checks the arguments of its directives when it starts, and rejects the
configuration if one is not a valid size, time or flag, or not one of the accepted words:

    "proxy_read_timeout" directive invalid value

A size is a whole number of bytes, or with the unit `k` or `m` (`g` only for file sizes, as in
`client_max_body_size`); `16kb` and `1.5m` are not valid. A time is a whole number of seconds, or
has the units `ms s m h d w M y`; `5min` is not valid, and neither is `500ms` where nginx counts
in seconds. A flag is `on` or `off`, in any case.)",
    .reference = "https://nginx.org/en/docs/syntax.html",
    .gives_way = true,
    .check = check,
};

}  // namespace gatelint::rules::invalid_value
