#include "net/address_rules.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "base/text.h"

namespace sluice::net {

namespace {

// The first 32 bits of addresses that are not the public internet's.
struct Block {
  std::uint32_t bits;
  int prefix;
};

constexpr Block kNotPublic4[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // private
    {0x64400000, 10},  // shared by carriers; Alibaba's metadata
    {0x7f000000, 8},   // loopback
    {0xa83f8110, 32},  // 168.63.129.16: Azure's platform
    {0xa9fe0000, 16},  // link-local; the metadata of AWS, Azure, Google and others
    {0xac100000, 12},  // private
    {0xc0000000, 24},  // protocol assignments; Oracle's metadata
    {0xc0000200, 24},  // documentation
    {0xc0586300, 24},  // relays of 6to4
    {0xc0a80000, 16},  // private
    {0xc6120000, 15},  // benchmarks
    {0xc6336400, 24},  // documentation
    {0xcb007100, 24},  // documentation
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved; broadcast
};

// Only 2000::/3 was ever given out. Outside of it are ::, ::1, ::ffff:0:0/96 (mapped), 64:ff9b::/96 and 64:ff9b:1::/48
// (NAT64), 100::/64 (discard), fc00::/7 (private), fe80::/10 (link-local), fec0::/10 (site-local), ff00::/8
// (multicast).
constexpr Block kGlobal6{0x20000000, 3};
constexpr Block kNotPublic6[] = {
    {0x20010000, 23},  // protocol assignments: Teredo, benchmarks, ORCHID
    {0x20010db8, 32},  // documentation
    {0x20020000, 16},  // 6to4
    {0x3fff0000, 20},  // documentation
};

bool is_in(std::uint32_t bits, const Block& block) {
  return ((bits ^ block.bits) >> (32 - block.prefix)) == 0;
}

bool is_public(AddressBytes address) {
  std::uint32_t bits = 0;
  for (std::uint8_t byte : address.first(4)) bits = bits << 8 | byte;
  auto holds = [bits](const Block& block) { return is_in(bits, block); };
  if (address.size() == 4) return std::ranges::none_of(kNotPublic4, holds);
  return is_in(bits, kGlobal6) && std::ranges::none_of(kNotPublic6, holds);
}

}  // namespace

bool Network::holds(AddressBytes address) const {
  if (address.size() != size) return false;
  for (std::size_t bit = 0; bit < prefix; ++bit) {
    if (((address[bit / 8] ^ bytes[bit / 8]) >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const std::string address(text.substr(0, slash));
  Network network;
  network.size = address.find(':') == std::string::npos ? 4 : 16;
  if (::inet_pton(network.size == 4 ? AF_INET : AF_INET6, address.c_str(), network.bytes.data()) != 1) return {};
  network.prefix = network.size * 8;
  if (slash == text.size()) return network;
  const auto prefix = to_number<std::uint8_t>(text.substr(slash + 1));
  if (!prefix || *prefix > network.prefix) return {};
  for (std::size_t bit = *prefix; bit < network.prefix; ++bit) {
    if ((network.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return {};
  }
  network.prefix = *prefix;
  return network;
}

Network unmapped(const Network& network) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::size_t kBits = kMapped.size() * 8;
  if (network.size != 16 || network.prefix < kBits ||
      !std::ranges::equal(kMapped, AddressBytes(network.bytes).first(12)))
    return network;
  Network four{.bytes = {}, .size = 4, .prefix = network.prefix - kBits};
  std::ranges::copy(AddressBytes(network.bytes).last(4), four.bytes.begin());
  return four;
}

bool AddressRules::allows(AddressBytes address) const {
  if (address.size() != 4 && address.size() != 16) return false;
  return is_public(address) ||
         std::ranges::any_of(allowed_, [&](const Network& network) { return network.holds(address); });
}

}  // namespace sluice::net
