#include "surroundings/formats/lines.hpp"

#include <algorithm>

namespace gatelint {

namespace {

constexpr std::string_view blanks_of_line = " \t\r";

}  // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks_of_line);
    // An empty view keeps its place.
    if (begin == std::string_view::npos) return text.substr(0, 0);
    return text.substr(begin, text.find_last_not_of(blanks_of_line) + 1 - begin);
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t at = line.find_first_not_of(blanks_of_line); at < line.size();
         at = line.find_first_not_of(blanks_of_line, at)) {
        const std::size_t end = std::min(line.find_first_of(blanks_of_line, at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

Span span_in(std::string_view text, std::string_view part, SourceId source) {
    const auto begin = static_cast<std::uint32_t>(part.data() - text.data());
    return {source, begin, begin + static_cast<std::uint32_t>(part.size())};
}

}  // namespace gatelint
