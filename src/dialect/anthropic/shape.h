// The shapes that streamed and whole answers have in common: messages, their parts and how they end.
//
// Thread rule: one answer, one thread. Lifetime: the options outlive it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "chat/event.h"
#include "dialect/dialect.h"
#include "json/writer.h"

namespace sluice::dialect::anthropic {

// How an answer ends, as its pieces tell.
struct Ending {
  chat::FinishReason finish = chat::FinishReason::kNone;
  std::string stop_sequence;  // as written in JSON
  bool calls = false;
};

class Shape {
 public:
  explicit Shape(const WriteOptions& options) : options_(options) {}

  // The state of reasoning for an opaque field.
  std::string seal(const chat::State& state, chat::Escaped item) const;
  // The id of a call; one is made up where the provider gave none.
  std::string call_id(chat::Escaped id, bool made_up, const chat::State& state);

  // A message up to the beginning of its content.
  void begin_message(const chat::Learned& learned, json::Writer& json) const;
  // A tool_use block up to the value of its input.
  static void begin_call(std::string_view id, chat::Escaped name, json::Writer& json);
  // A medium as a text: this API has no answers but texts.
  static std::string medium(const chat::Media& media);
  // The members stop_reason, stop_sequence and stop_details.
  static void stop(const Ending& ending, json::Writer& json);

 private:
  const WriteOptions& options_;
  std::size_t made_ids_ = 0;
};

// What the pieces told, else what is known of the answer.
chat::FinishReason finish_of(chat::FinishReason told, const chat::Learned& learned);

std::unique_ptr<AnswerWriter> make_stream_writer(const WriteOptions& options);
std::unique_ptr<AnswerWriter> make_whole_writer(const WriteOptions& options);

}  // namespace sluice::dialect::anthropic
