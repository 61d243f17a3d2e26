#pragma once

#include <cstdint>
#include <string_view>

namespace gatelint {

/// What is wrong with the address of a pass or of an upstream's server, the most specific that can
/// be said: each refusal of nginx is one mistake, and each mistake the business of one rule.
enum class Mistake : std::uint8_t {
    none,
    scheme_missing,       ///< a proxy_pass of http without http:// or https://
    scheme_forbidden,     ///< a scheme where nginx takes an address
    unix_prefix_missing,  ///< a socket's path without unix:
    url_in_member,        ///< a scheme or a path in an upstream's server
    port_missing,
    port_on_group,      ///< a port after the name of a group
    group_comes_later,  ///< the name of a group, which nginx does not connect with it
    invalid,            ///< no address at all
};

/// Why nginx refuses the argument of a pass. `text` is the argument, `rest` what follows the scheme
/// that the pass takes.
Mistake mistake_in_pass(std::string_view text, std::string_view rest, bool scheme_required);

/// Why nginx refuses the address of an upstream's server.
Mistake mistake_in_member(std::string_view text);

/// How many bytes at the beginning are a scheme with its colon and slashes (`http://`, `http:/`).
std::size_t scheme_length(std::string_view text);

}  // namespace gatelint
