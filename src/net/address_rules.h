// Which addresses may be connected to for a name that somebody outside chose: the public internet's, and networks that
// the operator allows.
//
// All else is refused: loopback, private, shared, link-local and site-local addresses, multicast, addresses of clouds'
// metadata, those that only wrap an IPv4 address (mapped, NAT64, 6to4, Teredo), and what nobody was given yet.
//
// Source: IANA's registries of special-purpose addresses; RFC 6890, RFC 4291. Thread rule: immutable; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::net {

// An address in network order: 4 or 16 bytes.
using AddressBytes = std::span<const std::uint8_t>;

struct Network {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 4;    // of an address in bytes
  std::size_t prefix = 0;  // bits

  bool holds(AddressBytes address) const;
};

// "10.0.0.0/8", "fd00::/8"; an address alone is a network of one. Nothing when it is neither or has bits set beyond its
// prefix.
std::optional<Network> parse_network(std::string_view text);
// "::ffff:10.0.0.0/104" is 10.0.0.0/8 where both spellings of an IPv4 address are one; other networks as they are.
Network unmapped(const Network& network);

class AddressRules {
 public:
  explicit AddressRules(std::vector<Network> allowed) : allowed_(std::move(allowed)) {}
  bool allows(AddressBytes address) const;

 private:
  std::vector<Network> allowed_;
};

}  // namespace sluice::net
