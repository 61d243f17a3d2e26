#include "nginx/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "nginx/units.hpp"

namespace gatelint {

namespace {

std::optional<unsigned> parse_hex_word(std::string_view digits) {
    if (digits.empty() || digits.size() > 4) return std::nullopt;
    unsigned word = 0;
    for (const char byte : digits) {
        const int lower = byte | 0x20;
        if (byte >= '0' && byte <= '9') {
            word = word * 16 + static_cast<unsigned>(byte - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            word = word * 16 + static_cast<unsigned>(lower - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    return word;
}

/// The words of an IPv6 address as they are read from left to right.
struct Words {
    IpBytes bytes{};
    std::size_t count = 0;
    std::optional<std::size_t> gap;  ///< where `::` stands

    bool is_full() const { return count == 8; }

    void add(unsigned word) {
        bytes[2 * count] = static_cast<unsigned char>(word >> 8U);
        bytes[2 * count + 1] = static_cast<unsigned char>(word & 0xffU);
        ++count;
    }

    /// What stands between two colons, or before the first.
    bool add_inner(std::string_view piece) {
        if (piece.empty()) {
            if (gap) return false;
            gap = count;
            return true;
        }
        const std::optional<unsigned> word = parse_hex_word(piece);
        if (!word || count == 7) return false;
        add(*word);
        return true;
    }

    /// What stands after the last colon: a word, nothing after a gap, or an IPv4 address.
    bool add_last(std::string_view piece, bool only) {
        if (piece.find('.') != std::string_view::npos) {
            const std::optional<IpBytes> ipv4 = parse_ipv4(piece);
            if (!ipv4 || only || count > 6 || piece.front() == '.') return false;
            add((*ipv4)[0] * 256U + (*ipv4)[1]);
            add((*ipv4)[2] * 256U + (*ipv4)[3]);
            return true;
        }
        const std::optional<unsigned> word = piece.empty() && gap ? 0U : parse_hex_word(piece);
        if (!word) return false;
        add(*word);
        return true;
    }

    /// Moves what follows the gap to the end.
    void close_gap() {
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(2 * *gap);
        const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(2 * count);
        std::rotate(begin, end, bytes.end());
    }
};

}  // namespace

std::optional<IpBytes> parse_ipv4(std::string_view text) {
    IpBytes bytes{};
    std::size_t dots = 0;
    unsigned octet = 0;
    for (const char byte : text) {
        if (byte == '.') {
            if (++dots > 3) return std::nullopt;
            octet = 0;
            continue;
        }
        if (byte < '0' || byte > '9') return std::nullopt;
        octet = octet * 10 + static_cast<unsigned>(byte - '0');
        if (octet > 255) return std::nullopt;
        bytes[dots] = static_cast<unsigned char>(octet);
    }
    const bool none = std::all_of(bytes.begin(), bytes.begin() + 4,
                                  [](unsigned char each) { return each == 255; });
    if (dots != 3 || none) return std::nullopt;
    return bytes;
}

std::optional<IpBytes> parse_ipv6(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (text.front() == ':') text.remove_prefix(1);
    Words words;
    bool only = true;
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
         colon = text.find(':')) {
        if (!words.add_inner(text.substr(0, colon))) return std::nullopt;
        text.remove_prefix(colon + 1);
        only = false;
    }
    // A gap stands for one word at least.
    if (!words.add_last(text, only) || words.is_full() == words.gap.has_value()) {
        return std::nullopt;
    }
    if (words.gap) words.close_gap();
    return words.bytes;
}

bool is_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string_view address = text.substr(0, slash);
    const bool ipv4 = parse_ipv4(address).has_value();
    if (!ipv4 && !parse_ipv6(address)) return false;
    if (slash == std::string_view::npos) return true;
    const std::optional<std::uint64_t> bits = parse_number(text.substr(slash + 1));
    return bits && *bits <= (ipv4 ? 32U : 128U);
}

bool is_ip_and_port(std::string_view text) {
    if (parse_ipv4(text) || parse_ipv6(text)) return true;
    std::size_t colon = text.find(':');
    std::string_view host = text.substr(0, colon);
    if (text.starts_with('[')) {
        const std::size_t bracket = text.find(']');
        if (bracket == std::string_view::npos) return false;
        host = text.substr(1, bracket - 1);
        colon = bracket + 1;
        if (!text.substr(colon).starts_with(':')) return false;
    }
    if (colon == std::string_view::npos) return false;
    const std::optional<std::uint64_t> port = parse_number(text.substr(colon + 1));
    return port && *port >= 1 && *port <= 65535 && (parse_ipv4(host) || parse_ipv6(host));
}

bool never_resolves(std::string_view host) {
    constexpr std::string_view numeric = "0123456789.";
    if (host.empty() || host.find_first_not_of(numeric) != std::string_view::npos) return false;
    in_addr ignored{};
    return std::count(host.begin(), host.end(), '.') >= 3 &&
           ::inet_aton(std::string(host).c_str(), &ignored) == 0;
}

}  // namespace gatelint
