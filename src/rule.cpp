#include "rule.hpp"

namespace gatelint {

std::string_view name_of(Family family) {
    switch (family) {
        case Family::socket:
            return "socket";
        case Family::uri:
            return "uri";
        case Family::tls:
            return "tls";
        case Family::buffers:
            return "buffers";
        case Family::keepalive:
            return "keepalive";
        case Family::upstream:
            return "upstream";
        case Family::dns:
            return "dns";
        case Family::timeouts:
            return "timeouts";
        case Family::protocol:
            return "protocol";
        case Family::capacity:
            return "capacity";
        case Family::permission:
            return "permission";
        case Family::containers:
            return "containers";
        case Family::fallback:
            return "fallback";
        case Family::directives:
            return "directives";
        case Family::syntax:
            return "syntax";
    }
    return "";
}

const Rule* find_rule(std::string_view id) {
    for (const Rule* rule : all_rules()) {
        if (rule->id == id) return rule;
    }
    return nullptr;
}

}  // namespace gatelint
