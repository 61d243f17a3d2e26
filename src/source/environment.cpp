#include "source/environment.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace gatelint {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_name(std::string_view text) {
    const auto fits = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') || byte == '_';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

/// A value without its quotes or the comment after it; nothing where only a shell could tell.
std::optional<std::string_view> read_value(std::string_view text) {
    text = trim(text);
    if (text.starts_with('\'') || text.starts_with('"')) {
        const char quote = text.front();
        const std::size_t end = text.find(quote, 1);
        if (end == std::string_view::npos) return std::nullopt;  // of several lines
        const std::string_view inner = text.substr(1, end - 1);
        const bool is_plain = inner.find_first_of("$\\") == std::string_view::npos;
        return quote == '\'' || is_plain ? std::optional(inner) : std::nullopt;
    }
    if (text.starts_with('#')) return std::string_view();
    for (const std::string_view comment : {" #", "\t#"}) text = text.substr(0, text.find(comment));
    return text.find_first_of("$`\\") == std::string_view::npos ? std::optional(trim(text))
                                                                : std::nullopt;
}

}  // namespace

void Environment::define(std::string name, std::string value, std::string origin) {
    variables_.try_emplace(std::move(name), Variable{std::move(value), std::move(origin)});
}

void Environment::define_all(std::string_view text, const std::string& origin) {
    // Of several lines for one name the last counts.
    std::map<std::string, std::string> found;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        constexpr std::string_view keyword = "export ";
        if (line.starts_with(keyword)) line = trim(line.substr(keyword.size()));
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string name(trim(line.substr(0, equals)));
        if (!is_name(name)) continue;
        const std::optional<std::string_view> value = read_value(line.substr(equals + 1));
        if (value) {
            found[name] = *value;
        } else {
            found.erase(name);
        }
    }
    for (const auto& [name, value] : found) define(name, value, origin);
}

void Environment::define_all(const Environment& other) {
    for (const auto& [name, variable] : other.variables_) {
        define(name, variable.value, variable.origin);
    }
}

const Environment::Variable* Environment::find(std::string_view name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() ? nullptr : &found->second;
}

}  // namespace gatelint
