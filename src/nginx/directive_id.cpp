#include "nginx/directive_id.hpp"

#include <cstddef>

namespace gatelint {

namespace {

constexpr std::size_t slot_count = 4096;
static_assert(directive_table.size() * 3 < slot_count, "the table of names is too full");

constexpr std::size_t slot_of(std::string_view name) {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
    return (hash ^ (hash >> 15U)) % slot_count;
}

/// Names by their hash, linear probing; 0 is an empty slot.
constexpr std::array<std::uint16_t, slot_count> make_slots() {
    std::array<std::uint16_t, slot_count> slots{};
    for (std::size_t id = 1; id < directive_table.size(); ++id) {
        std::size_t slot = slot_of(directive_table[id].name);
        while (slots[slot] != 0) slot = (slot + 1) % slot_count;
        slots[slot] = static_cast<std::uint16_t>(id);
    }
    return slots;
}

constexpr std::array<std::uint16_t, slot_count> slots = make_slots();

}  // namespace

DirectiveId directive_id(std::string_view name) {
    for (std::size_t slot = slot_of(name); slots[slot] != 0; slot = (slot + 1) % slot_count) {
        if (directive_table[slots[slot]].name == name) {
            return static_cast<DirectiveId>(slots[slot]);
        }
    }
    return DirectiveId::unknown;
}

bool holds_rows(DirectiveId id) {
    switch (id) {
        case DirectiveId::map:
        case DirectiveId::geo:
        case DirectiveId::types:
        case DirectiveId::split_clients:
        case DirectiveId::charset_map:
        case DirectiveId::match:
        // Blocks of other modules, with parameters of their own.
        case DirectiveId::acme_issuer:
        case DirectiveId::mgmt:
        case DirectiveId::oidc_provider:
        case DirectiveId::otel_exporter:
            return true;
        default:
            return false;
    }
}

}  // namespace gatelint
