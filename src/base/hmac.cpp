#include "base/hmac.h"

#include <openssl/sha.h>

#include <algorithm>
#include <bit>

namespace sluice {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

// What a character is as a digit; kNone: it is none. A start reads a hundred thousand digests.
constexpr std::uint8_t kNone = 16;
constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNone);
  for (std::size_t i = 0; i < kHex.size(); ++i)
    digits[static_cast<std::uint8_t>(kHex[i])] = static_cast<std::uint8_t>(i);
  return digits;
}();

}  // namespace

std::string hex(const Sha256& digest) {
  std::string text;
  text.reserve(2 * digest.size());
  for (auto byte : digest) {
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

std::optional<Sha256> parse_sha256(std::string_view text) {
  Sha256 digest;
  if (text.size() != 2 * digest.size()) return std::nullopt;
  std::uint8_t seen = 0;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const auto high = kDigits[static_cast<std::uint8_t>(text[2 * i])];
    const auto low = kDigits[static_cast<std::uint8_t>(text[2 * i + 1])];
    seen |= high | low;
    digest[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (seen >= kNone) return std::nullopt;
  return digest;
}

// What replaces these functions of OpenSSL cannot copy the state of a digest without allocating.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

Hmac::Hmac(std::string_view secret) {
  std::array<std::uint8_t, SHA256_CBLOCK> key{};
  if (secret.size() > key.size()) {
    std::ranges::copy(sha256(secret), key.begin());
  } else {
    std::ranges::copy(secret, key.begin());
  }
  auto begin = [&key](std::uint8_t pad) {
    auto block = key;
    for (auto& byte : block) byte ^= pad;
    SHA256_CTX state{};
    SHA256_Init(&state);
    SHA256_Update(&state, block.data(), block.size());
    return std::bit_cast<State>(state);
  };
  inner_ = begin(0x36);
  outer_ = begin(0x5c);
}

Sha256 Hmac::of(std::string_view text) const {
  Sha256 digest;
  auto state = std::bit_cast<SHA256_CTX>(inner_);
  SHA256_Update(&state, text.data(), text.size());
  SHA256_Final(digest.data(), &state);
  state = std::bit_cast<SHA256_CTX>(outer_);
  SHA256_Update(&state, digest.data(), digest.size());
  SHA256_Final(digest.data(), &state);
  return digest;
}

#pragma clang diagnostic pop

}  // namespace sluice
