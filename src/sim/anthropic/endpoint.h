// The paths and keys of the Anthropic API, plain and as Vertex and Bedrock have them.
//
// Thread rule: pure. Source: the API references; for signed requests AWS Signature Version 4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "sim/place.h"

namespace sluice::sim::anthropic {

inline constexpr std::string_view kFirstVersion = "2023-06-01";
inline constexpr std::string_view kSecondVersion = "2026-10-21";

// Each is kUnknown for a path of another host.
Place own_place(const http::RequestHead& head);
Place vertex_place(const http::RequestHead& head);
Place bedrock_place(const http::RequestHead& head);

// What is wrong with the signature of a request to AWS; nothing when there is none. Whether it is the right one for the
// body is not looked at: that takes the secret.
std::optional<std::string> bad_signature(const http::RequestHead& head);

// The id of the key a request to AWS is signed with; empty when it is not signed, or wrongly.
std::string signing_key(const http::RequestHead& head);

}  // namespace sluice::sim::anthropic
