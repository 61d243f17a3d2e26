#include <algorithm>
#include <array>

#include "surroundings/surroundings.hpp"

// Which unit runs nginx.

namespace gatelint {

namespace {

bool is_of_nginx(const SystemdUnit& unit) {
    constexpr std::array<std::string_view, 4> names = {"nginx.service", "openresty.service",
                                                       "angie.service", "tengine.service"};
    return !unit.is_of_user && std::find(names.begin(), names.end(), unit.name) != names.end();
}

}  // namespace

const SystemdUnit* Surroundings::nginx_unit() const {
    if (nginx_service() != nullptr) return nullptr;
    const SystemdUnit* found = nullptr;
    for (const SystemdUnit& unit : units()) {
        if (!is_of_nginx(unit)) continue;
        // A copy beside what is installed says nothing.
        if (found != nullptr && found->is_installed() && !unit.is_installed()) continue;
        const bool is_rival = found != nullptr && found->is_installed() == unit.is_installed();
        // Of two that count as much, nobody knows which one is meant.
        if (is_rival) return nullptr;
        found = &unit;
    }
    return found;
}

}  // namespace gatelint
