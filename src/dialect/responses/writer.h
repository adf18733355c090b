// Writes an answer in the Responses API, streamed or whole.
//
// Source: the official SDK's types, and what its helper for streams holds a stream to: one id for the response, each
// index added once, deltas for what was added only, each item ended before response.completed.
// Thread rule: one answer, one thread. Lifetime: the options' views outlive it.
#pragma once

#include "dialect/dialect.h"
#include "dialect/responses/echo.h"
#include "dialect/responses/event_writer.h"
#include "dialect/responses/item_writer.h"

namespace sluice::dialect::responses {

class Writer final : public AnswerWriter {
 public:
  explicit Writer(const WriteOptions& options) : options_(options), echo_(options_), items_(options_, events_) {}

  void write(std::span<const chat::Piece> pieces, const chat::Learned& learned, std::string& out) override;
  void finish(const chat::Learned& learned, std::string& out) override;
  void fail(const Fault& fault, const chat::Learned& learned, std::string& out) override;

 private:
  void start(const chat::Learned& learned);
  void take(const chat::Piece& piece, std::string_view logprobs);
  void response_event(std::string_view type, const Echo::State& state, const chat::Learned& learned);

  WriteOptions options_;
  EventWriter events_;
  Echo echo_;
  ItemWriter items_;
  chat::FinishReason finish_ = chat::FinishReason::kNone;
  bool started_ = false;
};

// The error event: as the service writes it, nested, and as the published schema has it, flat.
void write_error_event(EventWriter& events, const Fault& fault);

// An error in a stream whose bytes were passed through: it goes on with the provider's numbers.
std::string write_stream_error(const Fault& fault, const chat::Learned& learned);

}  // namespace sluice::dialect::responses
