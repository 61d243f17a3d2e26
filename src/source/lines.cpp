#include "source/lines.hpp"

#include <algorithm>
#include <iterator>

#include "source/utf8.hpp"

namespace gatelint {

namespace {

/// So many bytes are counted for a column at most; a shorter line needs no marks.
constexpr std::uint32_t mark_distance = 1024;

}  // namespace

Lines::Lines(std::string_view text) : begins_{0} {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', end + 1)) {
        add_marks(text, begins_.back(), static_cast<std::uint32_t>(end));
        begins_.push_back(static_cast<std::uint32_t>(end + 1));
    }
    add_marks(text, begins_.back(), static_cast<std::uint32_t>(text.size()));
}

void Lines::add_marks(std::string_view text, std::uint32_t begin, std::uint32_t end) {
    if (end - begin <= mark_distance) return;
    Mark mark{begin, 0, 0};
    std::string_view rest = text.substr(begin, end - begin);
    while (rest.size() > mark_distance) {
        const std::size_t whole = whole_code_points(rest, mark_distance);
        const std::string_view counted = rest.substr(0, whole);
        mark.offset += static_cast<std::uint32_t>(whole);
        mark.code_points += static_cast<std::uint32_t>(code_points(counted));
        mark.utf16_units += static_cast<std::uint32_t>(utf16_units(counted));
        marks_.push_back(mark);
        rest.remove_prefix(whole);
    }
}

std::uint32_t Lines::line_of(std::uint32_t offset, std::uint32_t from) const {
    if (from < count() && offset < begins_[from]) return from;
    const auto after = std::upper_bound(begins_.begin() + from, begins_.end(), offset);
    return static_cast<std::uint32_t>(after - begins_.begin());
}

std::uint32_t Lines::column_of(std::uint32_t offset, std::uint32_t line, std::string_view text,
                               ColumnUnit unit) const {
    Mark from{begin_of(line), 0, 0};
    if (offset - from.offset > mark_distance) {
        const auto after = std::upper_bound(
            marks_.begin(), marks_.end(), offset,
            [](std::uint32_t value, const Mark& mark) { return value < mark.offset; });
        if (after != marks_.begin() && std::prev(after)->offset > from.offset) {
            from = *std::prev(after);
        }
    }
    const std::string_view before = text.substr(from.offset, offset - from.offset);
    const std::size_t column = unit == ColumnUnit::code_point
                                   ? from.code_points + code_points(before)
                                   : from.utf16_units + utf16_units(before);
    return static_cast<std::uint32_t>(column) + 1;
}

}  // namespace gatelint
