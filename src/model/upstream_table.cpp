#include "model/upstream_table.hpp"

#include <fmt/format.h>

#include <utility>

namespace gatelint {

namespace {

std::string may_not_have_port(std::string_view host, std::uint16_t port) {
    return fmt::format("upstream \"{}\" may not have port {}", host, port);
}

}  // namespace

UpstreamTable::Host& UpstreamTable::host_of(std::string_view name) {
    const auto [found, is_new] = by_host_.try_emplace(name);
    if (is_new) found->second.number = by_host_.size();
    return found->second;
}

UpstreamTable::Entry& UpstreamTable::add(Host& host, Entry entry) {
    entry.index = entries_.size();
    entries_.push_back(std::move(entry));
    Entry& added = entries_.back();
    (host.last == nullptr ? host.first : host.last->next) = &added;
    host.last = &added;
    by_port_.emplace(port_key(host, added.port), &added);
    if (added.group != nullptr) host.group = &added;
    return added;
}

const UpstreamTable::Entry& UpstreamTable::refer(std::string_view name, std::uint16_t port,
                                                 bool no_port) {
    Host& host = host_of(name);
    Entry* fitting = nullptr;
    const auto consider = [&](Entry* entry) {
        if (fitting == nullptr || entry->index < fitting->index) fitting = entry;
    };
    const auto consider_port = [&](std::uint16_t one) {
        const auto found = by_port_.find(port_key(host, one));
        if (found != by_port_.end()) consider(found->second);
    };
    if (host.first != nullptr) consider_port(port);
    // In http no port fits any port.
    if (host.first != nullptr && !stream_) {
        consider_port(0);
        if (port == 0) consider(host.first);
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
    Host& host = host_of(name);
    if (host.group != nullptr) return;
    for (Entry* entry = host.first; entry != nullptr; entry = entry->next) {
        if (!entry->no_port) {
            entry->error = may_not_have_port(name, entry->port);
            continue;
        }
        entry->group = &group;
        host.group = entry;
        // Its port is forgotten; a later pass with the port does not find it by that.
        const auto known = by_port_.find(port_key(host, entry->port));
        if (known != by_port_.end() && known->second == entry) by_port_.erase(known);
        entry->port = 0;
        const auto none = by_port_.emplace(port_key(host, 0), entry).first;
        if (entry->index < none->second->index) none->second = entry;
        return;
    }
    add(host, {name, 0, true, &group, {}, 0});
}

const Upstream* UpstreamTable::find_group(std::string_view name) const {
    const auto found = by_host_.find(name);
    if (found == by_host_.end() || found->second.group == nullptr) return nullptr;
    return found->second.group->group;
}

}  // namespace gatelint
