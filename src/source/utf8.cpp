#include "source/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace gatelint {

namespace {

constexpr char32_t replacement = 0xFFFD;

/// What the lead byte promises: how many bytes follow, and the range of the second one (Unicode
/// 15.0, table 3-7), which excludes overlong forms and surrogates.
struct Lead {
    std::size_t following;
    unsigned char second_min;
    unsigned char second_max;
};

Lead classify(unsigned char byte) {
    if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
    if (byte == 0xE0) return {2, 0xA0, 0xBF};
    if (byte == 0xED) return {2, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
    if (byte == 0xF0) return {3, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
    if (byte == 0xF4) return {3, 0x80, 0x8F};
    return {0, 0, 0};
}

}  // namespace

char32_t take_code_point(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    if (first < 0x80) return first;
    const Lead lead = classify(first);
    if (lead.following == 0) return replacement;
    char32_t value = first & (0x3FU >> lead.following);
    for (std::size_t i = 0; i < lead.following; ++i) {
        if (text.empty()) return replacement;
        const auto byte = static_cast<unsigned char>(text.front());
        const unsigned char min = i == 0 ? lead.second_min : 0x80;
        const unsigned char max = i == 0 ? lead.second_max : 0xBF;
        if (byte < min || byte > max) return replacement;
        value = (value << 6U) | (byte & 0x3FU);
        text.remove_prefix(1);
    }
    return value;
}

std::size_t ascii_length(std::string_view text) {
    std::size_t length = 0;
    std::uint64_t eight = 0;
    for (; text.size() - length >= sizeof(eight); length += sizeof(eight)) {
        std::memcpy(&eight, text.data() + length, sizeof(eight));
        if ((eight & 0x8080808080808080U) != 0) break;
    }
    while (length < text.size() && static_cast<unsigned char>(text[length]) < 0x80) ++length;
    return length;
}

std::size_t printable_ascii_length(std::string_view text) {
    constexpr std::uint64_t each = 0x0101010101010101U;
    constexpr std::uint64_t high = 0x8080808080808080U;
    std::size_t length = 0;
    std::uint64_t eight = 0;
    for (; text.size() - length >= sizeof(eight); length += sizeof(eight)) {
        std::memcpy(&eight, text.data() + length, sizeof(eight));
        // A byte below space borrows, DEL and what lies above carries into the high bit.
        if ((((eight - each * ' ') | (eight + each) | eight) & high) != 0) break;
    }
    while (length < text.size() && text[length] >= ' ' && text[length] <= '~') ++length;
    return length;
}

std::size_t whole_code_points(std::string_view text, std::size_t length) {
    std::string_view rest = text;
    while (!rest.empty() && text.size() - rest.size() < length) {
        const std::size_t wanted = length - (text.size() - rest.size());
        const std::size_t plain = ascii_length(rest.substr(0, wanted));
        rest.remove_prefix(plain);
        if (plain == 0) take_code_point(rest);
    }
    return text.size() - rest.size();
}

bool is_utf8(std::string_view text) {
    std::string decoded;
    for (text.remove_prefix(ascii_length(text)); !text.empty();
         text.remove_prefix(ascii_length(text))) {
        const std::string_view before = text;
        decoded.clear();
        append_utf8(decoded, take_code_point(text));
        if (!before.starts_with(decoded)) return false;
    }
    return true;
}

std::size_t code_points(std::string_view text) {
    std::size_t count = 0;
    while (true) {
        const std::size_t plain = ascii_length(text);
        count += plain;
        text.remove_prefix(plain);
        if (text.empty()) return count;
        take_code_point(text);
        ++count;
    }
}

std::size_t utf16_units(std::string_view text) {
    std::size_t count = 0;
    while (true) {
        const std::size_t plain = ascii_length(text);
        count += plain;
        text.remove_prefix(plain);
        if (text.empty()) return count;
        count += take_code_point(text) > 0xFFFF ? 2 : 1;
    }
}

bool is_invisible(char32_t code_point) {
    switch (code_point) {
        case 0x00A0:  // no-break space
        case 0x00AD:  // soft hyphen
        case 0x1680:
        case 0x2028:
        case 0x2029:
        case 0x202F:
        case 0x205F:
        case 0x2060:  // word joiner
        case 0x3000:
        case 0xFEFF:  // byte order mark
            return true;
        default:
            return code_point >= 0x2000 && code_point <= 0x200F;
    }
}

bool is_typographic_quote(char32_t code_point) {
    return code_point >= 0x2018 && code_point <= 0x201F;
}

bool has_misleading_character(std::string_view text) {
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            text.remove_prefix(1);
            continue;
        }
        const char32_t code_point = take_code_point(text);
        if (is_invisible(code_point) || is_typographic_quote(code_point)) return true;
    }
    return false;
}

bool is_all_invisible(std::string_view text) {
    while (!text.empty()) {
        if (!is_invisible(take_code_point(text))) return false;
    }
    return true;
}

void append_utf8(std::string& out, char32_t code_point) {
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0U | (code_point >> 6U));
        put(0x80U | (code_point & 0x3FU));
    } else if (code_point < 0x10000) {
        put(0xE0U | (code_point >> 12U));
        put(0x80U | ((code_point >> 6U) & 0x3FU));
        put(0x80U | (code_point & 0x3FU));
    } else {
        put(0xF0U | (code_point >> 18U));
        put(0x80U | ((code_point >> 12U) & 0x3FU));
        put(0x80U | ((code_point >> 6U) & 0x3FU));
        put(0x80U | (code_point & 0x3FU));
    }
}

}  // namespace gatelint
