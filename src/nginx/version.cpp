#include "nginx/version.hpp"

#include <charconv>

namespace gatelint {

std::optional<Version> parse_version(std::string_view text) {
    Version version;
    std::uint32_t* const parts[] = {&version.major, &version.minor, &version.patch};
    std::size_t count = 0;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (count < 3) {
        const auto [next, error] = std::from_chars(at, end, *parts[count]);
        if (error != std::errc()) return std::nullopt;
        ++count;
        at = next;
        if (at == end) break;
        if (*at != '.') return std::nullopt;
        ++at;
    }
    if (count < 2 || at != end || text.back() == '.') return std::nullopt;
    return version;
}

std::string to_string(Version version) {
    return std::to_string(version.major) + '.' + std::to_string(version.minor) + '.' +
           std::to_string(version.patch);
}

}  // namespace gatelint
