#pragma once

#include <string_view>
#include <vector>

#include "source/span.hpp"

namespace gatelint {

/// The lines of a text, blanks around them removed; empty ones too. Views point into it, as those
/// of all functions here.
std::vector<std::string_view> lines_of(std::string_view text);

/// Without blanks (spaces, tabs, CR) around it.
std::string_view trimmed(std::string_view text);

/// What stands between blanks.
std::vector<std::string_view> words_of(std::string_view line);

/// Where `part`, a view into `text`, stands.
Span span_in(std::string_view text, std::string_view part, SourceId source);

}  // namespace gatelint
