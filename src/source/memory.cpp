#include "source/memory.hpp"

#include <sys/mman.h>

#include <cstdint>

namespace gatelint {

void prefer_large_pages([[maybe_unused]] void* begin, [[maybe_unused]] std::size_t size) {
#ifdef MADV_HUGEPAGE
    const auto at = reinterpret_cast<std::uintptr_t>(begin);
    const auto first = static_cast<std::size_t>(-at & (large_page - 1));
    if (size < first + large_page) return;
    const std::size_t whole = (size - first) / large_page * large_page;
    ::madvise(static_cast<std::byte*>(begin) + first, whole, MADV_HUGEPAGE);
#endif
}

}  // namespace gatelint
