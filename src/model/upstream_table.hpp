#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "nginx/text.hpp"

namespace gatelint {

struct Upstream;

/// nginx's list of upstreams of http or of stream: groups, and the hosts of passes without a
/// variable, each of which is a group of its own kind. What a name means depends on the order in
/// which nginx reads passes and groups (ngx_http_upstream_add, ngx_stream_upstream_add).
class UpstreamTable {
  public:
    /// One host with one port; or a group.
    struct Entry {
        std::string_view host;  ///< as the first that used it wrote it
        std::uint16_t port = 0;
        bool no_port = false;
        const Upstream* group = nullptr;
        std::string error;  ///< nginx's words: a group may not have a port
        std::size_t index = 0;
        Entry* next = nullptr;  ///< the next one of the host
    };

    explicit UpstreamTable(bool stream) : stream_(stream) {}

    /// A pass without variables. `port`: the one that is meant; `no_port`: none is written. The
    /// entry's `group` and `error` are complete when everything was added.
    const Entry& refer(std::string_view host, std::uint16_t port, bool no_port);

    /// An `upstream` block. A second of its name is left out (nginx refuses it).
    void define(std::string_view name, const Upstream& group);

    /// The group of this name or null.
    const Upstream* find_group(std::string_view name) const;

  private:
    /// The entries of one host. nginx takes the first that fits, out of a list.
    struct Host {
        std::uint64_t number = 0;
        Entry* first = nullptr;
        Entry* last = nullptr;
        Entry* group = nullptr;
    };

    Host& host_of(std::string_view name);
    Entry& add(Host& host, Entry entry);

    static std::uint64_t port_key(const Host& host, std::uint16_t port) {
        return host.number << 16U | port;
    }

    bool stream_;
    std::deque<Entry> entries_;
    std::unordered_map<std::string_view, Host, HashIgnoringCase, EqualIgnoringCase> by_host_;
    std::unordered_map<std::uint64_t, Entry*> by_port_;  ///< the first of each host and port
};

}  // namespace gatelint
