#pragma once

#include <algorithm>

namespace gatelint {

/// Whether `item` is one of `items`.
template <typename Item, typename Items>
constexpr bool is_among(const Item& item, const Items& items) {
    return std::find(std::begin(items), std::end(items), item) != std::end(items);
}

}  // namespace gatelint
