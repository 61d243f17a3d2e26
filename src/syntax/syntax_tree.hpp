#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/arena.hpp"
#include "source/sources.hpp"
#include "source/span.hpp"

namespace gatelint {

/// One word of a directive.
struct Word {
    std::string_view text;  ///< as nginx sees it: without its quotes, escapes decoded
    Span span;              ///< as it is written: with its quotes
    char quote = '\0';      ///< `"`, `'`, or NUL for a bare word
};

/// What a file says: a name, arguments, and perhaps a block. nginx's language has this one
/// construct, so the tree has one kind of node.
struct Statement {
    Word name;
    std::span<const Word> args;
    std::span<const Statement> block;
    Span span;  ///< to the end of its `;` or `}`
    bool has_block = false;

    /// Name and arguments, without the block and the `;`.
    Span head() const { return cover(name.span, args.empty() ? name.span : args.back().span); }
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
    SourceId source() const { return source_; }
    std::span<const Statement> statements() const { return statements_; }
    std::span<const Span> comments() const { return comments_; }
    std::span<const SyntaxError> errors() const { return errors_; }

  private:
    friend class TreeBuilder;

    SourceId source_ = SourceId::none;
    std::span<const Statement> statements_;
    std::vector<Span> comments_;
    std::vector<SyntaxError> errors_;
};

/// Reads a text as nginx reads it (ngx_conf_parse, ngx_conf_read_token). Never fails: errors are
/// in the tree, beside all that could be read. Nesting beyond 256 blocks and more than 50 errors
/// in one file are errors of their own, after which the rest is not read. The tree lives in
/// `arena`, which many trees may share.
SyntaxTree parse(const Sources& sources, SourceId source, Arena& arena);

}  // namespace gatelint
