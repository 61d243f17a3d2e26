#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatelint {

/// A size as nginx reads it (ngx_parse_size): digits, then nothing, `k` or `m` in either case.
/// Nothing for any other text, or where the value does not fit.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// A size of a file as nginx reads it (ngx_parse_offset): `g` is allowed too.
std::optional<std::uint64_t> parse_offset(std::string_view text);

/// A whole number as nginx reads it (ngx_atoi): digits only.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A time as nginx reads it (ngx_parse_time), in milliseconds: a number is seconds; `w d h m s ms`
/// may follow one another in this order. Nothing for any other text.
std::optional<std::uint64_t> parse_time(std::string_view text);

/// A time of the directives that count in seconds (ngx_parse_time with is_sec), in seconds: `y M w
/// d h m s` may follow one another in this order. Nothing for any other text.
std::optional<std::uint64_t> parse_seconds(std::string_view text);

/// A size as people write it: in `k` or `m` where that is exact.
std::string size_text(std::uint64_t size);

/// What nginx takes for the page size, the default of most buffers. 4 KiB nearly everywhere; some
/// arm64 and ppc64 systems have 64 KiB.
inline constexpr std::uint64_t page_size = 4096;

}  // namespace gatelint
