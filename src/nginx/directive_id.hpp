#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "nginx/generated/directives.hpp"
#include "nginx/version.hpp"

namespace gatelint {

/// Which of nginx's setters reads a directive's arguments; `custom` is code of the directive's own.
enum class ValueKind : std::uint8_t {
    custom,
    flag,
    number,
    size,
    offset,
    time,
    seconds,
    enumeration,
    bitmask,
    buffers,
    access,
    path,
};

/// Who has a directive: nginx, nginx Plus, or a module that nginx's documentation has too.
enum class Edition : std::uint8_t { open_source, plus, module };

/// One entry of nginx's command tables (ngx_command_t). A name may have several: `server` is a
/// block of http, of stream and of mail, and a member of a group.
struct DirectiveForm {
    DirectiveId id = DirectiveId::unknown;
    std::uint16_t contexts = 0;
    std::uint16_t arity = 0;  ///< bit n: n arguments are taken; bit 8: any number beyond seven
    ValueKind kind = ValueKind::custom;
    Edition edition = Edition::open_source;
    bool block = false;
    bool duplicate_is_error = false;  ///< a second one in the same block is refused
    std::uint16_t first_value = 0;    ///< of what an enumeration or a bit mask allows
    std::uint16_t value_count = 0;
    Version since{};   ///< the first version that has this form
    Version before{};  ///< the first that has it no more; zero if there is none
    std::string_view module;
};

/// A value of an enumeration or a bit mask.
struct DirectiveValue {
    std::string_view text;
    Version since{};
};

/// A name, and what it can be.
struct DirectiveName {
    std::string_view name;
    std::uint16_t contexts;  ///< of all forms together
    std::uint16_t first_form;
};

/// All names that have an id, sorted.
std::span<const DirectiveName> all_directive_names();

/// Whether a well-known module that nginx's documentation does not have, such as lua or brotli,
/// has a directive of this name.
bool is_of_other_module(std::string_view name);

/// The id of a directive's name, compared case-sensitively as nginx does; `unknown` for all others.
DirectiveId directive_id(std::string_view name);

std::string_view name_of(DirectiveId id);

/// The contexts in which the directive may stand; none for `unknown`.
std::uint16_t contexts_of(DirectiveId id);

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
