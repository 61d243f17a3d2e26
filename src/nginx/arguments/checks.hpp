#pragma once

#include <span>

#include "nginx/arguments/arguments.hpp"

namespace gatelint {

/// Code of a directive's own that looks at its arguments, after what ValueKind says of them. Only
/// what the arguments alone decide: what other directives say is for the rules.
struct ArgumentCheck {
    DirectiveId id;
    std::uint16_t contexts;  ///< those of the form that it concerns
    std::optional<ArgumentError> (*check)(const Arguments&);
};

inline constexpr std::uint16_t in_any_context = 0xffff;

/// One list for each file of this folder, as nginx's modules fall into groups.
std::span<const ArgumentCheck> bounds_checks();

}  // namespace gatelint
