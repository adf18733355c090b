// Answers of Amazon Bedrock, whole and streamed: Converse in pieces, InvokeModel for what it tells.
//
// Source: ConverseResponse and ConverseStreamOutput of the AWS SDK, in frames of http/event_stream.h. A stream is
// complete once messageStop came (or, of InvokeModel, the chunk with the invocation metrics). Thread rule: one answer,
// one thread. Lifetime: events are valid until the next call.
#pragma once

#include <memory>

#include "dialect/bedrock/endpoint.h"
#include "dialect/dialect.h"

namespace sluice::dialect::bedrock {

std::unique_ptr<AnswerReader> make_reader(Kind kind, const ReadOptions& options, chat::Learned& learned,
                                          json::Reader& reader);

}  // namespace sluice::dialect::bedrock
