#pragma once

#include <cstddef>
#include <functional>

namespace gatelint {

/// The processors that work may be spread over. What comes out is the same for every number of
/// them: each piece of work writes to a place of its own, and the places are read in their order.

/// Uses at most so many threads from now on; 0: as many as the machine has processors. To be called
/// before any work is spread.
void limit_threads(std::size_t threads);

/// Calls `work` with each number below `count`, in any order and from several threads where there
/// are some. What it throws is thrown here, once all threads have ended.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace gatelint
