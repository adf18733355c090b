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
  bool goes_on = false;      // the provider goes on with the answer where nobody listens; what it uses is not told
  std::int64_t created = 0;  // seconds since 1970 as the provider says; 0: it does not
  std::uint64_t next_sequence = 0;  // Responses: the sequence number an event of ours would take

  // How much the answer has shown so far, in bytes of plain text: text, reasoning, refusals, names and arguments of
  // calls, of all choices. Media, states, ids, citations and the results of server tools are left out: their length
  // says nothing of tokens.
  std::uint64_t shown = 0;
  std::uint64_t counted = 0;  // of these, what the usage told so far counts

  void show(json::Escaped text);
  void show(const Piece& piece);  // what of it is text
  // Once usage was told: it counts all that was shown before. Usage that tells of no output counts none of it, also
  // where an earlier one did: `output` is what this one tells.
  void count_shown(std::uint64_t output) {
    if (output > 0) counted = shown;
  }
};

}  // namespace sluice::chat
