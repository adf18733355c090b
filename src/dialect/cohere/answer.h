// Answers of Cohere: chat in pieces, whole and streamed; of embed and rerank what was used.
//
// Source: the responses of the API's reference. A stream is complete once message-end came without an error. The
// tool_plan is reasoning that ends with a kPlain state whose data says so (write.h). Thread rule: one answer, one
// thread. Lifetime: events are valid until the next call.
#pragma once

#include "dialect/event_reader.h"

namespace sluice::dialect::cohere {

class Answer final : public SseReader {
 public:
  using SseReader::SseReader;

  bool complete() const override { return complete_; }
  Result<chat::Event> read_whole(std::string_view body) override;

 protected:
  Status take(const http::SseFrame& frame) override;

 private:
  enum class Open : std::uint8_t { kNothing, kThinking, kPlan };

  // How an answer says that it ended.
  struct Ending {
    std::string reason;
    std::string error;
  };

  void open(Open kind);
  void take_event(std::string_view type, std::string_view text, json::Cursor& cursor, Ending& ending);
  void take_delta(std::string_view type, std::string_view text, json::Cursor& cursor, Ending& ending);
  void take_message(std::string_view wanted, std::string_view text, json::Cursor& cursor);
  void take_whole_message(std::string_view text, json::Cursor& cursor);
  void take_content(json::Cursor& cursor);
  void take_call(json::Cursor& cursor);
  void take_citation(std::string_view text, json::Cursor& cursor);
  void take_logprobs(json::Cursor& cursor);
  Status end(const Ending& ending, std::string_view text);

  bool complete_ = false;
  bool has_calls_ = false;
  bool in_call_ = false;
  Open open_ = Open::kNothing;
};

}  // namespace sluice::dialect::cohere
