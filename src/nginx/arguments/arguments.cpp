#include "nginx/arguments/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "nginx/arguments/checks.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

using Error = std::optional<ArgumentError>;

/// What a setter returns is printed behind the directive's name (ngx_conf_handler).
ArgumentError says(const Arguments& arguments, std::string_view what, std::size_t which,
                   std::string advice) {
    return {fmt::format("\"{}\" directive {}", arguments.name(), what), which, std::move(advice)};
}

Error check_flag(const Arguments& arguments) {
    const std::string_view value = arguments.texts[0];
    if (equals_ignoring_case(value, "on") || equals_ignoring_case(value, "off")) return {};
    return ArgumentError{
        fmt::format("invalid value \"{}\" in \"{}\" directive, it must be \"on\" or \"off\"", value,
                    arguments.name()),
        0};
}

Error check_number(const Arguments& arguments) {
    if (parse_number(arguments.texts[0])) return {};
    return says(arguments, "invalid number", 0, "expected a whole number without a unit");
}

Error check_size(const Arguments& arguments) {
    if (parse_size(arguments.texts[0])) return {};
    return says(arguments, "invalid value", 0,
                "expected a size: a whole number of bytes, or with the unit k or m");
}

Error check_offset(const Arguments& arguments) {
    if (parse_offset(arguments.texts[0])) return {};
    return says(arguments, "invalid value", 0,
                "expected a size: a whole number of bytes, or with the unit k, m or g");
}

constexpr std::string_view time_advice =
    "expected a time: a whole number of seconds, or with the units ms, s, m, h, d, w";

Error check_time(const Arguments& arguments) {
    if (parse_time(arguments.texts[0])) return {};
    return says(arguments, "invalid value", 0, std::string(time_advice));
}

Error check_seconds(const Arguments& arguments) {
    if (parse_seconds(arguments.texts[0])) return {};
    return says(
        arguments, "invalid value", 0,
        "expected a time: a whole number of seconds, or with the units s, m, h, d, w, M, y");
}

Error check_buffers(const Arguments& arguments) {
    const auto count = parse_number(arguments.texts[0]);
    if (!count || *count == 0) {
        return says(arguments, "invalid value", 0, "the number of buffers comes first");
    }
    const auto size = parse_size(arguments.texts[1]);
    if (size && *size != 0) return {};
    return says(arguments, "invalid value", 1,
                "expected a size: a whole number of bytes, or with the unit k or m");
}

bool is_value(const DirectiveValue& value, std::string_view text,
              const std::optional<Version>& version) {
    return equals_ignoring_case(value.text, text) && (!version || value.since <= *version);
}

/// The values that are allowed, as advice.
std::string one_of(const Arguments& arguments) {
    std::string list;
    for (const DirectiveValue& value : values_of(arguments.form)) {
        if (arguments.version && *arguments.version < value.since) continue;
        if (!list.empty()) list += ", ";
        list += value.text;
    }
    return "expected one of: " + list;
}

Error check_values(const Arguments& arguments, std::size_t count) {
    const auto values = values_of(arguments.form);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view text = arguments.texts[i];
        const bool known = std::any_of(
            values.begin(), values.end(),
            [&](const DirectiveValue& value) { return is_value(value, text, arguments.version); });
        if (known) continue;
        return ArgumentError{fmt::format("invalid value \"{}\"", text), i, one_of(arguments)};
    }
    return {};
}

/// Whether the version reads a flag where later ones have an enumeration.
bool is_still_flag(const Arguments& arguments) {
    constexpr Version with_v2{1, 31, 4};
    return arguments.form.id == DirectiveId::proxy_protocol && arguments.version &&
           *arguments.version < with_v2;
}

/// ngx_conf_set_access_slot()
Error check_access(const Arguments& arguments) {
    constexpr std::array<std::string_view, 3> who = {"user:", "group:", "all:"};
    for (std::size_t i = 0; i < arguments.texts.size(); ++i) {
        const std::string_view text = arguments.texts[i];
        const bool fits = std::any_of(who.begin(), who.end(), [&](std::string_view prefix) {
            if (!text.starts_with(prefix)) return false;
            const std::string_view right = text.substr(prefix.size());
            return right == "r" || right == "rw";
        });
        if (!fits) {
            return ArgumentError{fmt::format("invalid value \"{}\"", text), i,
                                 "expected permissions such as user:rw, group:r or all:r"};
        }
    }
    return {};
}

/// ngx_conf_set_path_slot(): a path and up to three levels of folders below it.
Error check_path(const Arguments& arguments) {
    std::uint64_t length = 0;
    for (std::size_t i = 1; i < arguments.texts.size(); ++i) {
        const auto level = parse_number(arguments.texts[i]);
        if (!level || *level == 0) return says(arguments, "invalid value", i, "");
        length += *level + 1;
    }
    const std::size_t levels = arguments.texts.size() - 1;
    if (length > 10 + levels) return says(arguments, "invalid value", 1, "");
    return {};
}

Error check_kind(const Arguments& arguments) {
    switch (arguments.form.kind) {
        case ValueKind::custom:
            return {};
        case ValueKind::flag:
            return check_flag(arguments);
        case ValueKind::number:
            return check_number(arguments);
        case ValueKind::size:
            return check_size(arguments);
        case ValueKind::offset:
            return check_offset(arguments);
        case ValueKind::time:
            return check_time(arguments);
        case ValueKind::seconds:
            return check_seconds(arguments);
        case ValueKind::enumeration:
            return is_still_flag(arguments) ? check_flag(arguments) : check_values(arguments, 1);
        case ValueKind::bitmask:
            return check_values(arguments, arguments.texts.size());
        case ValueKind::buffers:
            return check_buffers(arguments);
        case ValueKind::access:
            return check_access(arguments);
        case ValueKind::path:
            return check_path(arguments);
    }
    return {};
}

/// The code of the directives' own, by id.
class Checks {
  public:
    Checks() {
        for (const auto list : {bounds_checks(), core_checks(), event_checks(), http_core_checks(),
                                http_filter_checks(), http_limit_checks(), http_listen_checks(),
                                http_log_checks(), http_proxying_checks(), http_rewrite_checks(),
                                http_upstream_checks(), mail_checks(), stream_checks()}) {
            all_.insert(all_.end(), list.begin(), list.end());
        }
        std::stable_sort(
            all_.begin(), all_.end(),
            [](const ArgumentCheck& a, const ArgumentCheck& b) { return a.id < b.id; });
        first_.assign(all_directive_names().size() + 2, 0);
        for (const ArgumentCheck& check : all_) ++first_[static_cast<std::size_t>(check.id) + 1];
        for (std::size_t id = 1; id < first_.size(); ++id) first_[id] += first_[id - 1];
    }

    std::span<const ArgumentCheck> of(DirectiveId id) const {
        const auto which = static_cast<std::size_t>(id);
        return std::span(all_).subspan(first_[which], first_[which + 1] - first_[which]);
    }

  private:
    std::vector<ArgumentCheck> all_;
    std::vector<std::size_t> first_;  ///< by id: in all_; one more at the end
};

std::span<const ArgumentCheck> checks_of(DirectiveId id) {
    static const Checks checks;
    return checks.of(id);
}

}  // namespace

bool has_checks(const DirectiveForm& form) {
    return form.kind != ValueKind::custom || !checks_of(form.id).empty();
}

std::optional<ArgumentError> check_arguments(const Arguments& arguments) {
    if (Error error = check_kind(arguments)) return error;
    for (const ArgumentCheck& check : checks_of(arguments.form.id)) {
        if ((check.contexts & arguments.context) == 0) continue;
        if (Error error = check.check(arguments)) return error;
    }
    return {};
}

}  // namespace gatelint
