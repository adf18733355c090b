#include "base/ids.h"

#include <charconv>
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

constexpr std::string_view kPrefix = "req_";
constexpr int kTimeDigits = 14, kDigits = 32;

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
  std::string id;
  id.resize_and_overwrite(kPrefix.size() + kDigits, [&](char* to, std::size_t size) {
    char* end = put_hex(to + kPrefix.copy(to, kPrefix.size()), static_cast<std::uint64_t>(to_us(at)), kTimeDigits);
    put_hex(put_hex(end, high, 16), low, 2);
    return size;
  });
  return id;
}

std::optional<std::int64_t> time_in_id(std::string_view id) {
  if (!id.starts_with(kPrefix) || id.size() < kPrefix.size() + kTimeDigits) return std::nullopt;
  const char* const begin = id.data() + kPrefix.size();
  const char* const end = begin + kTimeDigits;
  std::uint64_t time = 0;
  const auto read = std::from_chars(begin, end, time, 16);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return static_cast<std::int64_t>(time);
}

}  // namespace sluice
