// What Cohere answers: a chat message, whole or as a stream of events, embeddings, and an order of documents.
//
// Thread rule: pure. Source: the response types of Cohere's OpenAPI file.
#pragma once

#include "sim/answer.h"
#include "sim/ask.h"
#include "sim/script.h"
#include "sim/signature.h"

namespace sluice::sim {

Answer cohere_chat_answer(const Ask& ask, const Script& script, const Signature& signature);

Answer cohere_embed_answer(const Ask& ask, const Script& script, const Signature& signature);

// The relevance of a document is the share of the query's words that are in it.
Answer cohere_rerank_answer(const Ask& ask, const Script& script, const Signature& signature);

}  // namespace sluice::sim
