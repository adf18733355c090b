#include "dialect/responses/signal.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace sluice::dialect::responses {

namespace {

using enum SignalKind;

struct Name {
  std::string_view type;
  SignalKind kind;
};
constexpr auto kNames = std::to_array<Name>({
    {"error", kError},
    {"response.cancelled", kTerminal},
    {"response.completed", kTerminal},
    {"response.created", kCreated},
    {"response.custom_tool_call_input.delta", kArgumentsDelta},
    {"response.custom_tool_call_input.done", kArgumentsDone},
    {"response.failed", kTerminal},
    {"response.function_call_arguments.delta", kArgumentsDelta},
    {"response.function_call_arguments.done", kArgumentsDone},
    {"response.in_progress", kCreated},
    {"response.incomplete", kTerminal},
    {"response.output_item.added", kItemAdded},
    {"response.output_item.done", kItemDone},
    {"response.output_text.annotation.added", kAnnotation},
    {"response.output_text.delta", kTextDelta},
    {"response.output_text.done", kTextDone},
    {"response.queued", kCreated},
    {"response.reasoning_summary_part.added", kSummaryPartAdded},
    {"response.reasoning_summary_text.delta", kReasoningDelta},
    {"response.reasoning_summary_text.done", kReasoningDone},
    {"response.reasoning_text.delta", kReasoningDelta},
    {"response.reasoning_text.done", kReasoningDone},
    {"response.refusal.delta", kRefusalDelta},
    {"response.refusal.done", kRefusalDone},
});
static_assert(std::ranges::is_sorted(kNames, {}, &Name::type));

SignalKind kind_of(std::string_view type) {
  const auto found = std::ranges::lower_bound(kNames, type, {}, &Name::type);
  return found != kNames.end() && found->type == type ? found->kind : kOther;
}

std::optional<std::uint64_t> take_number(json::Cursor& cursor) {
  const bool is_number = cursor.kind() == json::Kind::kNumber;
  const std::string_view text = cursor.skip();
  return is_number ? to_number<std::uint64_t>(text) : std::nullopt;
}

std::string_view take_value(json::Cursor& cursor) {
  const bool is_null = cursor.kind() == json::Kind::kNull;
  const std::string_view value = cursor.skip();
  return is_null ? std::string_view() : value;
}

}  // namespace

Signal read_signal(json::Cursor& cursor) {
  Signal signal;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "type") {
      signal.type = json::take_string(cursor).value_or(json::Escaped{});
    } else if (key == "sequence_number") {
      signal.sequence = take_number(cursor);
    } else if (key == "output_index") {
      signal.output_index = take_number(cursor);
    } else if (key == "content_index" || key == "summary_index") {
      signal.part = take_number(cursor).value_or(0);
    } else if (key == "delta") {
      signal.delta = json::take_string(cursor).value_or(json::Escaped{});
    } else if (key == "text" || key == "refusal" || key == "arguments" || key == "input") {
      signal.whole = json::take_string(cursor).value_or(json::Escaped{});
    } else if (key == "item") {
      signal.item = take_value(cursor);
    } else if (key == "response") {
      signal.response = take_value(cursor);
    } else if (key == "annotation") {
      signal.annotation = take_value(cursor);
    } else if (key == "logprobs") {
      signal.logprobs = take_value(cursor);
    } else if (key == "error") {
      signal.error = take_value(cursor);
    }
  });
  signal.kind = kind_of(signal.type.raw);
  return signal;
}

}  // namespace sluice::dialect::responses
