#pragma once

#include <set>
#include <span>
#include <unordered_map>
#include <utility>

namespace gatelint {

/// Answers to one question about lists that many passes share, as they do the members of a group
/// and inherited headers: it is worked out for the first of them, and remembered for the others.
/// Lists of the model never move, and two that begin at one place are one.
template <typename Answer>
class ListMemo {
  public:
    /// `work_out` gives the answer. Of a short list it is not worth remembering.
    template <typename Item, typename WorkOut>
    Answer of(std::span<const Item> list, const WorkOut& work_out) {
        if (list.size() < 2) return work_out();
        const auto found = known_.find(list.data());
        if (found != known_.end()) return found->second;
        return known_.emplace(list.data(), work_out()).first->second;
    }

  private:
    std::unordered_map<const void*, Answer> known_;
};

/// Whether such a list was met before: where findings are about what a list holds, its second pass
/// adds nothing. Short lists are always new.
template <typename Other = const void*>
class SeenLists {
  public:
    template <typename Item>
    bool is_new(std::span<const Item> list, Other other = {}) {
        return list.size() < 2 || seen_.insert({list.data(), other}).second;
    }

  private:
    std::set<std::pair<const void*, Other>> seen_;  ///< lists, and what else the findings rest on
};

}  // namespace gatelint
