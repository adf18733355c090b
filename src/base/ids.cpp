#include "base/ids.h"

#include <random>

namespace sluice {

namespace {

// SplitMix64's mixing function (Steele, Lea & Flood, 2014): a permutation, so different states give different ids.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

std::uint64_t seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

IdMaker::IdMaker() : state_(seed()), stream_(seed() | 1) {}

std::string IdMaker::next() {
  constexpr char kHex[] = "0123456789abcdef";
  state_ += stream_;
  auto high = mix(state_);
  auto low = mix(stream_ ^ high);
  std::string id = "req_";
  for (int shift = 60; shift >= 0; shift -= 4) id.push_back(kHex[(high >> shift) & 15]);
  for (int shift = 28; shift >= 0; shift -= 4) id.push_back(kHex[(low >> shift) & 15]);
  return id;
}

}  // namespace sluice
