#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatelint {

/// Whether ngx_hash_add_key() declines the key as a name with wildcards.
bool is_invalid_wildcard(std::string_view key);

/// The keys of one of nginx's hashes of names: those of all servers of an address, or of a `map`.
/// It knows which names collide (ngx_hash_add_key): letter case does not count, and with wildcards
/// `.example.com` is `example.com` and `*.example.com` at once.
///
/// The names must outlive it.
class NameHash {
  public:
    explicit NameHash(bool wildcards) : wildcards_(wildcards) {}

    /// Adds a name with a value of the caller's, or gives the value of the name that it collides
    /// with. Names that nginx refuses are not added.
    std::optional<std::size_t> add(std::string_view name, std::size_t value);

  private:
    using Values = std::unordered_map<std::string_view, std::size_t>;

    std::optional<std::size_t> put(Values& values, std::string_view name, std::size_t value);

    bool wildcards_;
    Values exact_;  ///< all three by name in lower case
    Values head_;   ///< *.example.com
    Values tail_;   ///< www.example.*
    std::deque<std::string> lowered_;
};

}  // namespace gatelint
