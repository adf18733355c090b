// Encrypts small texts for keeping: AES-256-GCM, a new nonce each time, bound to the name they are kept under, so that
// one cannot be put in another's place.
//
// Thread rule: immutable; any thread. Source: NIST SP 800-38D. With random nonces a key is good for 2^32 texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace sluice {

class Sealer {
 public:
  // Any text of at least 16 bytes; what the cipher takes is derived from it.
  explicit Sealer(const Secret& key);

  // Base64 of: format (1) · nonce (12 bytes) · ciphertext · tag (16 bytes).
  std::string seal(std::string_view name, const Secret& text) const;
  // Nothing: it was sealed with another key, under another name, or is damaged.
  std::optional<Secret> open(std::string_view name, std::string_view sealed) const;

 private:
  Secret key_;
};

}  // namespace sluice
