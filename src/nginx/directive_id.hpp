#pragma once

#include <cstddef>
#include <optional>
#include <span>
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

/// All entries of nginx's command tables under this name; none for `unknown`.
std::span<const DirectiveForm> forms_of(DirectiveId id);

/// Whether the form takes this many arguments (ngx_conf_handler).
constexpr bool takes(const DirectiveForm& form, std::size_t arguments) {
    constexpr std::size_t beyond = 8;
    return (form.arity >> (arguments < beyond ? arguments : beyond) & 1U) != 0;
}

/// Whether a version of nginx has the form; an unknown version may.
constexpr bool is_in(const DirectiveForm& form, const std::optional<Version>& version) {
    if (!version) return true;
    return form.since <= *version && (form.before == Version{} || *version < form.before);
}

/// What an enumeration or a bit mask allows.
std::span<const DirectiveValue> values_of(const DirectiveForm& form);

/// In which context the block of a directive stands, which itself stands in `outer`; in_unknown
/// where nginx has no such block.
Contexts context_inside(DirectiveId id, Contexts outer);

/// Whether `context` belongs to http, stream or mail.
constexpr bool is_http(Contexts context) {
    return (context & (in_http | in_server | in_location | in_upstream | in_if_in_server |
                       in_if_in_location | in_limit_except)) != 0;
}
constexpr bool is_stream(Contexts context) {
    return (context & (in_stream | in_stream_server | in_stream_upstream)) != 0;
}
constexpr bool is_mail(Contexts context) {
    return (context & (in_mail | in_mail_server)) != 0;
}

}  // namespace gatelint
