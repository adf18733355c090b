// The usage of Converse answers. Source: TokenUsage of the AWS SDK: inputTokens holds nothing that was read from or
// written to a cache; reasoning is not told apart. Thread rule: pure.
#pragma once

#include "chat/learned.h"
#include "json/writer.h"

namespace sluice::dialect::bedrock {

// Consumes the TokenUsage ahead; keeps what is in `learned` where it tells nothing.
void read_usage(json::Cursor& cursor, chat::Learned& learned);
// The same of InvokeModel: the usage of Claude's own answers.
void read_claude_usage(json::Cursor& cursor, chat::Learned& learned);
// The "amazon-bedrock-invocationMetrics" of InvokeModel's streams.
void read_metrics(json::Cursor& cursor, chat::Learned& learned);

// Appends the member "usage".
void write_usage(const chat::Usage& usage, json::Writer& json);

}  // namespace sluice::dialect::bedrock
