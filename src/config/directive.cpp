#include "config/directive.hpp"

#include <algorithm>

namespace gatelint {

std::span<const Directive* const> Directive::all(DirectiveId wanted) const {
    const auto* const begin = std::lower_bound(
        sorted.data(), sorted.data() + sorted.size(), wanted,
        [](const Directive* child, DirectiveId value) { return child->id < value; });
    const auto* end = begin;
    while (end != sorted.data() + sorted.size() && (*end)->id == wanted) ++end;
    return {begin, end};
}

Contexts Directive::context_of_children() const {
    if (parent == nullptr) return context;
    return is_row ? in_unknown : context_inside(id, context);
}

const Directive* Directive::last(DirectiveId wanted) const {
    const auto found = all(wanted);
    return found.empty() ? nullptr : found.back();
}

}  // namespace gatelint
