#include "config/child_index.hpp"

#include <algorithm>

#include "config/directive.hpp"

namespace gatelint {

namespace {

bool is_before(const Directive* a, const Directive* b) {
    return a->id < b->id;
}

}  // namespace

std::span<const Directive* const> ChildIndex::find(DirectiveId id) const {
    const auto run = std::lower_bound(runs_.begin(), runs_.end(), id,
                                      [](const Run& a, DirectiveId b) { return a.id < b; });
    if (run == runs_.end() || run->id != id) return {};
    const std::size_t end = run + 1 == runs_.end() ? sorted_.size() : (run + 1)->begin;
    return sorted_.subspan(run->begin, end - run->begin);
}

const ChildIndex* ChildIndexer::index(std::span<const Directive* const> children) {
    sorted_.clear();
    for (const Directive* child : children) {
        if (!child->is_row) sorted_.push_back(child);
    }
    if (sorted_.empty()) return nullptr;
    const bool is_sorted = std::is_sorted(sorted_.begin(), sorted_.end(), is_before);
    if (!is_sorted) sort();

    auto* index = arena_.make<ChildIndex>();
    runs_.clear();
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
        const DirectiveId id = sorted_[i]->id;
        if (i != 0 && sorted_[i - 1]->id == id) continue;
        runs_.push_back({id, static_cast<std::uint32_t>(i)});
        index->bits_ |= std::uint64_t{1} << ChildIndex::bit_of(id);
    }
    const bool is_same = is_sorted && sorted_.size() == children.size();
    index->sorted_ = is_same ? children : arena_.copy(std::span<const Directive* const>(sorted_));
    index->runs_ = arena_.copy(std::span<const ChildIndex::Run>(runs_));
    return index;
}

/// Stable. Most blocks have a handful of children, for which std::stable_sort would ask for memory.
void ChildIndexer::sort() {
    constexpr std::size_t few = 24;
    if (sorted_.size() > few) {
        std::stable_sort(sorted_.begin(), sorted_.end(), is_before);
        return;
    }
    for (auto at = sorted_.begin(); at != sorted_.end(); ++at) {
        std::rotate(std::upper_bound(sorted_.begin(), at, *at, is_before), at, at + 1);
    }
}

}  // namespace gatelint
