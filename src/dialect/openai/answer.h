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
#include "chat/usage.h"
#include "dialect/openai/endpoint.h"
#include "http/sse.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

// What was learned from an answer so far.
struct Learned {
  chat::Usage usage;
  std::string model;              // as the provider named it
  std::string id;                 // chatcmpl-…
  std::string service_tier;       // as answered
  std::string finish_reason;      // the last one seen
};

// Reads a whole JSON answer (with json::kPadding readable bytes behind it). Unknown shapes teach nothing and are no fault.
// Faults: kProviderProtocol when it is not JSON; kProviderError when a 200 holds a top-level `error` object.
Result<Learned> read_answer(Endpoint endpoint, std::string_view body, json::Reader& reader);

// Whether usage that only we asked for is hidden from the client.
enum class UsageView { kShow, kHide };

class StreamReader {
 public:
  StreamReader(Endpoint endpoint, UsageView view, std::size_t max_event_bytes, json::Reader& reader);

  // Decodes the next bytes of the provider's event stream. Each event's `wire` is as received; with kHide, an event that
  // holds nothing but usage is left out and a `usage` member is cut from the others.
  // Faults: kProviderError (the stream reports an error; Fault::code and told are the provider's), kProviderProtocol.
  // Events before the faulty one are still in last_events().
  Result<std::span<const chat::Event>> feed(std::string_view bytes);
  std::span<const chat::Event> last_events() const { return events_; }

  // The end of the body was reached. Fault: kTruncated unless the stream's terminal event came: [DONE], or a finish
  // reason for each choice that was begun (chat, completions), or the terminal type of the other endpoints.
  // An unfinished last event without its blank line is returned as an event when it reads as JSON or [DONE].
  Result<std::span<const chat::Event>> finish();

  const Learned& learned() const { return learned_; }
  bool complete() const;    // the terminal event came

 private:
  // Whether one choice was begun and whether it ended, by its index.
  struct Choice {
    std::uint64_t index = 0;
    bool finished = false;
  };

  Endpoint endpoint_;
  UsageView view_;
  json::Reader& reader_;
  http::SseSplitter splitter_;
  std::vector<chat::Event> events_;
  std::vector<Choice> choices_;
  bool terminal_ = false;
  Learned learned_;
};

}  // namespace sluice::dialect::openai
