// What the Gemini API answers, as JSON text.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/reply.h"
#include "sim/script.h"
#include "sim/signature.h"

namespace sluice::sim {

// A call as it is told: with an id (newer models only) and a thought signature (of the first), empty where there is
// none. The arguments are the text of a JSON object.
struct ToldCall {
  std::string name;
  std::string id;
  std::string arguments;
  std::string thought_signature;
};

// What one answer says, and the words that frame it.
struct GeminiReply {
  std::string thoughts;   // those that are shown
  std::string reasoning;  // all of them, shown or not
  std::string text;
  bool says_text = true;
  bool signs_text = false;
  std::vector<ToldCall> calls;
  std::string finish_reason;
  std::string finish_message;
  std::string usage;  // JSON text; empty: none
  std::size_t candidates = 1;
  std::string tail;  // the members behind the usage: ,"modelVersion":…,"responseId":…}
};

// A call whose arguments are no JSON object cannot be told: then the model made a malformed call, and says nothing.
GeminiReply gemini_reply(const Ask& ask, const Script& script, Reply reply, const Signature& signature);

// Usage as the API counts: thoughts are not among the candidates' tokens, and what is zero is not there.
std::string gemini_usage(const Counts& counts);
std::string vertex_usage(const Counts& counts);

std::string thought_part(std::string_view text);
std::string text_part(std::string_view text, std::string_view thought_signature);
std::string call_part(const ToldCall& call);

// A GenerateContentResponse: `parts` are joined by commas, `usage` may be empty. Only the last one of a stream, or a
// whole answer, `finishes`.
std::string response_of(const GeminiReply& reply, std::string_view parts, std::string_view usage, bool finishes);

// The whole of an answer; `nonce` ends its text.
std::string whole_response(const GeminiReply& reply, std::string_view nonce);

std::string token_count_body(const Ask& ask);
std::string embedding_body(const Ask& ask);
std::string gemini_models_body();

}  // namespace sluice::sim
