#include <algorithm>
#include <array>
#include <tao/pegtl.hpp>
#include <utility>

#include "nginx.hpp"
#include "source/utf8.hpp"
#include "syntax/syntax_tree.hpp"
#include "syntax/template.hpp"

namespace gatelint {

namespace {

namespace nginx = grammar::nginx;
namespace pegtl = tao::pegtl;

/// nginx reads through a buffer of this size (NGX_CONF_BUFFER), which a word or a comment must fit
/// with what ends it.
constexpr std::size_t buffer_size = 4096;

/// nginx has no limit of its own: its stack overflows somewhere beyond 10,000 blocks.
constexpr std::size_t max_depth = 256;

constexpr std::size_t max_errors = 50;

/// U+FEFF in UTF-8, as some editors of Windows put it first.
constexpr std::string_view mark = "\xEF\xBB\xBF";

bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/// Escapes are decoded in bare and in quoted words alike: \" \' \\ \t \r \n. Any other backslash
/// stays, with what follows it.
std::string decode(std::string_view raw) {
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        constexpr std::string_view escapes = "\"'\\trn";
        constexpr std::string_view meanings = "\"'\\\t\r\n";
        const std::size_t which = raw[i] == '\\' && i + 1 < raw.size() ? escapes.find(raw[i + 1])
                                                                       : std::string_view::npos;
        if (which == std::string_view::npos) {
            text += raw[i];
        } else {
            text += meanings[which];
            ++i;
        }
    }
    return text;
}

}  // namespace

/// Braces that do not match.
struct BraceFault {
    enum class Kind : std::uint8_t { none, missing, stray };

    Kind kind = Kind::none;
    std::size_t count = 0;
};

/// Puts the grammar's tokens together into statements, with a stack of its own for open blocks.
class TreeBuilder {
  public:
    TreeBuilder(std::string_view text, SourceId source, Arena& arena)
        : arena_(arena), text_(text), source_(source) {
        tree_.source_ = source;
        has_erb_ = text_.find("<%") != std::string_view::npos;
        check_bytes();
    }

    /// For a template: `masked` is its text, `environment` fills in placeholders if not null.
    TreeBuilder(const MaskedText& masked, SourceId source, Arena& arena,
                const Environment* environment)
        : arena_(arena), text_(arena.copy(masked.text)), source_(source) {
        tree_.source_ = source;
        tree_.template_ = SyntaxTree::Template::by_name;
        tree_.has_alternatives_ = masked.has_alternatives;
        environment_ = environment;
        is_masked_ = true;
        check_bytes();
    }

    /// What the grammar reads: all but a byte order mark, which has had its error.
    std::string_view text() const { return text_.substr(has_mark() ? mark.size() : 0); }

    /// The place of bytes of the text.
    Span span(const char* begin, const char* end) const {
        return {source_, static_cast<std::uint32_t>(begin - text_.data()),
                static_cast<std::uint32_t>(end - text_.data())};
    }

    /// What is wrong with the braces of the text, once it is read.
    BraceFault brace_fault() const {
        if (gives_up_ || quote_was_open_) return {};
        if (strays_ != 0) return {BraceFault::Kind::stray, strays_};
        return {open_.empty() ? BraceFault::Kind::none : BraceFault::Kind::missing, open_.size()};
    }

    bool is_balanced() const { return !gives_up_ && open_.empty() && fault_.count == 0; }

    /// To read the text once more, taking the layout's word for where blocks end.
    void mend_braces(BraceFault fault) { fault_ = fault; }

    bool opens_lua() const { return opens_lua_; }
    bool gives_up() const { return gives_up_; }

    /// Here is a tag of a template, though the file's name does not tell that it is one.
    bool saw_tag() const { return saw_tag_; }

    void comment(Span span) {
        check_length(span, 0);
        tree_.comments_.push_back(span);
    }

    void word(Span span, char quote) {
        const std::uint32_t quotes = quote == '\0' ? 0 : 1;
        const std::string_view raw =
            text_.substr(span.begin + quotes, span.end - span.begin - 2 * quotes);
        check_length(span, quotes);
        if (has_erb_ && quote == '\0' && holds_erb_tag(raw, text_.substr(span.begin)))
            stop_at_tag();
        Marks marks = marks_of(raw);
        std::string_view decoded = marks.has(Marks::backslash) ? arena_.copy(decode(raw)) : raw;
        if (environment_ != nullptr && marks.has(Marks::dollar)) {
            decoded = arena_.copy(fill_in(decoded, *environment_));
            marks = marks_of(decoded);
        }
        if (fault_.count != 0 && words_.empty()) close_by_layout(span, false);
        const bool begins_line = quote == '\0' && !words_.empty() && is_first_on_line(span.begin);
        words_.push_back({decoded, span, quote, marks, begins_line});
        if (quote != '\0') check_after_quote(span);
    }

    /// What a brace cuts off the bare word before it, which is a regular expression.
    void pattern_rest(Span cut) {
        const Span whole = cover(words_.back().span, cut);
        words_.pop_back();
        word(whole, '\0');
        const std::uint32_t brace = cut.begin;
        const std::string_view rest = text_.substr(brace + 1, cut.end - brace - 1);
        const std::string_view name = words_.front().text;
        std::string nginx =
            name == "location" ? "unknown directive \"" + std::string(rest) + "\""
            : name == "if"     ? "invalid condition"
                           : "directive \"" + std::string(name) + "\" is not terminated by \";\"";
        error({"this \"{\" opens a block: a pattern with braces must be quoted",
               {source_, brace, brace + 1},
               std::move(nginx),
               {},
               {}});
    }

    void unclosed_quote(Span span) {
        const bool overflows = text_.size() - span.begin - 1 > buffer_size;
        open_quote(span, overflows ? too_long_quoted(span)
                                   : "unexpected end of file, expecting \";\" or \"}\"");
    }

    void torn_quote(Span span) {
        const char quote = text_[span.begin];
        std::size_t next = span.end;
        while (next < text_.size() && text_[next] != quote) next += text_[next] == '\\' ? 2 : 1;
        if (next + 1 >= text_.size()) {
            unclosed_quote(span);
        } else {
            open_quote(span, std::string("unexpected \"") + text_[next + 1] + "\"");
        }
    }

    void semicolon(Span span) {
        if (words_.empty()) {
            error({"no directive before this \";\"", span, "unexpected \";\"", {}, {}});
            return;
        }
        finish_statement(span.end);
    }

    void open_brace(Span span) {
        if (!is_masked_ && begins_tag(text_, span.begin)) stop_at_tag();
        if (words_.empty()) {
            error({"no directive before this \"{\"", span, "unexpected \"{\"", {}, {}});
            words_.push_back({{}, span, '\0'});  // a block without a name, so that braces match
        }
        if (open_.size() == max_depth) {
            error({"blocks are nested more than 256 levels deep; the rest of the file is not read",
                   span,
                   {},
                   {},
                   {}});
            gives_up_ = true;
        }
        const std::size_t column = column_of(words_.front().span.begin);
        open_.push_back({take_statement(), done_.size(), span, column});
        opens_lua_ = open_.back().statement.name.text.ends_with("_by_lua_block");
    }

    void close_brace(Span span) {
        if (!words_.empty()) {
            missing_semicolon("unexpected \"}\"", span);
            finish_statement(words_.back().span.end);
        }
        if (fault_.count != 0) close_by_layout(span, true);
        if (open_.empty() || is_stray_by_layout(span)) {
            error({"unmatched \"}\"", span, "unexpected \"}\"", {}, {}});
            ++strays_;
            return;
        }
        close_block(span.end);
    }

    SyntaxTree finish() {
        const auto end = static_cast<std::uint32_t>(text_.size());
        if (!gives_up_ && !quote_was_open_) check_end(end);
        if (!words_.empty()) finish_statement(end);
        while (!open_.empty()) close_block(end);
        tree_.statements_ = arena_.copy(std::span<const Statement>(done_));
        return std::move(tree_);
    }

    /// What is wrong with a template's braces is not the author's mistake, but a limit of reading
    /// it unfilled: then nothing of it is known.
    SyntaxTree finish_template(const MaskedText& masked, SyntaxTree::Template how) {
        SyntaxTree tree = finish();
        tree.template_ = how;
        if (masked.first_tag) {
            tree.first_tag_ = {source_, static_cast<std::uint32_t>(masked.first_tag->first),
                               static_cast<std::uint32_t>(masked.first_tag->second)};
        }
        if (masked.has_tags && (!tree.errors_.empty() || !masked.is_balanced)) {
            tree.unreadable_ = tree.errors_.empty() ? tree.first_tag_ : tree.errors_.front().span;
            tree.statements_ = {};
            tree.errors_.clear();
        }
        return tree;
    }

  private:
    struct Open {
        Statement statement;
        std::size_t first_child;  ///< in done_
        Span brace;
        std::size_t column;  ///< at which the statement begins its line, or npos
    };

    /// The column (from 0, in bytes) of what begins its line; npos for what does not.
    std::size_t column_of(std::uint32_t at) const {
        std::size_t line = at;
        while (line > 0 && (text_[line - 1] == ' ' || text_[line - 1] == '\t')) --line;
        return line == 0 || text_[line - 1] == '\n' ? at - line : std::string_view::npos;
    }

    bool is_first_on_line(std::uint32_t at) const {
        while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\t' || text_[at - 1] == '\r')) {
            --at;
        }
        return at == 0 || text_[at - 1] == '\n';
    }

    /// While braces are mended: closes blocks that what begins at `span` is outside of, by its
    /// indentation.
    void close_by_layout(Span span, bool is_brace) {
        if (fault_.kind != BraceFault::Kind::missing) return;
        const std::size_t column = column_of(span.begin);
        if (column == std::string_view::npos) return;
        const auto is_outside = [&](const Open& open) {
            if (open.column == std::string_view::npos) return false;
            return is_brace ? column < open.column : column <= open.column;
        };
        while (fault_.count != 0 && !open_.empty() && is_outside(open_.back())) {
            error({"the block \"" + std::string(open_.back().statement.name.text) +
                       "\" is never closed",
                   open_.back().brace, "unexpected end of file, expecting \"}\"", span,
                   "its indentation puts this outside the block"});
            close_block(span.begin);
            --fault_.count;
        }
    }

    /// While braces are mended: whether a brace is indented more than the block that it closes.
    bool is_stray_by_layout(Span span) {
        if (fault_.kind != BraceFault::Kind::stray || fault_.count == 0) return false;
        const std::size_t column = column_of(span.begin);
        const std::size_t opened = open_.back().column;
        if (column == std::string_view::npos || opened == std::string_view::npos) return false;
        if (column <= opened) return false;
        --fault_.count;
        return true;
    }

    void stop_at_tag() {
        saw_tag_ = true;
        gives_up_ = true;
    }

    bool has_mark() const { return text_.starts_with(mark); }

    /// Bytes that no configuration has on purpose, and that editors do not show.
    void check_bytes() {
        if (has_mark()) {
            error(
                {"the file starts with a byte order mark, which nginx reads as part of the first "
                 "word",
                 {source_, 0, static_cast<std::uint32_t>(mark.size())},
                 "unknown directive \"\\xEF\\xBB\\xBF...\"",
                 {},
                 {}});
        }
        const std::size_t nul = text_.find('\0');
        if (nul == std::string_view::npos) return;
        const auto at = static_cast<std::uint32_t>(nul);
        error({"NUL byte: the file is not text, or it is damaged",
               {source_, at, at + 1},
               "",
               {},
               {}});
        is_text_ = false;
    }

    void error(SyntaxError what) {
        if (!is_text_) return;  // it said what is wrong
        if (tree_.errors_.size() < max_errors) {
            tree_.errors_.push_back(std::move(what));
            return;
        }
        if (gives_up_) return;
        tree_.errors_.push_back(
            {"too many errors; the rest of the file is not read", what.span, {}, {}, {}});
        gives_up_ = true;
    }

    void open_quote(Span span, std::string nginx) {
        error({"this quote is never closed",
               {source_, span.begin, span.begin + 1},
               std::move(nginx),
               {},
               {}});
        quote_is_open_ = true;
        is_damaged_ = true;
        quote_was_open_ = true;
        const std::string_view text = text_.substr(span.begin + 1, span.end - span.begin - 1);
        words_.push_back({text, span, text_[span.begin], marks_of(text), false});
    }

    void check_length(Span span, std::uint32_t quotes) {
        constexpr std::size_t surely_fits = buffer_size - 2;
        if (span.end - span.begin < surely_fits || fits_buffer(span, quotes)) return;
        const bool is_comment = quotes == 0 && text_[span.begin] == '#';
        const bool is_open = span.end - span.begin - 2 * quotes >= buffer_size && quotes != 0;
        error({std::string("this ") + (is_comment ? "comment" : "word") +
                   " is too long for nginx's buffer of 4096 bytes",
               span,
               is_open ? too_long_quoted(span) : too_long(span.begin + quotes),
               {},
               {}});
    }

    /// Whether nginx comes to the end of a word or comment before its buffer is full. When it is
    /// full and more of the file is to come, nginx gives up, even if only a blank that ended the
    /// word was read last.
    bool fits_buffer(Span span, std::uint32_t quotes) const {
        const std::size_t read = span.end - span.begin - quotes;  // it forgets the opening quote
        if (span.end == text_.size()) return read <= buffer_size;
        const bool is_comment = quotes == 0 && text_[span.begin] == '#';
        const bool ends_with_blank = !is_comment && is_blank(text_[span.end]);
        return read + (ends_with_blank ? 2 : 1) <= buffer_size;
    }

    std::string too_long(std::uint32_t begin) const {
        return "too long parameter \"" + std::string(text_.substr(begin, 10)) + "...\" started";
    }

    std::string too_long_quoted(Span span) const {
        std::string words = "too long parameter, probably missing terminating \"";
        words += text_[span.begin];
        words += "\" character";
        return words;
    }

    /// After a closing quote nginx wants white space, `;`, `{` or `)`; the last is for `if`.
    void check_after_quote(Span span) {
        if (span.end == text_.size()) return;
        const char next = text_[span.end];
        if (is_blank(next) || next == ';' || next == '{' || next == ')' || next == '}') return;
        if (next == unknown_byte) return;
        is_damaged_ = true;
        error({"a space or \";\" is missing after this quote",
               {source_, span.end, span.end + 1},
               std::string("unexpected \"") + next + "\"",
               {source_, span.begin, span.begin + 1},
               "the quoted text starts here"});
    }

    void missing_semicolon(std::string nginx, Span where) {
        if (quote_is_open_) return;  // it swallowed the semicolon
        // What cannot be seen misses no semicolon; the rule invisible-characters says what it is.
        if (words_.size() == 1 && is_all_invisible(words_.front().text)) return;
        const auto is_unknown_word = [](const Word& word) { return word.is_unknown(); };
        if (std::any_of(words_.begin(), words_.end(), is_unknown_word)) return;  // it may bring one
        const Word& last = words_.back();
        const std::string name(words_.front().text);
        error({"\";\" is missing after \"" + name + "\"",
               {source_, last.span.end, last.span.end},
               std::move(nginx),
               where,
               "nginx reports the error here"});
    }

    void check_end(std::uint32_t end) {
        const Span here{source_, end, end};
        if (!words_.empty()) {
            missing_semicolon("unexpected end of file, expecting \";\" or \"}\"", here);
        } else if (!open_.empty()) {
            error({"the block \"" + std::string(open_.back().statement.name.text) +
                       "\" is never closed",
                   open_.back().brace, "unexpected end of file, expecting \"}\"", here,
                   "the file ends here"});
        }
    }

    Statement take_statement() {
        Statement statement;
        statement.name = words_.front();
        statement.args = arena_.copy(std::span<const Word>(words_).subspan(1));
        statement.span = statement.head();
        statement.note_marks();
        if (statement.is_continued) tree_.has_continued_statements_ = true;
        statement.is_damaged = std::exchange(is_damaged_, false);
        words_.clear();
        return statement;
    }

    void finish_statement(std::uint32_t end) {
        done_.push_back(take_statement());
        done_.back().span.end = end;
        quote_is_open_ = false;
    }

    void close_block(std::uint32_t end) {
        const Open open = open_.back();
        open_.pop_back();
        Statement statement = open.statement;
        statement.block = arena_.copy(std::span<const Statement>(done_).subspan(open.first_child));
        statement.has_block = true;
        statement.span.end = end;
        done_.resize(open.first_child);
        done_.push_back(statement);
    }

    Arena& arena_;
    SyntaxTree tree_;
    std::string_view text_;
    SourceId source_;
    std::vector<Word> words_;      ///< of the statement that is being read
    std::vector<Statement> done_;  ///< finished, in blocks that are still open
    std::vector<Open> open_;
    bool opens_lua_ = false;
    bool gives_up_ = false;
    bool is_text_ = true;
    bool quote_is_open_ = false;  ///< what ends after it is not told again
    bool quote_was_open_ = false;
    bool is_damaged_ = false;  ///< the statement that is being read
    std::size_t strays_ = 0;   ///< braces that close nothing
    BraceFault fault_;         ///< what is still to be mended
    bool is_masked_ = false;
    bool has_erb_ = false;  ///< the text holds `<%` somewhere
    bool saw_tag_ = false;
    const Environment* environment_ = nullptr;
};

namespace {

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<nginx::comment> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.comment(tree.span(in.begin(), in.end()));
    }
};

template <>
struct Action<nginx::bare_word> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.word(tree.span(in.begin(), in.end()), '\0');
    }
};

template <>
struct Action<nginx::pattern_rest> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.pattern_rest(tree.span(in.begin(), in.end()));
    }
};

template <>
struct Action<nginx::quoted_word> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.word(tree.span(in.begin(), in.end()), *in.begin());
    }
};

template <>
struct Action<nginx::stuck_word> : Action<nginx::quoted_word> {};

template <>
struct Action<nginx::torn_quote> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.torn_quote(tree.span(in.begin(), in.end()));
    }
};

template <>
struct Action<nginx::unclosed_quote> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.unclosed_quote(tree.span(in.begin(), in.end()));
    }
};

template <>
struct Action<nginx::semicolon> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.semicolon(tree.span(in.begin(), in.end()));
    }
};

template <>
struct Action<nginx::open_brace> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.open_brace(tree.span(in.begin(), in.end()));
    }
};

template <>
struct Action<nginx::close_brace> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.close_brace(tree.span(in.begin(), in.end()));
    }
};

void read(TreeBuilder& tree) {
    const std::string_view text = tree.text();
    // Lazy: PEGTL counts no lines while it reads.
    pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf, const char*> in(
        text.data(), text.data() + text.size(), "");
    pegtl::parse<nginx::file, Action>(in, tree);
}

}  // namespace

SyntaxTree parse(const Sources& sources, SourceId source, Arena& arena,
                 const Environment& environment) {
    const std::string_view text = sources.text(source);
    TemplateName name = template_name(sources.path(source));
    auto how = SyntaxTree::Template::by_name;
    if (!name.tags) {
        // Tags tell more than a name: envsubst may fill in what Helm has made.
        TreeBuilder plain(text, source, arena);
        read(plain);
        if (!plain.saw_tag() && !name.placeholders) {
            const BraceFault fault = plain.brace_fault();
            if (fault.kind == BraceFault::Kind::none) return plain.finish();
            TreeBuilder mended(text, source, arena);
            mended.mend_braces(fault);
            read(mended);
            return (mended.is_balanced() ? mended : plain).finish();
        }
        if (!name.placeholders) how = SyntaxTree::Template::by_content;
        name = {plain.saw_tag(), true};
    }
    const MaskedText masked = mask(text, name);
    TreeBuilder tree(masked, source, arena, &environment);
    read(tree);
    return tree.finish_template(masked, how);
}

}  // namespace gatelint
