#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gatelint {

/// Takes a report piece by piece, so that a large one never stands in memory as a whole.
using Sink = std::function<void(std::string_view)>;

/// Hands on what has been gathered, once it is worth a call.
inline void hand_on(std::string& gathered, const Sink& sink) {
    constexpr std::size_t worth = std::size_t{1} << 16U;
    if (gathered.size() < worth) return;
    sink(gathered);
    gathered.clear();
}

}  // namespace gatelint
