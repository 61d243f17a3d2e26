#pragma once

#include <string_view>

#include "model/memo.hpp"
#include "model/setting.hpp"
#include "nginx/text.hpp"

namespace gatelint {

/// Finds the header of one name in lists of proxy_set_header and the like that apply to passes.
/// Each list is read once, however many levels inherit it.
class Headers {
  public:
    explicit Headers(std::string_view name) : name_(name) {}

    /// The last of the list that sets the header, or null.
    const Directive* find(const Setting& list) {
        constexpr std::size_t few = 8;  // that are looked through sooner than remembered
        if (list.values.size() < few) return look(list);
        return known_.of(list.values, [&] { return look(list); });
    }

  private:
    const Directive* look(const Setting& list) const {
        const Directive* found = nullptr;
        for (const Directive* header : list.values) {
            if (equals_ignoring_case(header->arg(0), name_)) found = header;
        }
        return found;
    }

    std::string_view name_;
    ListMemo<const Directive*> known_;
};

}  // namespace gatelint
