#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "source/memory.hpp"

namespace gatelint {

/// Memory that is given out piece by piece and freed at once. What lies in it needs no destructor
/// and never moves.
class Arena {
  public:
    Arena() = default;
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    template <typename T, typename... Args>
    T* make(Args&&... args) {
        static_assert(std::is_trivially_destructible_v<T>);
        return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
    }

    /// A copy of `items` that lives as long as the arena, and may be changed.
    template <typename T>
    std::span<T> copy_for_change(std::span<const T> items) {
        static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
        if (items.empty()) return {};
        T* to = static_cast<T*>(allocate(items.size_bytes(), alignof(T)));
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
    void* allocate(std::size_t size, std::size_t alignment) {
        if (pieces_.empty() || size + gap_before(alignment) > room_ - used_) {
            add_piece(size + alignment);
        }
        return take(size, gap_before(alignment));
    }

    /// What is left out before something of this alignment.
    std::size_t gap_before(std::size_t alignment) const {
        const auto next = reinterpret_cast<std::uintptr_t>(pieces_.back().get()) + used_;
        return static_cast<std::size_t>(-next & (alignment - 1));
    }

    void* take(std::size_t size, std::size_t gap) {
        std::byte* at = pieces_.back().get() + used_ + gap;
        used_ += gap + size;
        return at;
    }

    /// Each is larger than the one before it, up to a point.
    void add_piece(std::size_t least) {
        room_ = std::max(least, next_);
        const bool is_large = room_ >= large_page;
        const std::size_t alignment = is_large ? large_page : alignof(std::max_align_t);
        next_ = std::min(2 * next_, large_page);
        pieces_.push_back(
            Piece(static_cast<std::byte*>(operator new(room_, std::align_val_t(alignment))),
                  Free{alignment}));
        if (is_large) prefer_large_pages(pieces_.back().get(), room_);
        used_ = 0;
    }

    struct Free {
        std::size_t alignment;
        void operator()(std::byte* piece) const {
            operator delete(piece, std::align_val_t(alignment));
        }
    };
    using Piece = std::unique_ptr<std::byte, Free>;

    std::vector<Piece> pieces_;
    std::size_t used_ = 0;  ///< of the last piece
    std::size_t room_ = 0;  ///< in the last piece
    std::size_t next_ = 4096;
};

}  // namespace gatelint
