#include "base/ids.h"

#include <random>
#include <string_view>

#include "base/time_text.h"

namespace sluice {

namespace {

// SplitMix64's mixing function (Steele, Lea & Flood, 2014): a permutation, so different states give different ids.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// The lowest `digits` of a number; returns their end.
char* put_hex(char* to, std::uint64_t number, int digits) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *to++ = kHex[(number >> shift) & 15];
  return to;
}

std::uint64_t seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

IdMaker::IdMaker() : state_(seed()), stream_(seed() | 1) {}

std::string IdMaker::next(WallTime at) {
  state_ += stream_;
  auto high = mix(state_);
  auto low = mix(stream_ ^ high);
  constexpr std::string_view kPrefix = "req_";
  std::string id;
  id.resize_and_overwrite(kPrefix.size() + 32, [&](char* to, std::size_t size) {
    char* end = put_hex(to + kPrefix.copy(to, kPrefix.size()), static_cast<std::uint64_t>(to_us(at)), 14);
    put_hex(put_hex(end, high, 16), low, 2);
    return size;
  });
  return id;
}

}  // namespace sluice
