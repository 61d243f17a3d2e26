#pragma once

#include <string_view>

#include "nginx/directives.hpp"

namespace gatelint {

/// The id of a directive's name, compared case-sensitively as nginx does; `unknown` for all others.
DirectiveId directive_id(std::string_view name);

inline std::string_view name_of(DirectiveId id) {
    return directive_table[static_cast<std::size_t>(id)].name;
}

/// The contexts in which the directive may stand; none for `unknown`.
inline std::uint16_t contexts_of(DirectiveId id) {
    return directive_table[static_cast<std::size_t>(id)].contexts;
}

/// Whether the lines of the directive's block are data and not directives.
bool holds_rows(DirectiveId id);

}  // namespace gatelint
