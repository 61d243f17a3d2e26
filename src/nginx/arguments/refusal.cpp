#include "nginx/arguments/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

Refusal refuse(const Arguments& arguments, std::size_t which, std::string_view what,
               std::string advice) {
    return ArgumentError{fmt::format("{} \"{}\"", what, arguments.texts[which]), which,
                         std::move(advice)};
}

Refusal returned(const Arguments& arguments, std::size_t which, std::string_view what,
                 std::string advice) {
    return ArgumentError{fmt::format("\"{}\" directive {}", arguments.name(), what), which,
                         std::move(advice)};
}

Refusal incomplete(const Arguments& arguments, std::string nginx, std::string advice) {
    return ArgumentError{std::move(nginx), arguments.texts.size(), std::move(advice)};
}

bool has_variables(std::string_view text) {
    return text.find('$') != std::string_view::npos;
}

std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return {};
    return text.substr(prefix.size());
}

bool may_be_since(const Arguments& arguments, Version version) {
    return !arguments.version || version <= *arguments.version;
}

bool may_be_before(const Arguments& arguments, Version version) {
    return !arguments.version || *arguments.version < version;
}

bool is_since(const Arguments& arguments, Version version) {
    return arguments.version && version <= *arguments.version;
}

namespace {

bool is_available(const Arguments& arguments, const Parameter& parameter) {
    if (!arguments.version) return true;
    if (parameter.plus && arguments.edition != Edition::open_source) return true;
    if (*arguments.version < parameter.since) return false;
    return parameter.before == Version{} || *arguments.version < parameter.before;
}

std::string similar_to(std::string_view text, std::span<const Parameter> parameters) {
    constexpr std::size_t limit = 2;
    const std::string_view word = text.substr(0, std::min(text.find('='), text.size()));
    for (const Parameter& parameter : parameters) {
        std::string_view name = parameter.name;
        if (name.ends_with('=')) name.remove_suffix(1);
        if (word.size() > limit && edit_distance(word, name, limit) <= limit) {
            return fmt::format("did you mean {}?", parameter.name);
        }
    }
    return {};
}

/// What the value of a parameter must be, where nginx's words do not tell.
std::string kind_of(const Parameter& parameter) {
    if (parameter.fits == is_seconds) {
        return "expected a time in whole seconds: a number alone, or with the units s, m, h, d, w, "
               "M, y";
    }
    if (parameter.fits == is_time) return "expected a time with the units ms, s, m, h, d, w";
    if (parameter.fits == is_size)
        return "expected a whole number of bytes, or with the unit k or m";
    if (parameter.fits == is_offset)
        return "expected a whole number of bytes, or with the unit k, m or g";
    if (parameter.fits == is_number) return "expected a whole number";
    if (parameter.fits == is_positive_number) return "expected a whole number above 0";
    return {};
}

}  // namespace

const Parameter* find_parameter(const Arguments& arguments, std::span<const Parameter> parameters,
                                std::string_view text) {
    const auto is_it = [&](const Parameter& parameter) {
        const bool named = parameter.name.ends_with('=') ? text.starts_with(parameter.name)
                                                         : text == parameter.name;
        return named && is_available(arguments, parameter);
    };
    const auto found = std::find_if(parameters.begin(), parameters.end(), is_it);
    return found == parameters.end() ? nullptr : &*found;
}

Refusal check_parameter(const Arguments& arguments, std::size_t which,
                        std::span<const Parameter> parameters) {
    const std::string_view text = arguments.texts[which];
    const Parameter* parameter = find_parameter(arguments, parameters, text);
    if (parameter == nullptr) {
        return refuse(arguments, which, "invalid parameter", similar_to(text, parameters));
    }
    if (parameter->fits == nullptr) return {};
    if (parameter->fits(text.substr(parameter->name.size()))) return {};
    return refuse(arguments, which, parameter->what, kind_of(*parameter));
}

Refusal check_parameters(const Arguments& arguments, std::size_t first,
                         std::span<const Parameter> parameters) {
    for (std::size_t i = first; i < arguments.texts.size(); ++i) {
        if (Refusal refusal = check_parameter(arguments, i, parameters)) return refusal;
    }
    return {};
}

bool is_number(std::string_view text) {
    return parse_number(text).has_value();
}
bool is_positive_number(std::string_view text) {
    return parse_number(text).value_or(0) != 0;
}
bool is_size(std::string_view text) {
    return parse_size(text).has_value();
}
bool is_offset(std::string_view text) {
    return parse_offset(text).has_value();
}
bool is_time(std::string_view text) {
    return parse_time(text).has_value();
}
bool is_seconds(std::string_view text) {
    return parse_seconds(text).has_value();
}
bool is_on_or_off(std::string_view text) {
    return text == "on" || text == "off";
}

Refusal check_variable_name(const Arguments& arguments, std::size_t which) {
    const std::string_view name = arguments.texts[which];
    if (name.starts_with('$') && name.size() > 1) return {};
    return refuse(arguments, which, "invalid variable name", "a variable name starts with $");
}

Refusal check_zone(const Arguments& arguments, std::size_t which, std::string_view value) {
    const std::size_t colon = value.find(':');
    std::optional<std::uint64_t> size;
    if (colon != std::string_view::npos) size = parse_size(value.substr(colon + 1));
    if (!size) {
        return refuse(
            arguments, which, "invalid zone size",
            "expected zone=NAME:SIZE, with a whole number of bytes, or with the unit k or m");
    }
    if (*size >= smallest_zone) return {};
    return ArgumentError{fmt::format("zone \"{}\" is too small", arguments.texts[which]), which,
                         "it must be at least 32k"};
}

Refusal check_cache(const Arguments& arguments, std::span<const Parameter> parameters,
                    std::string_view what, std::string_view missing) {
    bool off = false;
    bool max = false;
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        const Parameter* parameter = find_parameter(arguments, parameters, text);
        if (parameter == nullptr) return refuse(arguments, i, what, similar_to(text, parameters));
        const std::string_view value = text.substr(parameter->name.size());
        if (parameter->fits != nullptr && !parameter->fits(value)) {
            return refuse(arguments, i, what, kind_of(*parameter));
        }
        off = off || text == "off";
        if (parameter->name == "max=") max = is_positive_number(value);
    }
    if (off || max) return {};
    return incomplete(arguments, std::string(missing));
}

}  // namespace gatelint
