#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nginx/directive_id.hpp"
#include "source/sources.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// The blocks that must surround a file whose top level holds `statements`, outermost first: none
/// for a main configuration, `http` for a file of servers, `http server` for locations. Decided by
/// where nginx allows the directives that it knows; nothing where it knows none of them.
std::optional<std::vector<DirectiveId>> infer_context(std::span<const Statement> statements);

/// The blocks that a person names, outermost first: `http,server`. The usual ones around the first
/// may be left out (`server`), and `main` is none. Nothing if nginx has no such place.
std::optional<std::vector<DirectiveId>> parse_context(std::string_view text);

/// The names that parse_context() takes, for a message.
std::string context_names();

/// What a comment before the first directive says: `# gatelint: context=http,server`.
struct WrittenContext {
    std::string_view text;                           ///< after the `=`; backed by the sources
    std::optional<std::vector<DirectiveId>> blocks;  ///< nothing if it cannot be understood
};
std::optional<WrittenContext> written_context(const SyntaxTree& tree, const Sources& sources);

/// Whether a file of this name and content is a whole configuration, and no part of another.
bool is_main_file(std::string_view path, std::span<const Statement> statements);

}  // namespace gatelint
