#include "model/setting.hpp"

#include "nginx/text.hpp"

namespace gatelint {

bool Setting::is_on() const {
    return equals_ignoring_case(value_or("off"), "on");
}

Setting effective(const Directive& level, DirectiveId id) {
    for (const Directive* block = &level; block != nullptr; block = block->parent) {
        const auto values = block->all(id);
        if (!values.empty()) return {values, block, true};
        if (block->opaque) return {{}, nullptr, false};
    }
    return {};
}

}  // namespace gatelint
