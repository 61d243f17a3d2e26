#pragma once

#include "source/sources.hpp"
#include "syntax/syntax_tree.hpp"

namespace gatelint {

/// Takes apart statements that a missing `;` or `{` ran together, by what nginx knows of its
/// directives and by the layout: a line that begins with a directive's name is a directive of its
/// own where the two together make no sense. Each place becomes an error of the tree, with nginx's
/// words for what it read; the rest of the tree is as if the sign were there.
void mend(SyntaxTree& tree, const Sources& sources, Arena& arena);

}  // namespace gatelint
