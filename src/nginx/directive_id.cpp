#include "nginx/directive_id.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "nginx/generated/directive_tables.hpp"

namespace gatelint {

namespace {

constexpr unsigned slot_bits = 12;
constexpr std::size_t slot_count = std::size_t{1} << slot_bits;
static_assert(directive_table.size() * 3 < slot_count, "the table of names is too full");

/// Four bytes of a name as a number: compilers make one load of it.
constexpr std::uint32_t load(std::string_view name, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(name[at + i]));
    };
    return byte(0) | byte(1) << 8U | byte(2) << 16U | byte(3) << 24U;
}

/// Every statement's name is looked up: the hash takes four bytes at a time, the last four of a
/// name perhaps twice.
constexpr std::size_t slot_of(std::string_view name) {
    constexpr std::uint32_t spread = 0x9e3779b1U;  // of Fibonacci hashing: the high bits are good
    auto hash = static_cast<std::uint32_t>(name.size());
    if (name.size() < 4) {
        for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * spread;
    } else {
        for (std::size_t at = 0; at + 4 < name.size(); at += 4) {
            hash = (hash ^ load(name, at)) * spread;
        }
        hash = (hash ^ load(name, name.size() - 4)) * spread;
    }
    return hash >> (32 - slot_bits);
}

/// Names by their hash, linear probing; 0 is an empty slot.
constexpr std::array<std::uint16_t, slot_count> make_slots() {
    std::array<std::uint16_t, slot_count> slots{};
    for (std::size_t id = 1; id + 1 < directive_table.size(); ++id) {
        std::size_t slot = slot_of(directive_table[id].name);
        while (slots[slot] != 0) slot = (slot + 1) % slot_count;
        slots[slot] = static_cast<std::uint16_t>(id);
    }
    return slots;
}

constexpr std::array<std::uint16_t, slot_count> slots = make_slots();

}  // namespace

std::span<const DirectiveName> all_directive_names() {
    return std::span(directive_table).subspan(1, directive_table.size() - 2);
}

bool is_of_other_module(std::string_view name) {
    return std::binary_search(names_of_others.begin(), names_of_others.end(), name);
}

std::string_view name_of(DirectiveId id) {
    return directive_table[static_cast<std::size_t>(id)].name;
}

std::uint16_t contexts_of(DirectiveId id) {
    return directive_table[static_cast<std::size_t>(id)].contexts;
}

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

std::span<const DirectiveForm> forms_of(DirectiveId id) {
    if (id == DirectiveId::unknown) return {};
    const auto index = static_cast<std::size_t>(id);
    const std::size_t first = directive_table[index].first_form;
    return std::span(form_table).subspan(first, directive_table[index + 1].first_form - first);
}

std::span<const DirectiveValue> values_of(const DirectiveForm& form) {
    return std::span(value_table).subspan(form.first_value, form.value_count);
}

Contexts context_inside(DirectiveId id, Contexts outer) {
    using enum DirectiveId;
    switch (id) {
        case events:
            return in_events;
        case http:
            return in_http;
        case stream:
            return in_stream;
        case mail:
            return in_mail;
        case server:
            if (is_stream(outer)) return in_stream_server;
            if (is_mail(outer)) return in_mail_server;
            return is_http(outer) || outer == in_main ? in_server : in_unknown;
        case upstream:
            return is_stream(outer) ? in_stream_upstream : in_upstream;
        case location:
            return in_location;
        case if_:
            if (outer == in_server) return in_if_in_server;
            return outer == in_location ? in_if_in_location : in_unknown;
        case limit_except:
            return in_limit_except;
        default:
            return in_unknown;
    }
}

}  // namespace gatelint
