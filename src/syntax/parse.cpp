#include <algorithm>
#include <array>
#include <tao/pegtl.hpp>
#include <utility>

#include "nginx.hpp"
#include "source/utf8.hpp"
#include "syntax/syntax_tree.hpp"

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

/// Puts the grammar's tokens together into statements, with a stack of its own for open blocks.
class TreeBuilder {
  public:
    TreeBuilder(const Sources& sources, SourceId source, Arena& arena)
        : arena_(arena), text_(sources.text(source)), source_(source) {
        tree_.source_ = source;
        check_bytes();
    }

    /// What the grammar reads: all but a byte order mark, which has had its error.
    std::string_view text() const { return text_.substr(has_mark() ? mark.size() : 0); }

    /// The place of bytes of the text.
    Span span(const char* begin, const char* end) const {
        return {source_, static_cast<std::uint32_t>(begin - text_.data()),
                static_cast<std::uint32_t>(end - text_.data())};
    }

    bool opens_lua() const { return opens_lua_; }
    bool gives_up() const { return gives_up_; }

    void comment(Span span) {
        check_length(span, 0);
        tree_.comments_.push_back(span);
    }

    void word(Span span, char quote) {
        const std::uint32_t quotes = quote == '\0' ? 0 : 1;
        const std::string_view raw =
            text_.substr(span.begin + quotes, span.end - span.begin - 2 * quotes);
        check_length(span, quotes);
        const bool escaped = raw.find('\\') != std::string_view::npos;
        words_.push_back({escaped ? arena_.copy(decode(raw)) : raw, span, quote});
        if (quote != '\0') check_after_quote(span);
    }

    void unclosed_quote(Span span) {
        const char quote = text_[span.begin];
        const bool overflows = text_.size() - span.begin - 1 > buffer_size;
        error(
            {"this quote is never closed",
             {source_, span.begin, span.begin + 1},
             overflows ? too_long_quoted(span) : "unexpected end of file, expecting \";\" or \"}\"",
             {},
             {}});
        quote_is_open_ = true;
        words_.push_back({text_.substr(span.begin + 1, span.end - span.begin - 1), span, quote});
    }

    void semicolon(Span span) {
        if (words_.empty()) {
            error({"nothing stands before this \";\"", span, "unexpected \";\"", {}, {}});
            return;
        }
        finish_statement(span.end);
    }

    void open_brace(Span span) {
        if (words_.empty()) {
            error({"nothing stands before this \"{\"", span, "unexpected \"{\"", {}, {}});
            words_.push_back({{}, span, '\0'});  // a block without a name, so that braces match
        }
        if (open_.size() == max_depth) {
            error({"blocks are nested more than 256 deep; the rest of the file is not read",
                   span,
                   {},
                   {},
                   {}});
            gives_up_ = true;
        }
        open_.push_back({take_statement(), done_.size(), span});
        opens_lua_ = open_.back().statement.name.text.ends_with("_by_lua_block");
    }

    void close_brace(Span span) {
        if (!words_.empty()) {
            missing_semicolon("unexpected \"}\"", span);
            finish_statement(words_.back().span.end);
        }
        if (open_.empty()) {
            error({"this \"}\" closes nothing", span, "unexpected \"}\"", {}, {}});
            return;
        }
        close_block(span.end);
    }

    SyntaxTree finish() {
        const auto end = static_cast<std::uint32_t>(text_.size());
        if (!gives_up_ && !quote_is_open_) check_end(end);
        if (!words_.empty()) finish_statement(end);
        while (!open_.empty()) close_block(end);
        tree_.statements_ = arena_.copy(std::span<const Statement>(done_));
        return std::move(tree_);
    }

  private:
    struct Open {
        Statement statement;
        std::size_t first_child;  ///< in done_
        Span brace;
    };

    bool has_mark() const { return text_.starts_with(mark); }

    /// Bytes that no configuration has on purpose, and that editors do not show.
    void check_bytes() {
        if (has_mark()) {
            error(
                {"the file begins with a byte order mark, which nginx takes for a part of the "
                 "first "
                 "word",
                 {source_, 0, static_cast<std::uint32_t>(mark.size())},
                 "unknown directive \"\\xEF\\xBB\\xBF...\"",
                 {},
                 {}});
        }
        const std::size_t nul = text_.find('\0');
        if (nul == std::string_view::npos) return;
        const auto at = static_cast<std::uint32_t>(nul);
        error({"here is a NUL byte: the file is no text, or a damaged one",
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

    void check_length(Span span, std::uint32_t quotes) {
        if (fits_buffer(span, quotes)) return;
        const bool is_comment = quotes == 0 && text_[span.begin] == '#';
        const bool is_open = span.end - span.begin - 2 * quotes >= buffer_size && quotes != 0;
        error({std::string("this ") + (is_comment ? "comment" : "word") +
                   " is too long: nginx reads through a buffer of 4096 bytes",
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
        return std::string("too long parameter, probably missing terminating \"") +
               text_[span.begin] + "\" character";
    }

    /// After a closing quote nginx wants white space, `;`, `{` or `)`; the last is for `if`.
    void check_after_quote(Span span) {
        if (span.end == text_.size()) return;
        const char next = text_[span.end];
        if (is_blank(next) || next == ';' || next == '{' || next == ')' || next == '}') return;
        error({"white space or \";\" is missing after this quote",
               {source_, span.end, span.end + 1},
               std::string("unexpected \"") + next + "\"",
               {source_, span.begin, span.begin + 1},
               "the quoted word begins here"});
    }

    void missing_semicolon(std::string nginx, Span where) {
        if (quote_is_open_) return;  // it swallowed the semicolon
        // What cannot be seen misses no semicolon; the rule invisible-characters says what it is.
        if (words_.size() == 1 && is_all_invisible(words_.front().text)) return;
        const Word& last = words_.back();
        const std::string name(words_.front().text);
        error({"\";\" is missing after \"" + name + "\"",
               {source_, last.span.end, last.span.end},
               std::move(nginx),
               where,
               "nginx stops here"});
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
        words_.clear();
        return statement;
    }

    void finish_statement(std::uint32_t end) {
        done_.push_back(take_statement());
        done_.back().span.end = end;
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
struct Action<nginx::quoted_word> {
    template <typename Input>
    static void apply(const Input& in, TreeBuilder& tree) {
        tree.word(tree.span(in.begin(), in.end()), *in.begin());
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

}  // namespace

SyntaxTree parse(const Sources& sources, SourceId source, Arena& arena) {
    TreeBuilder tree(sources, source, arena);
    const std::string_view text = tree.text();
    // Lazy: PEGTL counts no lines while it reads.
    pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf, const char*> in(
        text.data(), text.data() + text.size(), "");
    pegtl::parse<nginx::file, Action>(in, tree);
    return tree.finish();
}

}  // namespace gatelint
