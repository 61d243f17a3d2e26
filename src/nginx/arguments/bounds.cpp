#include <fmt/format.h>

#include <array>

#include "nginx/arguments/checks.hpp"
#include "nginx/units.hpp"

namespace gatelint {

namespace {

/// ngx_conf_check_num_bounds(), for a number that check_arguments() has found to be one.
template <std::uint64_t Low, std::uint64_t High>
std::optional<ArgumentError> check_bounds(const Arguments& arguments) {
    const std::uint64_t value = parse_number(arguments.texts[0]).value_or(Low);
    if (value >= Low && value <= High) return {};
    return ArgumentError{fmt::format("value must be between {} and {}", Low, High), 0};
}

std::optional<ArgumentError> refuse(const Arguments& arguments, std::string_view what) {
    return ArgumentError{fmt::format("\"{}\" directive {}", arguments.name(), what), 0};
}

/// gzip_window and gzip_hash: what zlib can have.
template <std::uint64_t High>
bool is_power(std::string_view text) {
    constexpr std::uint64_t low = 512;
    const std::uint64_t value = parse_size(text).value_or(low);
    return value >= low && value <= High && (value & (value - 1)) == 0;
}

std::optional<ArgumentError> check_gzip_window(const Arguments& arguments) {
    constexpr std::uint64_t high = 32 * 1024;
    if (is_power<high>(arguments.texts[0])) return {};
    return refuse(arguments, "must be 512, 1k, 2k, 4k, 8k, 16k, or 32k");
}

std::optional<ArgumentError> check_gzip_hash(const Arguments& arguments) {
    constexpr std::uint64_t high = 128 * 1024;
    if (is_power<high>(arguments.texts[0])) return {};
    return refuse(arguments, "must be 512, 1k, 2k, 4k, 8k, 16k, 32k, 64k, or 128k");
}

/// ngx_http_core_pool_size() and its twins
std::optional<ArgumentError> check_pool_size(const Arguments& arguments) {
    constexpr std::uint64_t smallest = 112;  // NGX_MIN_POOL_SIZE where pointers have 64 bits
    constexpr std::uint64_t alignment = 16;
    const std::uint64_t size = parse_size(arguments.texts[0]).value_or(smallest);
    if (size < smallest) {
        return ArgumentError{fmt::format("the pool size must be no less than {}", smallest), 0};
    }
    if (size % alignment == 0) return {};
    return ArgumentError{fmt::format("the pool size must be a multiple of {}", alignment), 0};
}

std::optional<ArgumentError> check_http2_recv_buffer(const Arguments& arguments) {
    constexpr std::uint64_t two_state_buffers = 32;  // NGX_HTTP_V2_STATE_BUFFER_SIZE, twice
    if (parse_size(arguments.texts[0]).value_or(page_size) > two_state_buffers) return {};
    return refuse(arguments, "value is too small");
}

std::optional<ArgumentError> check_http2_preread(const Arguments& arguments) {
    constexpr std::uint64_t max_window = (std::uint64_t{1} << 31U) - 1;  // NGX_HTTP_V2_MAX_WINDOW
    if (parse_size(arguments.texts[0]).value_or(0) <= max_window) return {};
    return ArgumentError{fmt::format("the maximum body preread buffer size is {}", max_window), 0};
}

std::optional<ArgumentError> check_http2_streams_index(const Arguments& arguments) {
    const std::uint64_t value = parse_number(arguments.texts[0]).value_or(1);
    if (value != 0 && (value & (value - 1)) == 0) return {};
    return refuse(arguments, "must be a power of two");
}

std::optional<ArgumentError> check_http2_chunk(const Arguments& arguments) {
    if (parse_size(arguments.texts[0]).value_or(1) != 0) return {};
    return ArgumentError{"the http2 chunk size cannot be zero", 0};
}

}  // namespace

std::span<const ArgumentCheck> bounds_checks() {
    using enum DirectiveId;
    static constexpr auto checks = std::to_array<ArgumentCheck>({
        {connection_pool_size, in_any_context, check_pool_size},
        {gzip_comp_level, in_any_context, check_bounds<1, 9>},
        {gzip_hash, in_any_context, check_gzip_hash},
        {gzip_window, in_any_context, check_gzip_window},
        {http2_body_preread_size, in_any_context, check_http2_preread},
        {http2_chunk_size, in_any_context, check_http2_chunk},
        {http2_pool_size, in_any_context, check_pool_size},
        {http2_recv_buffer_size, in_any_context, check_http2_recv_buffer},
        {http2_streams_index_size, in_any_context, check_http2_streams_index},
        {limit_conn_status, in_any_context, check_bounds<400, 599>},
        {limit_req_status, in_any_context, check_bounds<400, 599>},
        {request_pool_size, in_any_context, check_pool_size},
        {uwsgi_modifier1, in_any_context, check_bounds<0, 255>},
        {uwsgi_modifier2, in_any_context, check_bounds<0, 255>},
    });
    return checks;
}

}  // namespace gatelint
