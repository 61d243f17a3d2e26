#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/arena.hpp"
#include "source/environment.hpp"
#include "source/marks.hpp"
#include "source/sources.hpp"
#include "source/span.hpp"

namespace gatelint {

/// One word of a directive.
struct Word {
    std::string_view text;     ///< as nginx sees it: without its quotes, escapes decoded
    Span span;                 ///< as it is written: with its quotes
    char quote = '\0';         ///< `"`, `'`, or NUL for a bare word
    Marks marks = {};          ///< of the text
    bool begins_line = false;  ///< a bare argument that only blanks stand before on its line

    /// A template leaves it, or a part of it, to be filled in: the text holds `unknown_byte`s, and
    /// the word may turn out to be none or several.
    bool is_unknown() const { return marks.has(Marks::unknown); }
};

/// What a file says: a name, arguments, and perhaps a block. nginx's language has this one
/// construct, so the tree has one kind of node.
struct Statement {
    Word name;
    std::span<const Word> args;
    std::span<const Statement> block;
    Span span;  ///< to the end of its `;` or `}`
    bool has_block = false;
    bool is_damaged = false;    ///< there is a syntax error among its words, which may be others
    bool is_continued = false;  ///< an argument of it begins a line (Word::begins_line)
    Marks marks = {};           ///< of all its words; an underscore in its name is left out

    /// Name and arguments, without the block and the `;`.
    Span head() const { return cover(name.span, args.empty() ? name.span : args.back().span); }

    /// Whether any word of it is unknown, and with it how many words it has.
    bool has_unknown() const { return marks.has(Marks::unknown); }

    /// To be called when its words are in place.
    void note_marks() {
        marks = name.marks.without(Marks::underscore);
        is_continued = false;
        for (const Word& word : args) {
            marks |= word.marks;
            is_continued = is_continued || word.begins_line;
        }
    }
};

/// Where the text leaves nginx's grammar. What could be read around it is in the tree.
struct SyntaxError {
    std::string message;
    Span span;
    std::string nginx;  ///< nginx's own words for it, without file and line
    Span related;       ///< the other half, such as the brace that nothing closes; may be unknown
    std::string related_message;
};

/// One file as it is written, includes unopened. Views point into the text and into the arena that
/// it was read into.
class SyntaxTree {
  public:
    SyntaxTree() = default;
    /// Of a file that is not read yet.
    explicit SyntaxTree(SourceId source) : source_(source) {}

    SourceId source() const { return source_; }
    std::span<const Statement> statements() const { return statements_; }
    std::span<const Span> comments() const { return comments_; }
    std::span<const SyntaxError> errors() const { return errors_; }

    /// Whether there is a Statement::is_continued, at any depth.
    bool has_continued_statements() const { return has_continued_statements_; }

    /// Puts others in the place of the statements, and says what was wrong with those.
    void replace(std::span<const Statement> statements, std::vector<SyntaxError> errors) {
        statements_ = statements;
        std::move(errors.begin(), errors.end(), std::back_inserter(errors_));
    }

    /// Whether some program fills the text in before nginx reads it.
    enum class Template : std::uint8_t {
        no,
        by_name,     ///< its name tells (TemplateName), tags or not
        by_content,  ///< it has tags that nginx refuses, and a name like any configuration
    };
    Template is_template() const { return template_; }

    /// It has conditions, loops or blocks of a template's language: all that they hold is in the
    /// tree side by side, though it may never stand together, or not at all, or many times.
    bool has_alternatives() const { return has_alternatives_; }

    /// A template whose statements cannot be told before it is filled in, as one branch opens a
    /// brace that another closes: where that shows. The tree is then empty.
    Span unreadable() const { return unreadable_; }

    /// The first tag that nginx would stumble over, if there is one.
    Span first_tag() const { return first_tag_; }

  private:
    friend class TreeBuilder;

    SourceId source_ = SourceId::none;
    std::span<const Statement> statements_;
    std::vector<Span> comments_;
    std::vector<SyntaxError> errors_;
    Template template_ = Template::no;
    bool has_alternatives_ = false;
    bool has_continued_statements_ = false;
    Span unreadable_;
    Span first_tag_;
};

/// Reads a text as nginx reads it (ngx_conf_parse, ngx_conf_read_token). Never fails: errors are
/// in the tree, beside all that could be read. Nesting beyond 256 blocks and more than 50 errors
/// in one file are errors of their own, after which the rest is not read. The tree lives in
/// `arena`, which many trees may share.
///
/// A template is recognised by its name or its content and read as far as it can be: placeholders
/// have the values of `environment` or are unknown (Word::is_unknown), tags are blotted out (mask).
SyntaxTree parse(const Sources& sources, SourceId source, Arena& arena,
                 const Environment& environment = {});

}  // namespace gatelint
