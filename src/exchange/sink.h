// Where an answer goes: outward through the stages to the client.
//
// begin() once, then any number of push(); both return when the next sink took it, so a slow client slows the provider.
// A failure of either means the answer is no longer wanted. Thread rule: the loop's thread; one call at a time.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "chat/event.h"
#include "http/message.h"

namespace sluice {

enum class AnswerForm {
  kWhole,   // one body, read to its end before it is passed on
  kEvents,  // a stream of events in a dialect we read; errors can be told inside it
  kRaw,     // bytes we do not read: audio, files, passthrough
};

struct AnswerHead {
  int status = 200;
  AnswerForm form = AnswerForm::kWhole;
  std::optional<std::uint64_t> length;  // of the body, where known
  http::Headers headers;                // of the provider, those that a client may see; content-type among them
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual Task<Status> begin(AnswerHead head) = 0;
  virtual Task<Status> push(std::span<const chat::Event> events) = 0;
};

}  // namespace sluice
