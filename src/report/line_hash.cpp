#include "report/line_hash.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "source/utf8.hpp"

namespace gatelint {

namespace {

// These numbers and the order of the steps are those of codeql-action's src/fingerprints.ts.
constexpr std::size_t window_size = 100;
constexpr std::uint64_t base = 37;
constexpr char16_t end_of_file = 0xFFFF;

constexpr std::uint64_t power(std::uint64_t of, std::size_t exponent) {
    std::uint64_t result = 1;
    for (std::size_t i = 0; i < exponent; ++i) result *= of;
    return result;
}

/// Takes a text as UTF-16 code units and keeps a rolling hash of the last hundred that count.
class LineHasher {
  public:
    void take(char16_t unit) {
        const bool ends_crlf = unit == u'\n' && after_cr_;
        after_cr_ = unit == u'\r';
        if (unit == u' ' || unit == u'\t' || ends_crlf) return;
        if (unit == u'\r') unit = u'\n';
        put(unit, at_line_begin_);
        at_line_begin_ = unit == u'\n';
    }

    std::vector<LineHash> finish() {
        take(end_of_file);
        for (std::size_t i = 0; i < window_size; ++i) put(0, false);
        return std::move(lines_);
    }

  private:
    struct Slot {
        char16_t unit = 0;
        bool begins_line = false;
    };

    /// A line's hash is complete when its first unit is about to leave the window.
    void put(char16_t unit, bool begins_line) {
        Slot& slot = window_[next_];
        if (slot.begins_line) lines_.push_back({hash_, ++seen_[hash_]});
        hash_ = base * hash_ + unit - power(base, window_size) * slot.unit;
        slot = {unit, begins_line};
        next_ = (next_ + 1) % window_size;
    }

    std::array<Slot, window_size> window_{};
    std::size_t next_ = 0;
    std::uint64_t hash_ = 0;
    bool at_line_begin_ = true;
    bool after_cr_ = false;
    std::vector<LineHash> lines_;
    std::unordered_map<std::uint64_t, std::uint32_t> seen_;
};

}  // namespace

std::string to_string(LineHash line) {
    return fmt::format("{:x}:{}", line.hash, line.ordinal);
}

std::vector<LineHash> line_hashes(std::string_view text) {
    LineHasher hasher;
    while (!text.empty()) {
        const char32_t code_point = take_code_point(text);
        if (code_point < 0x10000) {
            hasher.take(static_cast<char16_t>(code_point));
        } else {
            hasher.take(static_cast<char16_t>(0xD7C0 + (code_point >> 10U)));
            hasher.take(static_cast<char16_t>(0xDC00 + (code_point & 0x3FFU)));
        }
    }
    return hasher.finish();
}

}  // namespace gatelint
