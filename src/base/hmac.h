// HMAC-SHA-256, and digests as text. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace sluice {

std::string hex(const Sha256& digest);                      // lower case
std::optional<Sha256> parse_sha256(std::string_view text);  // 64 hex digits, lower case; nothing when it is not that

// With one secret (RFC 2104), prepared once. Immutable.
class Hmac {
 public:
  explicit Hmac(std::string_view secret);
  Sha256 of(std::string_view text) const;

 private:
  static constexpr std::size_t kBlock = 64;
  std::array<char, kBlock> inner_{}, outer_{};
};

}  // namespace sluice
