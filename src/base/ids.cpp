#include "base/ids.h"

#include <random>

#include "base/time_text.h"

namespace sluice {

namespace {

// SplitMix64's mixing function (Steele, Lea & Flood, 2014): a permutation, so different states give different ids.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// The lowest `digits` of a number.
void append_hex(std::string& text, std::uint64_t number, int digits) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text.push_back(kHex[(number >> shift) & 15]);
}

std::uint64_t seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

IdMaker::IdMaker() : state_(seed()), stream_(seed() | 1) {}

std::string IdMaker::next() {
  state_ += stream_;
  auto high = mix(state_);
  auto low = mix(stream_ ^ high);
  std::string id;
  id.reserve(36);
  id = "req_";
  append_hex(id, static_cast<std::uint64_t>(wall_us() / 1000), 12);
  append_hex(id, high, 16);
  append_hex(id, low, 4);
  return id;
}

}  // namespace sluice
