#include "report/line_hash.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "source/utf8.hpp"

namespace gatelint {

namespace {

// These numbers and the order of the steps are those of codeql-action's src/fingerprints.ts.
constexpr std::uint32_t window_size = 100;
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
        if (at_line_begin_) begin_line();
        put(unit);
        at_line_begin_ = unit == u'\n';
    }

    /// One for each line.
    std::vector<std::uint64_t> finish() {
        take(end_of_file);
        for (std::size_t i = 0; i < window_size; ++i) put(0);
        return std::move(hashes_);
    }

  private:
    void begin_line() {
        if (hashes_.size() == begins_.size()) due_ = taken_ + window_size;
        begins_.push_back(taken_);
    }

    void end_line() {
        hashes_.push_back(hash_);
        if (hashes_.size() < begins_.size()) due_ = begins_[hashes_.size()] + window_size;
    }

    /// A line's hash is complete when its first unit is about to leave the window.
    void put(char16_t unit) {
        if (taken_ == due_) end_line();
        const char16_t leaves = units_[(taken_ - window_size) % units_.size()];
        hash_ = base * hash_ + unit - power(base, window_size) * leaves;
        units_[taken_ % units_.size()] = unit;
        ++taken_;
    }

    std::array<char16_t, 128> units_{};  ///< the last ones, at their number modulo the size
    std::uint32_t taken_ = 0;
    std::uint32_t due_ = 0;  ///< how many are taken when the next line's hash is complete
    std::uint64_t hash_ = 0;
    bool at_line_begin_ = true;
    bool after_cr_ = false;
    std::vector<std::uint32_t> begins_;  ///< which unit is the first of each line
    std::vector<std::uint64_t> hashes_;
};

void take_other(LineHasher& hasher, char32_t code_point) {
    if (code_point < 0x10000) {
        hasher.take(static_cast<char16_t>(code_point));
    } else {
        hasher.take(static_cast<char16_t>(0xD7C0 + (code_point >> 10U)));
        hasher.take(static_cast<char16_t>(0xDC00 + (code_point & 0x3FFU)));
    }
}

std::vector<std::uint64_t> all_hashes(std::string_view text) {
    LineHasher hasher;
    while (!text.empty()) {
        const std::size_t plain = ascii_length(text);
        for (const char byte : text.substr(0, plain)) {
            hasher.take(static_cast<unsigned char>(byte));
        }
        text.remove_prefix(plain);
        if (!text.empty()) take_other(hasher, take_code_point(text));
    }
    return hasher.finish();
}

}  // namespace

std::string to_string(LineHash line) {
    return fmt::format("{:x}:{}", line.hash, line.ordinal);
}

std::vector<LineHash> line_hashes(std::string_view text, std::span<const std::uint32_t> lines) {
    const std::vector<std::uint64_t> hashes = all_hashes(text);
    std::unordered_map<std::uint64_t, std::uint32_t> seen;  // only of those that are asked for
    std::vector<bool> may_be_asked(std::bit_ceil(64 * lines.size()));  // spares most look-ups
    const auto bit = [&](std::uint64_t hash) { return hash & (may_be_asked.size() - 1); };
    for (const std::uint32_t line : lines) {
        seen.emplace(hashes[line - 1], 0);
        may_be_asked[bit(hashes[line - 1])] = true;
    }
    std::vector<LineHash> asked;
    asked.reserve(lines.size());
    for (std::size_t i = 0; i < hashes.size() && asked.size() < lines.size(); ++i) {
        if (!may_be_asked[bit(hashes[i])]) continue;
        const auto found = seen.find(hashes[i]);
        if (found == seen.end()) continue;
        ++found->second;
        while (asked.size() < lines.size() && lines[asked.size()] == i + 1) {
            asked.push_back({hashes[i], found->second});
        }
    }
    return asked;
}

}  // namespace gatelint
