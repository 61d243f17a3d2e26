#include "surroundings/formats/interpolation.hpp"

#include <algorithm>
#include <utility>

#include "source/text.hpp"
#include "source/unknown.hpp"

namespace gatelint {

namespace {

constexpr int max_nesting = 20;
/// Longer ones are no variables; looking for their ends would take too long.
constexpr std::size_t max_variable_size = 1024;
constexpr std::size_t max_value_size = 16 * 1024;

bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

/// Where the brace that was opened before `begin` is closed, or npos.
std::size_t closing_brace(std::string_view text, std::size_t begin) {
    int open = 1;
    const std::size_t end = std::min(text.size(), begin + max_variable_size);
    for (std::size_t at = begin; at < end; ++at) {
        if (text[at] == '}' && --open == 0) return at;
        if (text[at] == '$' && at + 1 < end && text[at + 1] == '{') ++open;
    }
    return std::string_view::npos;
}

}  // namespace

std::size_t variable_name_size(std::string_view text) {
    if (text.empty() || !is_letter(text.front())) return 0;
    const auto end = std::find_if_not(text.begin(), text.end(),
                                      [](char byte) { return is_letter(byte) || is_digit(byte); });
    return static_cast<std::size_t>(end - text.begin());
}

std::string Interpolation::fill(std::string_view text) {
    return fill(text, 0);
}

std::string Interpolation::fill(std::string_view text, int depth) {
    std::string filled;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool escapes = escape_ == Escape::backslash && text[at] == '\\';
        if (escapes && at + 1 < text.size() && text[at + 1] == '$') {
            filled += '$';
            at += 2;
        } else if (text[at] == '$') {
            fill_one(text, at, filled, depth);
        } else {
            filled += text[at++];
        }
    }
    return filled;
}

void Interpolation::fill_one(std::string_view text, std::size_t& at, std::string& filled,
                             int depth) {
    const std::string_view rest = text.substr(at + 1);
    if (rest.starts_with('$') && escape_ == Escape::dollar) {
        filled += '$';
        at += 2;
        return;
    }
    if (const std::size_t size = variable_name_size(rest); size > 0) {
        filled += value_of(rest.substr(0, size), depth);
        at += 1 + size;
        return;
    }
    const std::size_t close =
        rest.starts_with('{') ? closing_brace(rest, 1) : std::string_view::npos;
    if (close == std::string_view::npos || variable_name_size(rest.substr(1)) == 0) {
        filled += '$';
        at += 1;
        return;
    }
    filled += value_of(rest.substr(1, close - 1), depth);
    at += close + 2;
}

std::string Interpolation::value_of(std::string_view inside, int depth) {
    const std::size_t size = variable_name_size(inside);
    const std::optional<std::string> value = lookup_(inside.substr(0, size));
    std::string_view rest = inside.substr(size);
    std::string unknown(1, unknown_byte);
    if (rest.empty()) return limited(value.value_or(unknown));

    const bool empty_counts = !rest.starts_with(':');
    if (!empty_counts) rest.remove_prefix(1);
    const char kind = rest.empty() ? '\0' : rest.front();
    const bool is_set = value && (empty_counts || !value->empty());
    if (depth >= max_nesting || (kind != '-' && kind != '+' && kind != '?')) return unknown;
    rest.remove_prefix(1);
    if (kind == '-') return is_set ? limited(*value) : fill(rest, depth + 1);
    if (kind == '?') return is_set ? limited(*value) : unknown;
    if (is_set) return fill(rest, depth + 1);
    return value ? std::string() : unknown;
}

std::string Interpolation::limited(std::string value) {
    if (value.size() > max_value_size || value.size() > budget_) return {unknown_byte};
    budget_ -= value.size();
    return value;
}

}  // namespace gatelint
