#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "source/arena.hpp"
#include "source/span.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// One file's statements as crossplane sees them: not what they mean to nginx, but what is written.
/// Views are backed by the file's text and by the arena.
class Written {
  public:
    Written(const Sources& sources, const SyntaxTree& tree, Arena& arena)
        : text_(sources.text(tree.source())), comments_(tree.comments()), arena_(arena) {}

    /// A word without its quotes; of its escapes only that of its own quote is decoded.
    std::string_view word(const Word& word) const;

    /// The arguments; those of `if` without its parentheses, and for *_by_lua_block the block.
    std::vector<std::string_view> args(const Statement& statement) const;

    /// Where the head of the statement ends: its `{`, or the end of the whole.
    std::uint32_t head_end(const Statement& statement) const;

    /// A comment without its `#`, and without the CR before the end of its line.
    std::string_view comment(Span span) const;

  private:
    std::string_view lua(const Statement& statement) const;

    std::string_view text_;
    std::span<const Span> comments_;
    Arena& arena_;
};

/// Whether the statement's block is Lua, which crossplane takes for an argument.
bool is_lua(const Statement& statement);

}  // namespace gatelint
