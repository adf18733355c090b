// The signature of a signed request: the Authorization header taken apart, and what the signature has to be.
//
// Thread rule: pure. Source: "Signature Version 4", AWS General Reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace sluice::sim {

struct SignedBy {
  std::string key_id;
  std::string date;  // YYYYMMDD
  std::string region;
  std::vector<std::string> headers;  // names, in the order they are signed in
  std::string signature;             // lower-case hex
};

// Nothing when the header is no signature for Bedrock, or lacks a part, or signs too little: the host, x-amz-date and,
// when it was sent, the session's token.
std::optional<SignedBy> read_signature(const http::RequestHead& head);

// What the signature has to be, made with the secret of the key: of the headers that are signed and of the body.
std::string right_signature(const http::RequestHead& head, std::string_view body, const SignedBy& by,
                            std::string_view secret);

// Seconds since 1970 of "20261122T101112Z"; 0 when it is no time.
std::int64_t time_of(std::string_view stamp);

}  // namespace sluice::sim
