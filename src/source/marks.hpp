#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "source/unknown.hpp"

namespace gatelint {

/// Which bytes that mean something to somebody a text holds: variables begin with one, placeholders
/// consist of some. Found once while the text is read, they save nearly all searches of it.
class Marks {
  public:
    enum Mark : std::uint8_t {
        dollar = 0x1,
        backslash = 0x2,
        non_ascii = 0x4,
        unknown = 0x8,      ///< unknown_byte
        sign = 0x10,        ///< one of `%@<>{}`, of which placeholders have at least one ...
        underscore = 0x20,  ///< ... if they are not of the form `__NAME__`
    };

    constexpr Marks() = default;
    constexpr explicit Marks(unsigned bits) : bits_(static_cast<std::uint8_t>(bits)) {}

    constexpr bool has(unsigned any_of) const { return (bits_ & any_of) != 0; }
    constexpr Marks without(unsigned bits) const { return Marks(bits_ & ~bits); }

    /// Whether the text may hold a placeholder of any kind (has_placeholder, holds_template).
    constexpr bool may_hold_placeholder() const { return has(unknown | sign | underscore); }

    constexpr Marks& operator|=(Marks other) {
        bits_ |= other.bits_;
        return *this;
    }

  private:
    std::uint8_t bits_ = 0;
};

/// The mark of each byte.
inline constexpr std::array<std::uint8_t, 256> marks_of_bytes = [] {
    std::array<std::uint8_t, 256> marks{};
    for (std::size_t byte = 0x80; byte < marks.size(); ++byte) marks[byte] = Marks::non_ascii;
    marks['$'] = Marks::dollar;
    marks['\\'] = Marks::backslash;
    marks['_'] = Marks::underscore;
    marks[static_cast<unsigned char>(unknown_byte)] = Marks::unknown;
    for (const char byte : std::string_view("%@<>{}")) {
        marks[static_cast<unsigned char>(byte)] = Marks::sign;
    }
    return marks;
}();

/// Every word is looked at, so this goes four bytes at a time.
constexpr Marks marks_of(std::string_view text) {
    const auto mark = [text](std::size_t at) -> unsigned {
        return marks_of_bytes[static_cast<unsigned char>(text[at])];
    };
    unsigned bits = 0;
    std::size_t at = 0;
    for (; at + 4 <= text.size(); at += 4) {
        bits |= mark(at) | mark(at + 1) | mark(at + 2) | mark(at + 3);
    }
    for (; at < text.size(); ++at) bits |= mark(at);
    return Marks(bits);
}

}  // namespace gatelint
