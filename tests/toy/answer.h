// Answers of the toy, read. A stream is complete once an event said why it ended.
//
// Thread rule: one answer, one thread. Lifetime: events are valid until the next call.
#pragma once

#include "dialect/event_reader.h"

namespace sluice::dialect::toy {

class Answer final : public SseReader {
 public:
  using SseReader::SseReader;

  bool complete() const override { return complete_; }
  Result<chat::Event> read_whole(std::string_view body) override;

 protected:
  Status take(const http::SseFrame& frame) override;

 private:
  // A whole answer or an event: both have the same members.
  Status take_object(std::string_view text, json::Cursor& cursor);
  void take_cost(json::Cursor& cursor);

  bool complete_ = false;
};

}  // namespace sluice::dialect::toy
