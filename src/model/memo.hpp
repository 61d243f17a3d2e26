#pragma once

#include <unordered_map>

namespace gatelint {

/// Answers to one question, each worked out once: what many passes share is asked about only for the
/// first of them. Keys are pointers to what is shared.
template <typename Key, typename Answer>
class Memo {
  public:
    /// The answer for `key`; `work_out` gives it when it is asked for the first time.
    template <typename WorkOut>
    const Answer& of(Key key, const WorkOut& work_out) {
        const auto found = known_.find(key);
        return found != known_.end() ? found->second : known_.emplace(key, work_out()).first->second;
    }

  private:
    std::unordered_map<Key, Answer> known_;
};

}  // namespace gatelint
