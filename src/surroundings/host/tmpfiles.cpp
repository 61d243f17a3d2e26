#include "surroundings/host/tmpfiles.hpp"

#include <algorithm>
#include <string>

#include "source/unknown.hpp"

namespace gatelint {

namespace {

/// Takes the next word of a line, and the blanks before it.
std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
}

/// Types of lines that make a folder, with or without `!`, `+` and the like behind them.
bool makes_folder(std::string_view type) {
    constexpr std::string_view types = "dDvqQ";
    return !type.empty() && types.find(type.front()) != std::string_view::npos;
}

std::string without_quotes(std::string_view word) {
    if (word.size() > 1 && word.front() == '"' && word.back() == '"') {
        word = word.substr(1, word.size() - 2);
    }
    return std::string(word);
}

std::string fill_in(std::string_view path) {
    std::string filled;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%' || i + 1 == path.size()) {
            filled += path[i];
            continue;
        }
        const char specifier = path[++i];
        if (specifier == '%') {
            filled += '%';
        } else if (specifier == 't') {
            filled += "/run";
        } else {
            filled += unknown_byte;
        }
    }
    return filled;
}

}  // namespace

bool is_tmpfiles_name(std::string_view path) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (name.find("tmpfile") != std::string_view::npos) return true;
    return name.ends_with(".conf") && path.find("/tmpfiles.d/") != std::string_view::npos;
}

std::vector<Value> parse_tmpfiles(std::string_view text, SourceId source) {
    std::vector<Value> folders;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (!makes_folder(take_word(line))) continue;
        const std::string_view path = take_word(line);
        if (path.empty()) continue;
        const auto begin = static_cast<std::uint32_t>(path.data() - text.data());
        const auto size = static_cast<std::uint32_t>(path.size());
        folders.push_back({fill_in(without_quotes(path)), {source, begin, begin + size}});
    }
    return folders;
}

}  // namespace gatelint
