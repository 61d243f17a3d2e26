#pragma once

#include <algorithm>
#include <memory_resource>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gatelint {

/// Memory that is given out piece by piece and freed at once. What lies in it needs no destructor
/// and never moves.
class Arena {
  public:
    template <typename T, typename... Args>
    T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (memory_.allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
    }

    /// A copy of `items` that lives as long as the arena, and may be changed.
    template <typename T>
    std::span<T> copy_for_change(std::span<const T> items) {
        static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
        if (items.empty()) return {};
        T* to = static_cast<T*>(memory_.allocate(items.size_bytes(), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), to);
        return {to, items.size()};
    }

    /// A copy of `items` that lives as long as the arena.
    template <typename T>
    std::span<const T> copy(std::span<const T> items) {
        return copy_for_change(items);
    }

    std::string_view copy(std::string_view text) {
        const auto kept = copy(std::span<const char>(text.data(), text.size()));
        return {kept.data(), kept.size()};
    }

  private:
    std::pmr::monotonic_buffer_resource memory_{4096};  // the first piece; each next is larger
};

}  // namespace gatelint
