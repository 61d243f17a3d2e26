#include "surroundings/surroundings.hpp"

// Which unit runs nginx.

namespace gatelint {

const SystemdUnit* Surroundings::nginx_unit() const {
    if (nginx_service() != nullptr) return nullptr;
    const SystemdUnit* found = nullptr;
    for (const SystemdUnit& unit : units()) {
        if (unit.name != "nginx.service" || unit.is_of_user) continue;
        if (unit.is_installed()) return &unit;
        // Of two in a repository, nobody knows which one is meant.
        if (found != nullptr) return nullptr;
        found = &unit;
    }
    return found;
}

}  // namespace gatelint
