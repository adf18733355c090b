// What it takes to answer in the client's dialect when the provider speaks another one: of one attempt.
//
// Thread rule: the loop's thread. Ownership: the exchange.
#pragma once

#include <memory>

#include "chat/halves.h"
#include "dialect/dialect.h"

namespace sluice {

struct Translation {
  // As the client sent it, by operation; what writes the answer looks at it.
  chat::Request request;
  chat::EmbedRequest embed;
  chat::RerankRequest rerank;
  std::unique_ptr<dialect::AnswerWriter> writer;  // null: the answer is no message, and is translated as a whole
  chat::Halves halves;                            // of characters that the provider cut in two
  chat::Renamed renamed;                          // names of tools as the provider got them
};

}  // namespace sluice
