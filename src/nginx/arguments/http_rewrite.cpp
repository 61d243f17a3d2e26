#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "nginx/arguments/checks.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

constexpr std::string_view condition_advice =
    "expected ($variable), ($variable OPERATOR value) or (-f path); && and || are not supported";
constexpr std::string_view operator_advice = "expected one of the operators = != ~ ~* !~ !~*";

Refusal refuse_condition(std::string_view word, std::size_t which) {
    return ArgumentError{fmt::format("invalid condition \"{}\"", word), which,
                         std::string(condition_advice)};
}

bool is_comparison(std::string_view word) {
    constexpr std::array<std::string_view, 6> known = {"=", "!=", "~", "~*", "!~", "!~*"};
    return std::find(known.begin(), known.end(), word) != known.end();
}

bool is_file_test(std::string_view word) {
    constexpr std::array<std::string_view, 8> known = {"-f",  "-d",  "-e",  "-x",
                                                       "!-f", "!-d", "!-e", "!-x"};
    return std::find(known.begin(), known.end(), word) != known.end();
}

/// What stands between the parentheses, word by word.
struct Condition {
    std::vector<std::string_view> words;
    std::size_t first = 0;  ///< which argument its first word is
};

Refusal check_condition(const Condition& condition) {
    const auto& words = condition.words;
    const std::size_t first = condition.first;
    if (words[0].size() > 1 && words[0].starts_with('$')) {
        if (words.size() != 1 && words.size() != 3) {
            return refuse_condition(words[0], first);
        }
        if (words.size() == 1 || is_comparison(words[1])) return {};
        return ArgumentError{fmt::format("unexpected \"{}\" in condition", words[1]), first + 1,
                             std::string(operator_advice)};
    }
    if (words.size() == 2 && is_file_test(words[0])) return {};
    return refuse_condition(words[0], first);
}

/// ngx_http_rewrite_if_condition()
Refusal check_if(const Arguments& arguments) {
    Condition condition;
    auto& words = condition.words;
    words.assign(arguments.texts.begin(), arguments.texts.end());
    const std::size_t last = words.size() - 1;
    if (!words[0].starts_with('(')) return refuse_condition(words[0], 0);
    if (words[0].size() == 1) {
        condition.first = 1;
    } else {
        words[0].remove_prefix(1);
    }
    if (!words[last].ends_with(')')) return refuse_condition(words[last], last);
    // nginx looks at the first word even where nothing is between the parentheses.
    const bool empty = condition.first >= last && words[last].size() == 1;
    if (empty) return refuse_condition(")", last);
    if (words[last].size() == 1) {
        words.pop_back();
    } else {
        words[last].remove_suffix(1);
    }
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(condition.first));
    return check_condition(condition);
}

/// ngx_http_rewrite_return()
Refusal check_return(const Arguments& arguments) {
    constexpr std::uint64_t highest = 999;
    const std::string_view text = arguments.texts[0];
    const auto code = parse_number(text);
    if (code && *code <= highest) return {};
    const bool redirects =
        text.starts_with("http://") || text.starts_with("https://") || text.starts_with("$scheme");
    if (!code && redirects && arguments.texts.size() == 1) return {};
    return refuse(arguments, 0, "invalid return code",
                  code || arguments.texts.size() > 1
                      ? "expected a status code, then a text or a URL"
                      : "a URL without a status code must start with http://, https:// or $scheme");
}

/// ngx_http_rewrite()
Refusal check_rewrite(const Arguments& arguments) {
    if (arguments.texts[1].empty() && !may_be_before(arguments, {1, 17, 7})) {
        return ArgumentError{"empty replacement", 1};
    }
    if (arguments.texts.size() < 3) return {};
    constexpr auto flags =
        std::to_array<Parameter>({{"last"}, {"break"}, {"redirect"}, {"permanent"}});
    return check_parameter(arguments, 2, flags);
}

Refusal check_set(const Arguments& arguments) {
    return check_variable_name(arguments, 0);
}

}  // namespace

std::span<const ArgumentCheck> http_rewrite_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {if_, in_any_context, check_if},
        {return_, in_any_http, check_return},
        {rewrite, in_any_context, check_rewrite},
        {set, in_any_context, check_set},
    });
    return checks;
}

}  // namespace gatelint
