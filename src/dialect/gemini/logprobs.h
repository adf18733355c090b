// Log probabilities, between the shapes of Gemini and of Chat. Source: LogprobsResult of the Gemini API's reference;
// `logprobs` of OpenAI's chat completions. Thread rule: pure.
#pragma once

#include <string>

#include "json/writer.h"

namespace sluice::dialect::gemini {

// Consumes the logprobsResult ahead: {"content": [{"token", "logprob", "bytes", "top_logprobs"}], "refusal": null}.
std::string to_chat_logprobs(json::Cursor& cursor);
// The other way, from the object ahead, as the value of "logprobsResult".
void write_logprobs_result(json::Cursor& cursor, json::Writer& json);

}  // namespace sluice::dialect::gemini
