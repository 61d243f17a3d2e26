#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nginx/directive_id.hpp"
#include "source/arena.hpp"

namespace gatelint {

struct Directive;

/// The children of a block by their ids, rows left out. Every level of a configuration is asked for
/// every setting, and has few of them: mostly one bit says that there is none.
class ChildIndex {
  public:
    /// The children with this id, in order.
    std::span<const Directive* const> all(DirectiveId id) const {
        const bool may_hold = (bits_ >> bit_of(id) & 1U) != 0;
        return may_hold ? find(id) : std::span<const Directive* const>();
    }

  private:
    friend class ChildIndexer;

    /// The beginning of the children with one id, in `sorted_`.
    struct Run {
        DirectiveId id;
        std::uint32_t begin;
    };

    static unsigned bit_of(DirectiveId id) { return static_cast<unsigned>(id) % 64; }

    std::span<const Directive* const> find(DirectiveId id) const;

    std::uint64_t bits_ = 0;
    std::span<const Directive* const> sorted_;  ///< by id, then in order
    std::span<const Run> runs_;                 ///< by id
};

/// Makes the indexes of all blocks of a configuration, one after the other.
class ChildIndexer {
  public:
    explicit ChildIndexer(Arena& arena) : arena_(arena) {}

    /// Null for a block without children, or with rows alone. `children` must live as long as the
    /// arena.
    const ChildIndex* index(std::span<const Directive* const> children);

  private:
    void sort();

    Arena& arena_;
    std::vector<const Directive*> sorted_;
    std::vector<ChildIndex::Run> runs_;
};

}  // namespace gatelint
