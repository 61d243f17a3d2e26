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
        return known_.of(list.values, [&] {
            const Directive* found = nullptr;
            for (const Directive* header : list.values) {
                if (equals_ignoring_case(header->arg(0), name_)) found = header;
            }
            return found;
        });
    }

  private:
    std::string_view name_;
    ListMemo<const Directive*> known_;
};

}  // namespace gatelint
