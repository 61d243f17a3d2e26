#include "nginx/arguments/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "nginx/address.hpp"
#include "nginx/arguments/refusal.hpp"
#include "nginx/ip_address.hpp"
#include "nginx/name_hash.hpp"
#include "nginx/text.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

Refusal quote(std::string_view what, std::string_view word, std::size_t which,
              std::string advice = {}) {
    return ArgumentError{fmt::format("{} \"{}\"", what, word), which, std::move(advice)};
}

/// ngx_hextoi()
std::optional<std::uint32_t> parse_hex(std::string_view text) {
    constexpr std::uint32_t largest_byte = 255;
    if (text.empty()) return {};
    std::uint32_t value = 0;
    for (const char c : text) {
        const char lower = static_cast<char>(c | 0x20);
        if (c >= '0' && c <= '9') {
            value = value * 16 + static_cast<std::uint32_t>(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value * 16 + static_cast<std::uint32_t>(lower - 'a') + 10;
        } else {
            return {};
        }
        if (value > largest_byte) return {};
    }
    return value;
}

/// ngx_atofp() for a number with up to two decimals, in hundredths.
std::optional<std::uint64_t> parse_hundredths(std::string_view text) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view decimals = text.substr(std::min(dot + 1, text.size()));
    if (text.empty() || decimals.size() > 2) return {};
    std::string digits(text.substr(0, dot));
    digits += decimals;
    digits.append(2 - decimals.size(), '0');
    return parse_number(digits);
}

/// ngx_inet_addr(), which takes the highest address for an error.
bool is_ipv4(std::string_view text) {
    return parse_host(text).kind == Address::Kind::ipv4 && text != "255.255.255.255";
}

/// The range of ngx_http_geo_range()
bool is_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return false;
    const std::string_view first = text.substr(0, dash);
    const std::string_view last = text.substr(dash + 1);
    if (!is_ipv4(first) || !is_ipv4(last)) return false;
    return parse_host(first).ip <= parse_host(last).ip;
}

/// Whether the bytes, in hexadecimal, start with a character of two or three bytes
/// (ngx_utf8_decode, which looks at the highest bit only of those that follow).
bool is_utf8_character(std::string_view text) {
    constexpr std::size_t half = 2;
    if (text.size() % half != 0) return false;
    std::vector<std::uint32_t> bytes;
    for (std::size_t i = 0; i < text.size(); i += half) {
        const auto byte = parse_hex(text.substr(i, half));
        if (!byte) return false;
        bytes.push_back(*byte);
    }
    if (bytes.empty() || bytes[0] < 0xc2 || bytes[0] >= 0xf0) return false;
    const std::size_t length = bytes[0] >= 0xe0 ? 3 : 2;
    if (bytes.size() < length) return false;
    const auto begin = bytes.begin() + 1;
    const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(length);
    if (std::any_of(begin, end, [](std::uint32_t byte) { return byte < 0x80; })) return false;
    const bool overlong = bytes[0] == 0xe0 && (bytes[1] & 0x3fU) < 0x20;
    return !overlong;
}

}  // namespace

std::optional<ArgumentError> RowReader::read(Words words, bool has_block) {
    constexpr Version braces_refused{1, 5, 1};
    if (block_ == DirectiveId::match) return {};
    if (has_block && (!version_ || braces_refused <= *version_)) {
        return ArgumentError{"unexpected \"{\"", words.size(),
                             "this block contains data, not directives"};
    }
    switch (block_) {
        case DirectiveId::map:
            return read_map(words);
        case DirectiveId::geo:
            return read_geo(words);
        case DirectiveId::charset_map:
            return read_charset(words);
        case DirectiveId::split_clients:
            return read_part(words);
        case DirectiveId::types:
            if (words[0] != "include") return {};
            return ArgumentError{"invalid number of arguments in \"include\" directive",
                                 words.size()};
        default:
            return {};
    }
}

/// ngx_http_map()
std::optional<ArgumentError> RowReader::read_map(Words words) {
    if (words.size() == 1 && words[0] == "hostnames") {
        hostnames_ = true;
        return {};
    }
    constexpr Version with_volatile{1, 11, 7};
    const bool knows_volatile = !version_ || with_volatile <= *version_;
    if (words.size() == 1 && words[0] == "volatile" && knows_volatile) return {};
    if (words.size() != 2) {
        return ArgumentError{"invalid number of the map parameters", words.size(),
                             "expected a pattern and a value; quote what contains spaces"};
    }
    if (!hostnames_ || words[0] == "default" || words[0].starts_with('~')) return {};
    std::string_view key = words[0];
    if (key.starts_with('\\')) key.remove_prefix(1);
    if (!is_invalid_wildcard(key)) return {};
    return quote("invalid hostname or wildcard", key, 0,
                 "a wildcard looks like *.example.com, .example.com or www.example.*");
}

/// ngx_http_geo()
std::optional<ArgumentError> RowReader::read_geo(Words words) {
    if (words.size() == 1 && words[0] == "ranges") {
        if (networks_ && complete_) {
            return ArgumentError{
                "the \"ranges\" directive must be the first directive inside \"geo\" block", 0};
        }
        ranges_ = true;
        return {};
    }
    constexpr Version with_volatile{1, 29, 3};
    const bool knows_volatile = !version_ || with_volatile <= *version_;
    if (words.size() == 1 &&
        (words[0] == "proxy_recursive" || (words[0] == "volatile" && knows_volatile))) {
        return {};
    }
    if (words.size() != 2) {
        return ArgumentError{"invalid number of the geo parameters", words.size(),
                             "expected a network and a value; quote what contains spaces"};
    }
    return read_network(words);
}

std::optional<ArgumentError> RowReader::read_network(Words words) {
    const bool proxy = words[0] == "proxy";
    const std::size_t which = proxy || words[0] == "delete" ? 1 : 0;
    const std::string_view network = words[which];
    if (!proxy) networks_ = networks_ || !ranges_;
    if (words[0] == "default") return {};
    if (!proxy && ranges_) {
        if (is_range(network)) return {};
        return quote("invalid range", network, which,
                     "expected an IPv4 address, - and a higher one");
    }
    // `ranges` may stand in a file that is not known.
    if (!proxy && !complete_) return {};
    if (network == "255.255.255.255" || is_network(network)) return {};
    return quote("invalid network", network, which, "expected an address or ADDRESS/BITS");
}

/// ngx_http_charset_map()
std::optional<ArgumentError> RowReader::read_charset(Words words) const {
    if (words.size() != 2) return ArgumentError{"invalid parameters number", words.size()};
    if (!parse_hex(words[0]))
        return quote("invalid value", words[0], 0, "expected a byte from 80 to FF");
    const std::string_view to = words[1];
    const bool utf8 = arguments_.size() > 1 && equals_ignoring_case(arguments_[1], "utf-8");
    if (!utf8) {
        if (parse_hex(to)) return {};
        return quote("invalid value", to, 1, "expected a byte from 80 to FF");
    }
    // Longer texts than nginx has room for were written beyond it before 1.27.5.
    constexpr std::size_t longest = 3;
    constexpr Version length_checked{1, 27, 5};
    const bool too_long = to.size() / 2 > longest && version_ && length_checked <= *version_;
    if (is_utf8_character(to) && !too_long) return {};
    return quote("invalid value", to, 1, "expected UTF-8 bytes such as E282AC");
}

/// ngx_http_split_clients(), and of ngx_conf_split_clients_block() the sum at its end
std::optional<ArgumentError> RowReader::read_part(Words words) {
    constexpr std::uint64_t all = 10000;
    const std::string_view text = words[0];
    std::uint64_t part = all - std::min(taken_, all);
    if (text != "*") {
        std::optional<std::uint64_t> percent;
        if (text.ends_with('%')) percent = parse_hundredths(text.substr(0, text.size() - 1));
        if (percent.value_or(0) == 0) {
            return quote(
                "invalid percent value", text, 0,
                "expected a percentage with up to two decimals, such as 0.5%, or * for the rest");
        }
        part = *percent;
    }
    const bool was_over = taken_ > all;
    taken_ = std::min(taken_ + part, all + 1);
    if (taken_ <= all || was_over) return {};
    return ArgumentError{"percent total is greater than 100%", 0};
}

}  // namespace gatelint
