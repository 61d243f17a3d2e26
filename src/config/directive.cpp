#include "config/directive.hpp"

namespace gatelint {

Contexts Directive::context_of_children() const {
    if (parent == nullptr) return context;
    return is_row ? in_unknown : context_inside(id, context);
}

}  // namespace gatelint
