#include "surroundings/formats/ruby_values.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "source/file_reader.hpp"
#include "surroundings/formats/lines.hpp"
#include "surroundings/formats/ruby_statements.hpp"

namespace gatelint {

namespace {

constexpr int max_expression_depth = 10;
constexpr std::size_t max_text = 4096;

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    });
}

/// A whole literal of digits, which may be grouped by `_`; nothing for other text.
std::optional<std::string> number(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c == '_') continue;
        if (c < '0' || c > '9') return std::nullopt;
        digits += c;
    }
    if (digits.empty() || text.front() == '_') return std::nullopt;
    return digits;
}

/// The text of a string that is one literal without anything to compute, as a name of ENV is.
std::optional<std::string_view> plain_string(std::string_view text) {
    const bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                           text.back() == text.front();
    if (!is_quoted) return std::nullopt;
    const std::string_view inner = text.substr(1, text.size() - 2);
    if (inner.find_first_of("\\#\"'") != std::string_view::npos) return std::nullopt;
    return inner;
}

/// Conversions that leave a text as it is.
std::string_view without_conversions(std::string_view text) {
    constexpr std::array<std::string_view, 3> conversions = {".to_i", ".to_s", ".to_path"};
    for (bool changed = true; changed;) {
        changed = false;
        for (const std::string_view conversion : conversions) {
            if (!text.ends_with(conversion)) continue;
            text = trimmed(text.substr(0, text.size() - conversion.size()));
            changed = true;
        }
        if (text.starts_with('(') && text.ends_with(')')) {
            text = trimmed(text.substr(1, text.size() - 2));
            changed = true;
        }
    }
    return text;
}

}  // namespace

void RubyValues::assign(std::string_view name, std::string_view expression, bool is_certain) {
    std::optional<RubyValue>& known = variables_[std::string(name)];
    known = is_certain ? compute(expression) : std::nullopt;
}

std::optional<RubyValue> RubyValues::compute(std::string_view expression, int depth) const {
    if (depth == max_expression_depth) return std::nullopt;
    const std::string_view text = without_conversions(trimmed(expression));
    if (text.empty()) return std::nullopt;
    if (const std::optional<std::string> digits = number(text)) return RubyValue{*digits};
    if (text == "__FILE__" && !file_.empty()) return RubyValue{file_};
    if (text == "__dir__" && !file_.empty()) return RubyValue{std::string(directory_of(file_))};
    if (text == "Dir.pwd" && !environment_.working_directory.empty()) {
        return RubyValue{std::string(environment_.working_directory)};
    }
    if (is_name(text)) {
        const auto found = variables_.find(text);
        return found == variables_.end() ? std::nullopt : found->second;
    }
    if (text.front() == '"' || text.front() == '\'') return compute_string(text, depth);
    // ENV["PORT"] || 3000
    const std::size_t either = text.find("||");
    const std::string_view first = trimmed(text.substr(0, either));
    if (first.starts_with("ENV[") && first.ends_with(']')) {
        const std::optional<std::string_view> name =
            plain_string(trimmed(first.substr(4, first.size() - 5)));
        if (!name) return std::nullopt;
        return environment(*name,
                           either == std::string_view::npos
                               ? std::nullopt
                               : std::optional(text.substr(either + 2)),
                           depth);
    }
    const std::size_t open = text.find('(');
    const std::size_t close = text.find(')', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
    const std::string_view behind = trimmed(text.substr(text.rfind(')') + 1));
    const std::string_view block = behind.starts_with('{') && behind.ends_with('}')
                                       ? trimmed(behind.substr(1, behind.size() - 2))
                                       : std::string_view();
    if (block.empty() && !behind.empty()) return std::nullopt;
    return compute_call(trimmed(text.substr(0, open)),
                        text.substr(open + 1, text.rfind(')') - open - 1), block, depth);
}

std::optional<RubyValue> RubyValues::compute_string(std::string_view literal, int depth) const {
    const char quote = literal.front();
    if (literal.size() < 2 || literal.back() != quote) return std::nullopt;
    std::string_view rest = literal.substr(1, literal.size() - 2);
    RubyValue value;
    while (!rest.empty()) {
        const std::size_t special = std::min(rest.find_first_of("\\#\"'"), rest.size());
        value.text += rest.substr(0, special);
        rest.remove_prefix(special);
        if (rest.empty()) break;
        if (rest[0] == '\\' || rest[0] == quote || value.text.size() > max_text) {
            return std::nullopt;
        }
        const std::size_t end = rest.find('}');
        if (quote == '\'' || !rest.starts_with("#{") || end == std::string_view::npos) {
            value.text += rest[0];
            rest.remove_prefix(1);
            continue;
        }
        const std::optional<RubyValue> inner = compute(rest.substr(2, end - 2), depth + 1);
        if (!inner) return std::nullopt;
        value.text += inner->text;
        value.is_fallback = value.is_fallback || inner->is_fallback;
        rest.remove_prefix(end + 1);
    }
    return value;
}

std::optional<RubyValue> RubyValues::compute_call(std::string_view callee,
                                                  std::string_view arguments,
                                                  std::string_view block, int depth) const {
    const std::vector<std::string_view> list = ruby_list(arguments);
    if (callee == "ENV.fetch") {
        const std::optional<std::string_view> name =
            list.empty() ? std::nullopt : plain_string(list[0]);
        if (!name || list.size() > 2) return std::nullopt;
        const std::string_view fallback = list.size() == 2 ? list[1] : block;
        return environment(*name, fallback.empty() ? std::nullopt : std::optional(fallback), depth);
    }
    if (callee == "Integer" && list.size() == 1) return compute(list[0], depth + 1);
    RubyValue value;
    std::vector<std::string> parts;
    for (const std::string_view argument : list) {
        const std::optional<RubyValue> part = compute(argument, depth + 1);
        if (!part || part->text.size() > max_text) return std::nullopt;
        parts.push_back(part->text);
        value.is_fallback = value.is_fallback || part->is_fallback;
    }
    if (callee == "File.dirname" && parts.size() == 1) {
        value.text = directory_of(parts[0]);
        return value;
    }
    if (callee == "File.expand_path" && !parts.empty() && parts.size() <= 2) {
        const std::string base =
            parts.size() == 2 ? parts[1] : std::string(environment_.working_directory);
        if (!base.starts_with('/') || parts[0].starts_with('~')) return std::nullopt;
        value.text = absolute_path(base, parts[0]);
        return value;
    }
    if (callee == "File.join" && !parts.empty()) {
        for (const std::string& part : parts) {
            if (!value.text.empty()) value.text += '/';
            value.text += part;
            if (value.text.size() > max_text) return std::nullopt;
        }
        return value;
    }
    return std::nullopt;
}

std::optional<RubyValue> RubyValues::environment(std::string_view name,
                                                 std::optional<std::string_view> fallback,
                                                 int depth) const {
    const Value* found = environment_.find(std::string(name));
    if (found != nullptr) return RubyValue{found->text};
    if (!fallback) return std::nullopt;
    std::optional<RubyValue> value = compute(*fallback, depth + 1);
    if (value && !environment_.is_whole) value->is_fallback = true;
    return value;
}

}  // namespace gatelint
