#pragma once

#include <optional>
#include <span>
#include <vector>

#include "nginx/directive_id.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// The blocks that must surround a file whose top level holds `statements`, outermost first: none
/// for a main configuration, `http` for a file of servers, `http server` for locations. Decided by
/// where nginx allows the directives that it knows; nothing where it knows none of them.
std::optional<std::vector<DirectiveId>> infer_context(std::span<const Statement> statements);

}  // namespace gatelint
