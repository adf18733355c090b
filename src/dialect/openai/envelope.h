// What a provider says in the body of an error, in the shapes that are seen in the wild:
//
//   {"error": {"message", "type", "param", "code"}}      OpenAI, Azure and most others; `error` may be a plain string
//   {"object": "error", "message", "type", "code", …}    Mistral, older vLLM; `message` may be {"detail": [{"msg"}]}
//   {"detail": "…"}  {"detail": [{"msg": "…"}]}          FastAPI servers
//   {"message": "…", "code": …}                          proxies
//   {"x_groq": {"error": …}}                             Groq, in streams
//   [{"error": …}]                                       Gemini's compatible endpoint
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/faults.h"
#include "json/fwd.h"

namespace sluice::dialect::openai {

struct Envelope {
  bool found = false;   // the body is one of these shapes
  std::string message;  // as the provider wrote it: secrets are not masked yet
  std::string type;
  std::string code;  // numbers as their digits
  std::string param;
};

Envelope read_envelope(std::string_view body, json::Reader& reader);

// May another attempt help, by status and by what was said? 0 when there is no status of its own: an error in a stream.
Retry retry_of(int status, const Envelope& envelope);

// What an envelope says, for a Fault. `status` is 0 when there is none of its own: an error in a stream.
Said said_in(const Envelope& envelope, int status = 0);

// The provider's account is out of money or quota: no retry helps there.
bool is_quota_code(std::string_view code_or_type);
bool is_context_length(const Envelope& envelope);
// Reasoning of earlier turns that this account cannot open.
bool is_foreign_state(const Envelope& envelope);

}  // namespace sluice::dialect::openai
