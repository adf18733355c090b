// Answers of the Gemini API, whole and streamed: as server-sent events, or as one JSON array.
//
// Thread rule: one answer, one thread. Lifetime: events are valid until the next call.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/event_reader.h"
#include "dialect/gemini/candidates.h"
#include "dialect/gemini/elements.h"

namespace sluice::dialect::gemini {

// Complete with a finish reason for each candidate that was begun, or a blocked prompt. Which kind of stream it is, is
// seen from its first byte.
class Answer final : public AnswerReader {
 public:
  Answer(const ReadOptions& options, chat::Learned& learned, json::Reader& reader);

  Result<std::span<const chat::Event>> feed(std::string_view bytes) override;
  std::span<const chat::Event> last_events() const override;
  Result<std::span<const chat::Event>> finish() override;
  bool complete() const override;
  Result<chat::Event> read_whole(std::string_view body) override;

 private:
  Result<std::span<const chat::Event>> feed_stream(std::string_view bytes);

  ReadOptions options_;
  chat::Learned& learned_;
  json::Reader& reader_;
  std::string before_;  // white space at the beginning
  std::unique_ptr<EventReader> stream_;
  bool failed_ = false;  // what came before a fault is no whole answer
};

}  // namespace sluice::dialect::gemini
