// Answers for Messages API clients, streamed and whole.
//
// What another provider wants back goes where these clients return it unchanged: into the signature of a thinking
// block, the data of a redacted one, or the id of a call (chat/seal.h). Source: the API's reference. Thread rule: one
// answer, one thread. Lifetime: what the options point to outlives the writer.
#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace sluice::dialect::anthropic {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options);

}  // namespace sluice::dialect::anthropic
