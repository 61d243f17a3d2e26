#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace gatelint {

/// The bytes of an IP address; IPv4 in the first four.
using IpBytes = std::array<unsigned char, 16>;

/// ngx_inet_addr(): four numbers up to 255. A missing one is 0 and zeros may lead, but
/// 255.255.255.255 is no address (INADDR_NONE).
std::optional<IpBytes> parse_ipv4(std::string_view text);

/// ngx_inet6_addr(), without brackets.
std::optional<IpBytes> parse_ipv6(std::string_view text);

/// ngx_ptocidr(): an address, or an address and a number of bits (`10.0.0.0/8`).
bool is_network(std::string_view text);

/// ngx_parse_addr_port(): an address, or an address (IPv6 in brackets) and a port.
bool is_ip_and_port(std::string_view text);

/// Whether no resolver can know the host: four or more numbers that are no address.
bool never_resolves(std::string_view host);

}  // namespace gatelint
