// Writes chat/completions answers, streamed (chunks) and whole.
//
// Source: the API's reference, and what the official SDK's helper for streams holds a stream to: a role first, calls
// one after the other with dense indexes, the whole name in a call's first delta. Reasoning is `reasoning_content`, as
// DeepSeek and others have it. What a provider wants back of it is sealed (chat/seal.h): in the id of the next call,
// which every client returns, or in `reasoning_details` where no call follows.
// Thread rule: one answer, one thread. Lifetime: the options' views outlive it.
#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace sluice::dialect::openai {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options);

}  // namespace sluice::dialect::openai
