#include "model/setting.hpp"

#include <algorithm>

#include "nginx/text.hpp"

namespace gatelint {

bool Setting::is_on() const {
    return equals_ignoring_case(value_or("off"), "on");
}

Setting setting_at(const Directive& block, std::span<const Directive* const> values,
                   bool may_be_unknown) {
    // A template's alternatives, or a name or value that it fills in.
    const bool unknown =
        may_be_unknown && std::any_of(values.begin(), values.end(), [](const Directive* directive) {
            return is_unknown(directive->arg(0));
        });
    return {values, &block, !unknown && !block.has_alternatives};
}

Setting effective(const Directive& level, DirectiveId id) {
    for (const Directive* block = &level; block != nullptr; block = block->parent) {
        const auto values = block->all(id);
        if (!values.empty()) return setting_at(*block, values, true);
        if (block->opaque) return {{}, nullptr, false};
    }
    return {};
}

}  // namespace gatelint
