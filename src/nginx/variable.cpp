#include "nginx/variable.hpp"

#include <algorithm>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

bool is_of(const VariableFacts& facts, World world) {
    return ((facts.flags & variable_stream) != 0) == (world == World::stream);
}

/// The entry of exactly this name, which is in lower case.
const VariableFacts* find(std::string_view name, World world, bool prefix) {
    const auto* found =
        std::lower_bound(variable_table.begin(), variable_table.end(), name,
                         [](const VariableFacts& a, std::string_view b) { return a.name < b; });
    for (; found != variable_table.end() && found->name == name; ++found) {
        if (is_of(*found, world) && ((found->flags & variable_prefix) != 0) == prefix) return found;
    }
    return nullptr;
}

}  // namespace

const VariableFacts* find_fixed_variable(std::string_view name, World world) {
    return find(lower_case(name), world, false);
}

const VariableFacts* find_variable(std::string_view name, World world) {
    const std::string lower = lower_case(name);
    if (const VariableFacts* fixed = find(lower, world, false)) return fixed;
    // The longest family first, as ngx_http_variables_init_vars() has it; no name is longer.
    constexpr std::size_t longest = 24;
    for (std::size_t size = std::min(lower.size(), longest); size > 0; --size) {
        const std::string_view begin = std::string_view(lower).substr(0, size);
        if (const VariableFacts* family = find(begin, world, true)) return family;
    }
    return nullptr;
}

}  // namespace gatelint
