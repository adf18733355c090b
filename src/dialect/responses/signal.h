// One event of a streamed answer, taken apart.
//
// Thread rule: plain values. Lifetime: views point into the event's data.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "json/escaped.h"

namespace sluice::dialect::responses {

enum class SignalKind : std::uint8_t {
  kOther,
  kCreated,   // also queued, in_progress
  kTerminal,  // completed, incomplete, failed, cancelled
  kError,
  kItemAdded,
  kItemDone,
  kTextDelta,
  kTextDone,
  kRefusalDelta,
  kRefusalDone,
  kAnnotation,
  kSummaryPartAdded,
  kReasoningDelta,  // of a summary or of the reasoning's text
  kReasoningDone,
  kArgumentsDelta,  // of a function's arguments or a custom tool's input
  kArgumentsDone,
};

struct Signal {
  SignalKind kind = SignalKind::kOther;
  json::Escaped type;
  std::optional<std::uint64_t> sequence, output_index;
  std::uint64_t part = 0;  // content_index or summary_index
  json::Escaped delta;
  json::Escaped whole;  // text, refusal, arguments or input of a done event
  // As written; empty: absent or null.
  std::string_view item, response, annotation, logprobs, error;
};

// Consumes the value ahead. Of another type than an object: kOther.
Signal read_signal(json::Cursor& cursor);

}  // namespace sluice::dialect::responses
