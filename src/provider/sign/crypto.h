// What signatures are made of: SHA-256 over pieces, HMAC-SHA-256, RSA with SHA-256.
//
// Source: FIPS 180-4, RFC 2104, RFC 8017 (8.2, RSASSA-PKCS1-v1_5). Thread rule: pure; a key may be used by many threads
// at once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace sluice::provider {

Sha256 sha256_of(std::span<const std::string_view> pieces);  // of all pieces as one text
Sha256 hmac_sha256(std::string_view key, std::string_view text);
std::string hex(const Sha256& digest);            // lower case
std::string_view bytes_of(const Sha256& digest);  // valid as long as the digest

// A private RSA key.
class RsaKey {
 public:
  // Null when the text is no unencrypted RSA key in PEM form.
  static std::unique_ptr<const RsaKey> from_pem(std::string_view pem);
  ~RsaKey();
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;

  // The signature of the text, as bytes. Takes about a millisecond: for a worker.
  std::string sign(std::string_view text) const;

 private:
  struct Impl;
  explicit RsaKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::provider
