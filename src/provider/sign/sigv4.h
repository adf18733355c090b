// AWS Signature Version 4.
//
// Source: AWS, "Signature Version 4 signing process" (IAM user guide); paths are encoded twice, as for all services but
// S3. Thread rule: pure, but for ClockSkew: one atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "http/message.h"
#include "provider/sign/credentials.h"

namespace sluice::provider {

struct SigningScope {
  std::string_view host;  // the Host field as it is sent: "name" or "name:port"
  std::string_view region;
  std::string_view service;
};

// Adds x-amz-date, x-amz-content-sha256, with temporary keys x-amz-security-token, and authorization; fields of these
// names that were there are replaced. Every field of the head but those that change on the way is signed: nothing may
// be added to, or changed in head and body after this.
void sign_sigv4(http::RequestHead& head, const Sha256& body_hash, const SigningScope& scope,
                const Credentials& credentials, WallTime time);

// The steps of it. `time` as "20261122T101112Z".
std::string amz_date(WallTime time);
std::optional<WallTime> parse_amz_date(std::string_view text);
struct Canonical {
  std::string request;
  std::string signed_headers;  // "host;x-amz-date"
};
Canonical canonical_request(const http::RequestHead& head, std::string_view host, std::string_view body_hash);
std::string string_to_sign(std::string_view canonical, std::string_view date, const SigningScope& scope);
Sha256 signing_key(const Secret& secret_key, std::string_view date, const SigningScope& scope);

// AWS accepts five minutes; a Date has a resolution of a second, and the answer took its time.
inline constexpr Ms kAcceptedSkew = std::chrono::minutes(4);

// How far the provider's clock is ahead of ours, when that is too much for it to accept our signatures.
class ClockSkew {
 public:
  WallTime corrected(WallTime now) const { return now + Ms(ahead_ms_.load(std::memory_order_relaxed)); }
  // Looks at the Date of an answer; true when the correction changed.
  bool learn(const http::Headers& answer, WallTime now);

 private:
  std::atomic<std::int64_t> ahead_ms_{0};
};

}  // namespace sluice::provider
