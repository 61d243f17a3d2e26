#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nginx/address.hpp"
#include "source/span.hpp"
#include "surroundings/formats/value.hpp"

namespace gatelint {

/// The names that a host knows by itself, from /etc/hosts.
class Hosts {
  public:
    struct Entry {
        Address address;  ///< without a port; points into the text
        Span span;        ///< of the address
        Span name_span;
    };

    /// Reads a text; lines without an address are skipped, as gethostbyname(3) does.
    static Hosts parse(std::string_view text, SourceId source);

    /// A name that somebody else tells of; nothing happens where the text is no address. The text
    /// must live as long as this.
    void add(std::string_view name, const Value& address);

    /// The addresses of a name, in any case, in the order of the file; none where it is not there.
    const std::vector<Entry>& find(std::string_view name) const;

    /// Whether a name has addresses of both families.
    bool is_dual_stack(std::string_view name) const;

    bool empty() const { return by_name_.empty(); }

  private:
    std::map<std::string, std::vector<Entry>, std::less<>> by_name_;
};

}  // namespace gatelint
