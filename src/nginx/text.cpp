#include "nginx/text.hpp"

#include <algorithm>
#include <cstdint>
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

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    if (difference > limit) return limit + 1;
    // Optimal string alignment, with the two rows that a swap looks back at.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return std::min(last[b.size()], limit + 1);
}

}  // namespace gatelint
