// What an answer has told so far beside its content. Readers of answers fill it in; writers put it into theirs.
//
// Thread rule: one thread. Lifetime: owns its texts.
#pragma once

#include <cstdint>
#include <string>

#include "chat/event.h"
#include "chat/usage.h"

namespace sluice::chat {

struct Learned {
  Usage usage;
  std::string model;          // as the provider named it
  std::string id;             // of the answer: "chatcmpl-…", "msg_…"
  std::string service_tier;   // as answered
  std::string speed;          // where it is told beside the tier: "fast"
  std::string geo;            // where inference was kept, if the answer says so: "us", "global"
  std::string finish_reason;  // the provider's own word, the last one seen
  FinishReason finish = FinishReason::kNone;
  std::int64_t created = 0;         // seconds since 1970 as the provider says; 0: it does not
  std::uint64_t next_sequence = 0;  // Responses: the sequence number an event of ours would take
};

}  // namespace sluice::chat
