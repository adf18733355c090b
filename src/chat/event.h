// A piece of an answer on its way from the provider to the client.
//
// Events that arrived together are pushed together (a span), so that one read of the provider becomes one write to the
// client. `wire` is the event as it came, framing included, in the dialect it came in; when client and provider speak
// the same dialect, these are the bytes the client gets.
//
// Lifetime: the views are valid during the push they are given to. Thread rule: plain values.
#pragma once

#include <string_view>

namespace sluice::chat {

enum class EventKind {
  kPreamble,  // announces the answer and holds nothing of it yet: a role, an empty delta, a comment
  kContent,   // something a user or program would see: text, reasoning, tool calls, audio, a whole body
  kFinish,    // says why the answer ended, or that it is complete
  kOther,     // usage, annotations, unknown events: passed on
};

struct Event {
  EventKind kind = EventKind::kOther;
  std::string_view wire;
};

}  // namespace sluice::chat
