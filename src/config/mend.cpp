#include "config/mend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "config/handling.hpp"
#include "nginx/arguments/arguments.hpp"

namespace gatelint {

namespace {

/// Beyond so many arguments, one more name among them is chance.
constexpr std::size_t max_arguments = 40;

/// A file's place in the tree is not known yet: any context will do.
constexpr auto all_contexts = static_cast<Contexts>(0xffff);

std::string refusal(const Statement& statement) {
    const Handling handling = handle(statement, all_contexts, {});
    if (handling.refusal != Handling::Refusal::none) {
        return words(handling.refusal, statement.name.text);
    }
    if (handling.form == nullptr) return {};
    std::vector<std::string_view> texts;
    for (const Word& word : statement.args) texts.push_back(word.text);
    const auto error = check_arguments({*handling.form, texts, all_contexts, std::nullopt});
    return error ? error->nginx : std::string();
}

/// Whether the statement could stand in a configuration as it is, with a name that nginx knows.
bool makes_sense(const Statement& statement) {
    const Handling handling = handle(statement, all_contexts, {});
    return handling.refusal == Handling::Refusal::none && handling.form != nullptr;
}

class Mender {
  public:
    Mender(const Sources& sources, SourceId source, Arena& arena)
        : text_(sources.text(source)), arena_(arena) {}

    std::span<const Statement> mend_block(std::span<const Statement> statements) {
        std::vector<Statement> mended;
        bool changed = false;
        for (const Statement& statement : statements) {
            const std::size_t before = mended.size();
            take(statement, mended);
            changed = changed || mended.size() != before + 1 ||
                      mended.back().block.data() != statement.block.data();
        }
        return changed ? arena_.copy(std::span<const Statement>(mended)) : statements;
    }

    std::vector<SyntaxError> take_errors() { return std::move(errors_); }

  private:
    /// Appends the statement, or those that it was run together from.
    void take(Statement statement, std::vector<Statement>& mended) {
        while (const std::optional<std::size_t> at =
                   statement.is_continued ? split(statement) : std::nullopt) {
            mended.push_back(head(statement, *at));
            complain(statement, mended.back());
            statement = rest(statement, *at);
        }
        if (statement.has_block && !holds_rows(directive_id(statement.name.text))) {
            statement.block = mend_block(statement.block);
        }
        mended.push_back(statement);
    }

    /// The argument that begins the next statement, if the two were run together.
    std::optional<std::size_t> split(const Statement& statement) const {
        if (directive_id(statement.name.text) == DirectiveId::unknown) return std::nullopt;
        const std::size_t count = std::min(statement.args.size(), max_arguments);
        for (std::size_t at = 0; at < count; ++at) {
            if (begins_statement(statement.args[at]) && comes_apart(statement, at)) return at;
        }
        return std::nullopt;
    }

    bool comes_apart(const Statement& statement, std::size_t at) const {
        const Statement first = head(statement, at);
        const Statement second = rest(statement, at);
        const bool fits = makes_sense(first) ||
                          handle(first, all_contexts, {}).refusal == Handling::Refusal::no_opening;
        if (!fits) return false;
        // Of three run together, the second is none yet.
        const bool is_rest = makes_sense(second) ||
                             std::any_of(second.args.begin(), second.args.end(),
                                         [&](const Word& word) { return begins_statement(word); });
        // Where nginx takes the two for one, only the layout tells.
        return is_rest && (column(statement.name) == column(statement.args[at]) ||
                           !refusal(statement).empty());
    }

    bool begins_statement(const Word& word) const {
        return word.begins_line && is_directive(word) && begins_line(word);
    }

    static bool is_directive(const Word& word) {
        return word.quote == '\0' && directive_id(word.text) != DirectiveId::unknown;
    }

    std::size_t column(const Word& word) const {
        const std::size_t newline = text_.rfind('\n', word.span.begin);
        return word.span.begin - (newline == std::string_view::npos ? 0 : newline + 1);
    }

    /// In the text as it is written, whose tags a template's reader blots out.
    bool begins_line(const Word& word) const {
        const std::size_t begin = text_.find_last_not_of(" \t\r", word.span.begin - 1);
        return begin == std::string_view::npos || text_[begin] == '\n';
    }

    static Statement head(const Statement& statement, std::size_t count) {
        Statement first;
        first.name = statement.name;
        first.args = statement.args.first(count);
        first.span = first.head();
        first.note_marks();
        return first;
    }

    static Statement rest(const Statement& statement, std::size_t at) {
        Statement second = statement;
        second.name = statement.args[at];
        second.args = statement.args.subspan(at + 1);
        second.span.begin = second.name.span.begin;
        second.note_marks();
        return second;
    }

    void complain(const Statement& both, const Statement& first) {
        const bool wants_block =
            handle(first, all_contexts, {}).refusal == Handling::Refusal::no_opening;
        const Span end{first.span.source, first.span.end, first.span.end};
        std::string words = refusal(both);
        const std::string_view what =
            words.empty() ? "nginx reads this as further arguments" : "nginx reads on to here";
        errors_.push_back({fmt::format("\"{}\" is missing after \"{}\"", wants_block ? '{' : ';',
                                       first.name.text),
                           end, std::move(words), both.args[first.args.size()].span,
                           std::string(what)});
    }

    std::string_view text_;
    Arena& arena_;
    std::vector<SyntaxError> errors_;
};

}  // namespace

void mend(SyntaxTree& tree, const Sources& sources, Arena& arena) {
    if (!tree.has_continued_statements()) return;
    Mender mender(sources, tree.source(), arena);
    const std::span<const Statement> statements = mender.mend_block(tree.statements());
    tree.replace(statements, mender.take_errors());
}

}  // namespace gatelint
