// HMAC-SHA-256, and digests as text. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace sluice {

std::string hex(const Sha256& digest);                      // lower case
std::optional<Sha256> parse_sha256(std::string_view text);  // 64 hex digits, lower case; nothing when it is not that

// With one secret (RFC 2104), of which half of the work is done once. Immutable.
class Hmac {
 public:
  explicit Hmac(std::string_view secret);
  Sha256 of(std::string_view text) const;

 private:
  using State = std::array<std::uint32_t, 28>;  // OpenSSL's
  State inner_{}, outer_{};                     // behind the secret's block
};

}  // namespace sluice
