// The endpoints of the Messages API that are served through routes, and where its requests go at each of its hosts.
//
// Source: the API's reference; Vertex AI's rawPredict and Bedrock's InvokeModel as the API's SDKs call them. Thread
// rule: constants.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace sluice::dialect::anthropic {

inline constexpr std::string_view kName = "anthropic";

enum class Kind : std::uint8_t { kMessages, kCountTokens };

std::span<const Endpoint> endpoints();

// Who runs the model: requests differ in where they name it and what stands beside it.
enum class Host : std::uint8_t { kAnthropic, kVertex, kBedrock };

// Whether it is Vertex AI's: its bodies tell a version, and its paths the model.
bool is_hosted(const Endpoint& endpoint);

// What the API's own requests say of it, in the field anthropic-version.
inline constexpr std::string_view kVersion = "2023-06-01";
// What the body says of its version; empty: a header field does.
std::string_view body_version(Host host);
// Below the base URL with its version.
std::string path_of(Host host, Operation operation, std::string_view model, bool stream);

}  // namespace sluice::dialect::anthropic
