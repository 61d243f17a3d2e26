#include "model/upstream_table.hpp"

#include <fmt/format.h>

#include <utility>

#include "nginx/text.hpp"

namespace gatelint {

namespace {

std::string may_not_have_port(std::string_view host, std::uint16_t port) {
    return fmt::format("upstream \"{}\" may not have port {}", host, port);
}

}  // namespace

std::vector<UpstreamTable::Entry*>& UpstreamTable::entries_of(std::string_view host) {
    return by_host_[lower_case(host)];
}

UpstreamTable::Entry& UpstreamTable::add(std::string_view host, Entry entry) {
    entries_.push_back(std::move(entry));
    entries_of(host).push_back(&entries_.back());
    return entries_.back();
}

const UpstreamTable::Entry& UpstreamTable::refer(std::string_view host, std::uint16_t port,
                                                 bool no_port) {
    for (Entry* entry : entries_of(host)) {
        if (entry->group != nullptr && !no_port) {
            entries_.push_back({host, port, no_port, nullptr, may_not_have_port(host, port)});
            return entries_.back();
        }
        // In stream a group, and whatever has no port, has port 0.
        const bool ports_differ =
            stream_ ? entry->port != port : entry->port != 0 && port != 0 && entry->port != port;
        if (!ports_differ) return *entry;
    }
    return add(host, {host, port, no_port, nullptr, {}});
}

void UpstreamTable::define(std::string_view name, const Upstream& group) {
    for (Entry* entry : entries_of(name)) {
        if (entry->group != nullptr) return;
        if (!entry->no_port) {
            entry->error = may_not_have_port(name, entry->port);
            continue;
        }
        entry->group = &group;
        entry->port = 0;
        return;
    }
    add(name, {name, 0, true, &group, {}});
}

const Upstream* UpstreamTable::find_group(std::string_view name) const {
    const auto found = by_host_.find(lower_case(name));
    if (found == by_host_.end()) return nullptr;
    for (const Entry* entry : found->second) {
        if (entry->group != nullptr) return entry->group;
    }
    return nullptr;
}

}  // namespace gatelint
