#pragma once

#include <algorithm>

namespace gatelint {

/// The small questions that every reader of text asks, in ASCII, whatever the locale is.

inline bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

/// Whether one of `items` equals `item`.
template <typename Item, typename Items>
bool is_among(const Item& item, const Items& items) {
    return std::find(items.begin(), items.end(), item) != items.end();
}

}  // namespace gatelint
