#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatelint {

/// ASCII only, as nginx compares (ngx_strncasecmp).
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);

/// For hashes whose keys are names: letter case does not count.
struct HashIgnoringCase {
    std::size_t operator()(std::string_view text) const;
};
struct EqualIgnoringCase {
    bool operator()(std::string_view a, std::string_view b) const {
        return equals_ignoring_case(a, b);
    }
};

/// How many characters must be inserted, removed, replaced or swapped with their neighbour to make
/// `b` of `a`; at most `limit + 1`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace gatelint
