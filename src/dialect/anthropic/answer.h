// Answers of the Messages API as its hosts send them: whole, as server-sent events, and as Bedrock's event stream with
// one event in each of its chunks.
//
// Of Bedrock's stream, `wire` is the server-sent event that clients of this API expect, made anew around the unchanged
// JSON. Thread rule: one answer, one thread. Lifetime: events are valid until the next call.
#pragma once

#include <memory>

#include "dialect/anthropic/endpoint.h"
#include "dialect/dialect.h"

namespace sluice::dialect::anthropic {

std::unique_ptr<AnswerReader> make_reader(Host host, const ReadOptions& options, chat::Learned& learned,
                                          json::Reader& reader);

}  // namespace sluice::dialect::anthropic
