// Answers to requests for embeddings, of the Gemini API and of Vertex AI. The requests: request.h and write.h.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/embed.h"
#include "dialect/gemini/endpoint.h"
#include "json/fwd.h"

namespace sluice::dialect::gemini {

// {"embedding"}, {"embeddings"}, or Vertex AI's {"predictions"}.
Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader);
std::string write_embeddings(Kind kind, const chat::Embeddings& embeddings);

}  // namespace sluice::dialect::gemini
