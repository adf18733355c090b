// Answers of the OpenAI dialect, whole and streamed: what kind of piece each event is, usage, the model that served,
// and whether the answer really ended.
//
// Thread rule: one stream, one thread. Lifetime: events are valid until the next call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/event.h"
#include "dialect/openai/chunk.h"
#include "dialect/openai/endpoint.h"
#include "http/sse.h"
#include "json/fwd.h"

namespace sluice::dialect::openai {

// Reads a whole JSON answer (with json::kPadding readable bytes behind it). Unknown shapes teach nothing and are no
// fault. Faults: kProviderProtocol when it is not JSON; kProviderError when a 200 holds a top-level `error` object.
Result<Learned> read_answer(Endpoint endpoint, std::string_view body, json::Reader& reader);

// Whether usage that only we asked for is hidden from the client.
enum class UsageView { kShow, kHide };

class StreamReader {
 public:
  StreamReader(Endpoint endpoint, UsageView view, std::size_t max_event_bytes, json::Reader& reader);

  // Decodes the next bytes of the provider's event stream. Each event's `wire` is as received; with kHide, an event
  // that holds nothing but usage is left out and a `usage` member is cut from the others. Faults: kProviderError (the
  // stream reports an error; Fault::code and told are the provider's), kProviderProtocol. Events before the faulty one
  // are still in last_events().
  Result<std::span<const chat::Event>> feed(std::string_view bytes);
  std::span<const chat::Event> last_events() const { return events_; }

  // The end of the body was reached. Fault: kTruncated unless the stream's terminal event came: [DONE], or a finish
  // reason for each choice that was begun (chat, completions), or the terminal type of the other endpoints.
  // An unfinished last event without its blank line is returned as an event, with a blank line, when it reads as JSON
  // or [DONE]. With a fault, it is in last_events().
  Result<std::span<const chat::Event>> finish();

  const Learned& learned() const { return learned_; }
  bool complete() const;  // the terminal event came

 private:
  // A wire that differs from what was received: the event it is for, and where it stands in spliced_.
  struct Spliced {
    std::size_t event = 0;
    std::size_t begin = 0;
    std::size_t size = 0;
  };

  Status take(const http::SseFrame& frame);
  Status take_json(const http::SseFrame& frame);
  void push(chat::EventKind kind, std::string_view wire) { events_.push_back({kind, wire}); }
  void push_without_usage(chat::EventKind kind, const http::SseFrame& frame, const Chunk& chunk);
  void settle();

  Endpoint endpoint_;
  UsageView view_;
  json::Reader& reader_;
  std::size_t max_event_bytes_;
  http::SseSplitter splitter_;
  std::vector<chat::Event> events_;
  std::string spliced_;
  std::vector<Spliced> splices_;
  Choices choices_;
  bool terminal_ = false;
  Learned learned_;
};

}  // namespace sluice::dialect::openai
