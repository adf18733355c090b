#include "toy/answer.h"

#include "base/text.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::toy {

using chat::EventKind;
using chat::FinishReason;
using chat::PieceKind;
using json::Escaped;

// [in, out]
void Answer::take_cost(json::Cursor& cursor) {
  chat::Usage& usage = learned().usage;
  json::each_element(cursor, [&](std::size_t index) {
    const auto count = to_number<std::uint64_t>(cursor.skip());
    if (!count || index > 1) return;
    usage.source = chat::UsageSource::kProvider;
    (index == 0 ? usage.input : usage.output) = *count;
  });
}

Status Answer::take_object(std::string_view text, json::Cursor& cursor) {
  Escaped says;
  std::string why;
  std::string oops;
  bool costs = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "says") says = json::take_string(cursor).value_or(Escaped{});
    if (key == "why") why = json::plain(json::take_string(cursor).value_or(Escaped{}));
    costs = costs || key == "cost";
    if (key == "cost") take_cost(cursor);
    if (key == "oops") oops = json::plain(json::take_string(cursor).value_or(Escaped{}));
  });
  if (!cursor.finish()) return not_json("What the provider said", *cursor.broken());
  if (!oops.empty()) return error_in_answer({.message = oops, .meaning = Meaning::kServerError}, text);
  if (!says.empty()) show({.kind = PieceKind::kText, .text = says});
  if (costs) learned().count_shown(learned().usage.output);
  if (why.empty()) return {};
  complete_ = true;
  learned().finish_reason = why;
  learned().finish = why == "full" ? FinishReason::kLength : FinishReason::kStop;
  piece({.kind = PieceKind::kFinish, .finish = learned().finish});
  return {};
}

Status Answer::take(const http::SseFrame& frame) {
  auto cursor = reader().scan_copy(frame.data);
  if (!cursor) return not_json("An event", cursor.error());
  if (auto taken = take_object(frame.data, *cursor); !taken) return taken;
  emit(complete_ ? EventKind::kFinish : EventKind::kContent, frame.raw);
  return {};
}

Result<chat::Event> Answer::read_whole(std::string_view body) {
  begin_feed();
  auto cursor = reader().scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  if (auto taken = take_object(body, *cursor); !taken) return fail_from(taken);
  reader().shrink();
  emit(EventKind::kContent, body);
  return one_event();
}

}  // namespace sluice::dialect::toy
