// The whole bodies of answers: one function for each endpoint, and the provider's errors.
//
// Thread rule: pure. Source: the response types of the official SDK.
#pragma once

#include <string>
#include <string_view>

#include "sim/ask.h"
#include "sim/event_stream.h"
#include "sim/reply.h"

namespace sluice::sim {

struct Body {
  std::string bytes;
  std::string content_type = "application/json";
};

Body completion_body(const Ask& ask, const Script& script, const Reply& reply, const Signature& signature);
Body embeddings_body(const Ask& ask, const Script& script);
Body moderations_body(const Ask& ask, const Signature& signature);
Body images_body(const Ask& ask, const Signature& signature);
Body speech_body(const Ask& ask, const Script& script);
Body transcript_body(const Ask& ask, const Script& script);
Body models_body(const Signature& signature);

// {"error": {"message", "type", "param", "code"}}; an empty param or code is null.
std::string error_body(std::string_view message, std::string_view type, std::string_view param, std::string_view code);
std::string error_body(const Problem& problem);
// What the provider says with a status when the script does not say it.
std::string error_body(int status);

// The usage of embeddings, as it stands in their body.
std::string embeddings_usage(const Ask& ask, const Script& script);

}  // namespace sluice::sim
