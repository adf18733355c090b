#include "base/hmac.h"

#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";

std::string_view text_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

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
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto value = kHex.find(text[i]);
    if (value == std::string_view::npos) return std::nullopt;
    auto& byte = digest[i / 2];
    byte = static_cast<std::uint8_t>(i % 2 == 0 ? value << 4 : byte | value);
  }
  return digest;
}

Hmac::Hmac(std::string_view secret) {
  std::array<char, kBlock> key{};
  if (secret.size() > key.size()) {
    std::ranges::copy(text_of(sha256(secret)), key.begin());
  } else {
    std::ranges::copy(secret, key.begin());
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner_[i] = static_cast<char>(key[i] ^ 0x36);
    outer_[i] = static_cast<char>(key[i] ^ 0x5c);
  }
}

Sha256 Hmac::of(std::string_view text) const {
  // What is hashed is one text; short ones, as keys are, need no memory of their own.
  std::array<char, 4 * kBlock> buffer;
  std::string large;
  char* joined = buffer.data();
  if (kBlock + text.size() > buffer.size()) {
    large.resize(kBlock + text.size());
    joined = large.data();
  }
  std::ranges::copy(inner_, joined);
  std::ranges::copy(text, joined + kBlock);
  const auto inner = sha256({joined, kBlock + text.size()});
  std::ranges::copy(outer_, buffer.data());
  std::ranges::copy(text_of(inner), buffer.data() + kBlock);
  return sha256({buffer.data(), kBlock + inner.size()});
}

}  // namespace sluice
