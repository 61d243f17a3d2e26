#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "finding/finding.hpp"

namespace gatelint {

/// `text`, the text of `source`, after those of the edits that concern it. Edits may come in any
/// order; of two that overlap, the one that begins first wins and the other is left out. Equal
/// edits (two findings that want the same line) are applied once.
std::string apply_edits(std::string_view text, SourceId source, std::vector<Edit> edits);

}  // namespace gatelint
