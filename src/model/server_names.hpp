#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/model.hpp"

namespace gatelint {

/// The names of the servers that share an address: which of them answers to a Host, or to the name
/// of a TLS handshake (ngx_http_find_virtual_server).
class ServerNames {
  public:
    /// `servers` in the order in which nginx reads them, the default one among them.
    ServerNames(std::span<const Server* const> servers, const Server* default_server);

    /// The server that is chosen for a name ("" for none, which reaches the default server). An
    /// exact name comes first, then the longest `*.name`, then the longest `name.*`. Null where it
    /// cannot be told: after a server of which not all is known, or where regular expressions are
    /// asked at last.
    const Server* server_for(std::string_view name) const;

    /// Whether a server has the name, or a wildcard that it fits. All names that none has reach the
    /// same server.
    bool has(std::string_view name) const {
        return find(exact_, name) != nullptr || find_by_wildcard(name) != nullptr;
    }

  private:
    using Names =
        std::unordered_map<std::string_view, const Server*, HashIgnoringCase, EqualIgnoringCase>;

    void add(const Server& server);
    void add_name(const Word& word, const Server& server);
    static const Server* find(const Names& names, std::string_view name);
    const Server* find_by_wildcard(std::string_view name) const;

    const Server* default_server_;
    Names exact_;
    Names heads_;  ///< `*.name` and `.name`, from the dot on
    Names tails_;  ///< `name.*`, to the dot
    bool has_regex_ = false;
    bool is_known_ = true;  ///< false: after all of these come some that are unknown
};

}  // namespace gatelint
