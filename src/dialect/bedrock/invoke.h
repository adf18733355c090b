// InvokeModel: a request in the language of the model's vendor. Claude's, which is the Messages API, is translated like
// any other; those of other vendors go to Bedrock as they are, and nowhere else.
//
// Source: the InvokeModel reference and the AWS SDKs. Thread rule: pure; a writer belongs to one answer.
#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace sluice::dialect::bedrock {

// Faults: kInvalidRequest, also for a body of another vendor.
Result<chat::Request> read_invoked(std::string_view body, json::Reader& reader);

// Whole: a message. Streamed: frames, each with an event of the Messages API; the last one has the metrics, as Bedrock
// has it.
std::unique_ptr<AnswerWriter> make_invoke_writer(const WriteOptions& options);

}  // namespace sluice::dialect::bedrock
