#include "nginx/misspelt.hpp"

#include <string_view>

#include "model/model.hpp"
#include "nginx/text.hpp"

namespace gatelint {

namespace {

/// So many groups have names that resemble each other anyway.
constexpr std::size_t most_groups = 256;

}  // namespace

const Upstream* Model::find_misspelt(std::string_view name, bool stream) const {
    // Whatever has a dot is the name of a host.
    const bool host =
        name.find('.') != std::string_view::npos || equals_ignoring_case(name, "localhost");
    if (host || upstreams_.size() > most_groups) return nullptr;
    for (const Upstream& group : upstreams_) {
        if (group.stream != stream || !is_misspelt(name, group.name)) continue;
        if (is_same_but_for_signs(name, group.name) || !group.is_used()) return &group;
    }
    return nullptr;
}

}  // namespace gatelint
