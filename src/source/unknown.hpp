#pragma once

#include <string_view>

namespace gatelint {

/// Stands in the text of a word for what a template leaves to be filled in: one or more of these
/// take the place of `{{ port }}`, `<%= host %>` or `${BACKEND}`. A control byte that no
/// configuration has on purpose, so that text which is put together of other text stays unknown.
inline constexpr char unknown_byte = '\x1F';

/// Whether a part of a text is unknown. It may turn out empty, to be several words, or whole
/// directives: nothing can be said of its length, of how many arguments there are, or of the value
/// of any flag or number.
inline bool is_unknown(std::string_view text) {
    return text.find(unknown_byte) != std::string_view::npos;
}

}  // namespace gatelint
