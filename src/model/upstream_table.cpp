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

UpstreamTable::Entry& UpstreamTable::add(Host& host, Entry entry) {
    entry.index = entries_.size();
    entries_.push_back(std::move(entry));
    Entry& added = entries_.back();
    host.entries.push_back(&added);
    host.by_port.emplace(added.port, &added);
    if (added.group != nullptr) host.group = &added;
    return added;
}

const UpstreamTable::Entry& UpstreamTable::refer(std::string_view name, std::uint16_t port,
                                                 bool no_port) {
    Host& host = by_host_[lower_case(name)];
    Entry* fitting = nullptr;
    const auto consider = [&](Entry* entry) {
        if (fitting == nullptr || entry->index < fitting->index) fitting = entry;
    };
    const auto same = host.by_port.find(port);
    if (same != host.by_port.end()) consider(same->second);
    if (!stream_) {
        // In http no port fits any port.
        const auto none = host.by_port.find(0);
        if (none != host.by_port.end()) consider(none->second);
        if (port == 0 && !host.entries.empty()) consider(host.entries.front());
    }
    // Of a group that is read before, nginx says so.
    const bool meets_group = host.group != nullptr && !no_port &&
                             (fitting == nullptr || host.group->index <= fitting->index);
    if (meets_group) {
        entries_.push_back(
            {name, port, no_port, nullptr, may_not_have_port(name, port), entries_.size()});
        return entries_.back();
    }
    if (fitting != nullptr) return *fitting;
    return add(host, {name, port, no_port, nullptr, {}, 0});
}

void UpstreamTable::define(std::string_view name, const Upstream& group) {
    Host& host = by_host_[lower_case(name)];
    if (host.group != nullptr) return;
    for (Entry* entry : host.entries) {
        if (!entry->no_port) {
            entry->error = may_not_have_port(name, entry->port);
            continue;
        }
        entry->group = &group;
        host.group = entry;
        // Its port is forgotten; a later pass with the port does not find it by that.
        const auto known = host.by_port.find(entry->port);
        if (known != host.by_port.end() && known->second == entry) host.by_port.erase(known);
        entry->port = 0;
        const auto none = host.by_port.emplace(0, entry).first;
        if (entry->index < none->second->index) none->second = entry;
        return;
    }
    add(host, {name, 0, true, &group, {}, 0});
}

const Upstream* UpstreamTable::find_group(std::string_view name) const {
    const auto found = by_host_.find(lower_case(name));
    if (found == by_host_.end() || found->second.group == nullptr) return nullptr;
    return found->second.group->group;
}

}  // namespace gatelint
