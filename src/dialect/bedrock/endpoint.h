// The endpoints of Amazon Bedrock's runtime that are served through routes.
//
// Thread rule: constants.
#pragma once

#include <cstdint>
#include <span>

#include "dialect/endpoint.h"

namespace sluice::dialect::bedrock {

inline constexpr std::string_view kName = "bedrock";

enum class Kind : std::uint8_t { kConverse, kConverseStream, kCountTokens, kInvoke, kInvokeStream };

std::span<const Endpoint> endpoints();
inline Kind kind_of(const Endpoint& endpoint) {
  return static_cast<Kind>(endpoint.code);
}

inline bool is_invoke(Kind kind) {
  return kind == Kind::kInvoke || kind == Kind::kInvokeStream;
}

}  // namespace sluice::dialect::bedrock
