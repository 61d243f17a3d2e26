#pragma once

#include <cstddef>

namespace gatelint {

/// Memory that is asked for in pieces of this size, and begins at a multiple of it, can be one page
/// of the kernel's large ones.
inline constexpr std::size_t large_page = std::size_t{2} << 20U;

/// Asks the kernel to use large pages for memory that is about to be filled: it then meets a
/// hundredth of the page faults, and what lies all over it is found faster. A hint, for nothing
/// where the memory has no whole large page in it or the kernel has none to give.
void prefer_large_pages(void* begin, std::size_t size);

}  // namespace gatelint
