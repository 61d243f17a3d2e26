#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nginx/arguments/arguments.hpp"

namespace gatelint {

/// What a check has to say; nothing where nginx accepts.
using Refusal = std::optional<ArgumentError>;

/// `WHAT "ARGUMENT"`, as nginx's setters log.
Refusal refuse(const Arguments& arguments, std::size_t which, std::string_view what,
               std::string advice = {});

/// `"DIRECTIVE" directive WHAT`: what a setter returns is logged by ngx_conf_handler().
Refusal returned(const Arguments& arguments, std::size_t which, std::string_view what,
                 std::string advice = {});

/// About no argument in particular: something is missing.
Refusal incomplete(const Arguments& arguments, std::string nginx, std::string advice = {});

/// ngx_http_script_variables_count(): whether nginx finds out at run time what the value is.
bool has_variables(std::string_view text);

/// What follows the prefix; nothing if the text starts otherwise.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix);

/// Whether the version is unknown or at least, or below, the given one.
bool may_be_since(const Arguments& arguments, Version version);
bool may_be_before(const Arguments& arguments, Version version);

/// Whether the version is known and at least the given one.
bool is_since(const Arguments& arguments, Version version);

/// Before which nginx itself had none of the things that are nginx Plus's alone.
inline constexpr Version never{0, 0, 1};

/// One of the parameters that a directive takes in any order.
struct Parameter {
    std::string_view name;  ///< the word, or what precedes the value with its `=`
    bool (*fits)(std::string_view) = nullptr;     ///< what the value must be; null: anything
    std::string_view what = "invalid parameter";  ///< what nginx says of another
    Version since{};
    Version before{};   ///< the first version that has it no more
    bool plus = false;  ///< nginx Plus has it, in any version
};

/// The parameter that `text` is, or null.
const Parameter* find_parameter(const Arguments& arguments, std::span<const Parameter> parameters,
                                std::string_view text);

/// Judges one argument by the list of all that the directive takes.
Refusal check_parameter(const Arguments& arguments, std::size_t which,
                        std::span<const Parameter> parameters);

/// Judges all arguments from `first` on.
Refusal check_parameters(const Arguments& arguments, std::size_t first,
                         std::span<const Parameter> parameters);

/// What the values of parameters are.
bool is_number(std::string_view text);
bool is_positive_number(std::string_view text);
bool is_size(std::string_view text);
bool is_offset(std::string_view text);
bool is_time(std::string_view text);
bool is_seconds(std::string_view text);
bool is_on_or_off(std::string_view text);

/// `"DIRECTIVE" directive invalid value` for an argument that is not what it must be.
template <bool (*Fits)(std::string_view)>
Refusal check_value(const Arguments& arguments) {
    if (Fits(arguments.texts[0])) return {};
    return returned(arguments, 0, "invalid value");
}

/// The head of `map` and of other directives that define a variable: its name has a `$`.
Refusal check_variable_name(const Arguments& arguments, std::size_t which);

/// The smallest zone that nginx takes: eight pages, and no page is smaller than this one.
inline constexpr std::uint64_t smallest_zone = 8 * 4096;

/// `NAME:SIZE`, the value of `zone=` (limit_req_zone, limit_conn_zone); the whole argument is
/// quoted.
Refusal check_zone(const Arguments& arguments, std::size_t which, std::string_view value);

/// `max=N [inactive=T] [valid=T] | off` of open_file_cache and its like: `what` is said of all that
/// is no parameter of the list, `missing` where no `max=` is.
Refusal check_cache(const Arguments& arguments, std::span<const Parameter> parameters,
                    std::string_view what, std::string_view missing);

}  // namespace gatelint
