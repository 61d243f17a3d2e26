#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nginx/directive_id.hpp"

namespace gatelint {

/// Why nginx refuses a directive whose place and number of arguments are right.
struct ArgumentError {
    std::string nginx;     ///< nginx's words
    std::size_t argument;  ///< which one, from 0
    std::string advice{};  ///< what would do, if that is not plain from nginx's words
};

/// The arguments of one directive, as its setter in nginx gets them.
struct Arguments {
    const DirectiveForm& form;
    std::span<const std::string_view> texts;
    Contexts context = in_unknown;     ///< in which the directive stands
    std::optional<Version> version{};  ///< of nginx; an unknown one allows what any allows
    std::optional<Edition> edition{};  ///< open_source or plus

    std::string_view name() const { return name_of(form.id); }
};

/// Whether check_arguments() knows of anything that the form may refuse.
bool has_checks(const DirectiveForm& form);

/// What the directive's setter refuses in its arguments: the common ones by ValueKind
/// (ngx_conf_set_flag_slot and its like in ngx_conf_file.c), the others by code of their own.
/// Nothing where nginx accepts them or gatelint does not know what nginx does.
std::optional<ArgumentError> check_arguments(const Arguments& arguments);

}  // namespace gatelint
