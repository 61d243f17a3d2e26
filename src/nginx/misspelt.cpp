#include "nginx/misspelt.hpp"

#include <algorithm>
#include <string>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

std::string folded(std::string_view name) {
    std::string letters = lower_case(name);
    std::erase_if(letters, [](char byte) { return byte == '-' || byte == '_'; });
    return letters;
}

}  // namespace

bool is_same_but_for_signs(std::string_view name, std::string_view other) {
    return folded(name) == folded(other);
}

bool is_misspelt(std::string_view name, std::string_view other) {
    if (is_same_but_for_signs(name, other)) return true;
    constexpr std::size_t shortest = 5;
    if (name.size() < shortest || other.size() < shortest) return false;
    const std::size_t limit = std::min(name.size(), other.size()) < 8 ? 1 : 2;
    if (edit_distance(lower_case(name), lower_case(other), limit) > limit) return false;
    const auto digits = [](std::string_view text) {
        std::string found;
        for (const char byte : text) {
            if (byte >= '0' && byte <= '9') found += byte;
        }
        return found;
    };
    return digits(name) == digits(other);
}

}  // namespace gatelint
