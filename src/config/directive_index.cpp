#include "config/directive_index.hpp"

#include <algorithm>
#include <atomic>

namespace gatelint {

namespace {

#ifdef NDEBUG
constexpr bool counts = false;
#else
constexpr bool counts = true;
#endif

std::atomic<std::size_t> walk_count{0};

/// With `unknown`, which is the first.
std::size_t id_count() {
    return all_directive_names().size() + 1;
}

}  // namespace

std::span<const Directive* const> DirectiveIndex::all(DirectiveId id) const {
    const auto which = static_cast<std::size_t>(id);
    if (first_.empty()) return {};
    return std::span(by_id_).subspan(first_[which], first_[which + 1] - first_[which]);
}

std::vector<const Directive*> DirectiveIndex::all(std::span<const DirectiveId> ids) const {
    std::vector<const Directive*> found;
    for (const DirectiveId id : ids) {
        const auto of_id = all(id);
        found.insert(found.end(), of_id.begin(), of_id.end());
    }
    std::sort(found.begin(), found.end(),
              [](const Directive* a, const Directive* b) { return a->position < b->position; });
    return found;
}

std::span<const Directive* const> DirectiveIndex::inside(const Directive& block) const {
    if constexpr (counts) ++walk_count;
    return std::span(directives_).subspan(block.position + 1, block.end - block.position - 1);
}

std::size_t DirectiveIndex::walks() {
    return walk_count;
}

void DirectiveIndex::add(const Directive& directive) {
    directives_.push_back(&directive);
    if (directive.refusal != Handling::Refusal::none) refused_.push_back(&directive);
    if (directive.marks.has(Marks::non_ascii)) non_ascii_.push_back(&directive);
}

void DirectiveIndex::finish() {
    const auto counts_by_id = [this](const Directive* directive) {
        return !directive->is_row && directive != directives_.front();
    };
    first_.assign(id_count() + 1, 0);
    for (const Directive* each : directives_) {
        if (counts_by_id(each)) ++first_[static_cast<std::size_t>(each->id) + 1];
    }
    for (std::size_t id = 0; id + 1 < first_.size(); ++id) first_[id + 1] += first_[id];
    by_id_.resize(first_.back());
    std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
    for (const Directive* each : directives_) {
        if (counts_by_id(each)) by_id_[next[static_cast<std::size_t>(each->id)]++] = each;
    }
}

}  // namespace gatelint
