// The endpoints of the Gemini API: by model, and by publisher and model as Vertex AI has them.
//
// Thread rule: constants.
#pragma once

#include <span>

#include "dialect/endpoint.h"

namespace sluice::dialect::gemini {

inline constexpr std::string_view kName = "gemini";

enum class Kind : std::uint8_t {
  kGenerate,
  kStream,       // alt=sse: server-sent events
  kStreamArray,  // one JSON array
  kCountTokens,
  kEmbed,
  kBatchEmbed,
};

std::span<const Endpoint> endpoints();
inline Kind kind_of(const Endpoint& endpoint) {
  return static_cast<Kind>(endpoint.code);
}
// The method of a path: "generateContent".
std::string_view method_of(Kind kind);

}  // namespace sluice::dialect::gemini
