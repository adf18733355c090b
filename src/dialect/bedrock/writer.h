// Answers for Converse clients, from the pieces of any provider's.
//
// Source: ConverseResponse and ConverseStreamOutput of the AWS SDK. Reasoning that another provider has signed goes
// into `signature`, sealed (chat/seal.h). Thread rule: one answer, one thread.
#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace sluice::dialect::bedrock {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options);

}  // namespace sluice::dialect::bedrock
