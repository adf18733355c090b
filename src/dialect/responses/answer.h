// Answers of the Responses API, whole and streamed.
//
// The stream's events have names and numbers and end with response.completed, incomplete or failed; there is no [DONE].
// Source: the official SDK's types. Thread rule: one answer, one thread. Lifetime: events are valid until the next
// call.
#pragma once

#include <string_view>

#include "dialect/event_reader.h"
#include "dialect/responses/answer_items.h"
#include "dialect/responses/facts.h"

namespace sluice::dialect::responses {

// What a report of a failure is: of this request, or of one that is only looked at.
enum class Failures { kAreFaults, kArePassedOn };

class Answer final : public SseReader {
 public:
  Answer(Failures failures, const ReadOptions& options, chat::Learned& learned, json::Reader& reader)
      : SseReader(options, learned, reader), failures_(failures), items_(reader, options.max_event_bytes) {}

  bool complete() const override { return terminal_; }
  Result<chat::Event> read_whole(std::string_view body) override;

 protected:
  Status take(const http::SseFrame& frame) override;

 private:
  Status take_signal(const http::SseFrame& frame, const Signal& signal);
  Status take_terminal(const http::SseFrame& frame, const Signal& signal);
  Status settle_answer(const ResponseFacts& facts, std::string_view text);
  void count(const Signal& signal);
  void count_begun(std::string_view item);
  void learn_calls(const ToolCalls& calls, const ToolUsage& told);
  bool take_items(const Signal& signal);
  void finish_answer(const ResponseFacts& facts);
  chat::FinishReason reason(const ResponseFacts& facts) const;

  Failures failures_;
  AnswerItems items_;
  std::vector<chat::Piece> made_;  // pieces of the event that is read
  bool shows_ = false;             // a text was streamed that has not been told whole
  bool terminal_ = false;
  ToolCalls begun_;  // what a stream that breaks off has shown of them
};

}  // namespace sluice::dialect::responses
