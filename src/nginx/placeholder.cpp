#include "nginx/placeholder.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "source/marks.hpp"

namespace gatelint {

namespace {

bool is_template_name(char byte) {
    return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}

/// Whether there is `open`NAME`open` in the text.
bool has_marked_name(std::string_view text, std::string_view mark) {
    for (std::size_t begin = text.find(mark); begin != std::string_view::npos;
         begin = text.find(mark, begin + 1)) {
        std::size_t at = begin + mark.size();
        const std::size_t end = text.find(mark, at + 1);
        if (end == std::string_view::npos) return false;
        while (at < end && is_template_name(text[at])) ++at;
        if (at == end) return true;
    }
    return false;
}

}  // namespace

bool has_placeholder(std::string_view text) {
    const Marks marks = marks_of(text);
    if (marks.has(Marks::unknown | Marks::sign)) return true;
    if (!marks.has(Marks::underscore)) return false;
    const std::size_t begin = text.find("__");
    return begin != std::string_view::npos && begin + 2 < text.size() &&
           text.find("__", begin + 3) != std::string_view::npos;
}

bool holds_template(std::string_view text) {
    if (!marks_of(text).has(Marks::sign | Marks::underscore)) return false;
    constexpr std::array<std::string_view, 5> marks = {"{{", "{%", "{#", "<%", "[%"};
    const bool marked = std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
        return text.find(mark) != std::string_view::npos;
    });
    return marked || has_marked_name(text, "__") || has_marked_name(text, "@") ||
           has_marked_name(text, "%");
}

}  // namespace gatelint
