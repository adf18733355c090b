// The whole bodies of answers: one function for each endpoint, and the provider's errors.
//
// Thread rule: pure. Source: the response types of the official SDK.
#pragma once

#include <string>
#include <string_view>

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/reply.h"
#include "sim/signature.h"

namespace sluice::sim {

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

std::string usage_of(const Counts& counts);
// The usage of embeddings, as it stands in their body.
std::string embeddings_usage(const Ask& ask, const Script& script);

}  // namespace sluice::sim
