// The Authorization header of a signed request, taken apart.
//
// Thread rule: pure. Source: "Signature Version 4", AWS General Reference.
#pragma once

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

}  // namespace sluice::sim
