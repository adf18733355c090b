// What the model says to one request, as blocks, and the two ways it is told: whole, and as events.
//
//   message_start, per block: content_block_start, content_block_delta…, content_block_stop; message_delta,
//   message_stop
//
// Thread rule: plain values; functions are pure. Source: the response types of the official SDK.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/ask.h"
#include "sim/reply.h"
#include "sim/script.h"
#include "sim/signature.h"
#include "sim/stream.h"

namespace sluice::sim::anthropic {

// A block: how it opens, what is added to it, and what it is as a whole. All is JSON text.
struct Block {
  std::string opening;
  bool opening_says_all = false;  // no deltas: the opening itself is content
  std::vector<std::string> deltas;
  std::string whole;
};

struct Message {
  std::string opening;  // all members before `content`, without a bracket: "\"id\":…,"
  std::vector<Block> blocks;
  std::string ending;  // stop_reason and what explains it, without brackets
  std::string usage;   // empty: none is told
  std::string first_usage;
  std::size_t prompt_tokens = 0;
  std::size_t output_tokens = 0;
};
Message message_of(const Ask& ask, const Script& script, const Signature& signature);

std::string body_of(const Message& message);

// `host` decides how events are framed.
std::unique_ptr<Stream> stream_of(const Message& message, Host host, bool with_stop);

// {"input_tokens":…} of a request for counting.
std::string count_of(const Ask& ask);

}  // namespace sluice::sim::anthropic
