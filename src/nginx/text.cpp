#include "nginx/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace gatelint {

namespace {

char lower_case(char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower_case(x) == lower_case(y); });
}

std::size_t HashIgnoringCase::operator()(std::string_view text) const {
    // FNV-1a.
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : text) {
        hash ^= static_cast<unsigned char>(lower_case(byte));
        hash *= 0x100000001b3U;
    }
    return hash;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& byte : lower) byte = lower_case(byte);
    return lower;
}

namespace {

/// What two texts begin or end with in common counts nothing.
void drop_common_ends(std::string_view& a, std::string_view& b) {
    const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto begin = static_cast<std::size_t>(at - a.begin());
    a.remove_prefix(begin);
    b.remove_prefix(begin);
    while (!a.empty() && !b.empty() && a.back() == b.back()) {
        a.remove_suffix(1);
        b.remove_suffix(1);
    }
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    if (difference > limit) return limit + 1;
    drop_common_ends(a, b);
    if (a.empty() || b.empty()) return difference;
    // Optimal string alignment, with the two rows that a swap looks back at. What lies further from
    // the diagonal than the limit is too far.
    constexpr std::size_t usual = 64;
    std::array<std::size_t, 3 * usual> few{};
    std::vector<std::size_t> many;
    const std::size_t width = b.size() + 1;
    if (width > usual) many.resize(3 * width);
    const std::span<std::size_t> cells(width > usual ? many.data() : few.data(), 3 * width);
    std::fill(cells.begin(), cells.end(), limit + 1);
    std::span<std::size_t> before = cells.first(width);
    std::span<std::size_t> last = cells.subspan(width, width);
    std::span<std::size_t> row = cells.last(width);
    for (std::size_t j = 0; j <= std::min(limit, b.size()); ++j) last[j] = j;
    std::size_t least_before = 0;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        const std::size_t first = i > limit ? i - limit : 1;
        const std::size_t end = std::min(b.size(), i + limit);
        row[first - 1] = first == 1 ? std::min(i, limit + 1) : limit + 1;
        std::size_t least = row[first - 1];
        for (std::size_t j = first; j <= end; ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace, limit + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
            least = std::min(least, row[j]);
        }
        if (end < b.size()) row[end + 1] = limit + 1;
        if (least > limit && least_before >= limit) return limit + 1;
        least_before = least;
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

}  // namespace gatelint
