#include "dialect/responses/answer.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/envelope.h"
#include "dialect/responses/members.h"
#include "json/reader.h"

namespace sluice::dialect::responses {

namespace {

using chat::EventKind;

// What an event is by its type alone.
EventKind kind_of(SignalKind kind) {
  switch (kind) {
    case SignalKind::kCreated:
    case SignalKind::kItemAdded:
    case SignalKind::kSummaryPartAdded:
      return EventKind::kPreamble;
    case SignalKind::kTextDelta:
    case SignalKind::kRefusalDelta:
    case SignalKind::kReasoningDelta:
    case SignalKind::kArgumentsDelta:
      return EventKind::kContent;
    case SignalKind::kTerminal:
      return EventKind::kFinish;
    default:
      return EventKind::kOther;
  }
}

Said said_in_error(std::string_view error, json::Reader& reader) {
  std::string envelope = R"({"error":)";
  envelope += error;
  envelope += '}';
  return openai::said_in(openai::read_envelope(envelope, reader));
}

std::string status_by_type(std::string_view type) {
  return type.starts_with("response.") ? std::string(type.substr(9)) : std::string();
}

}  // namespace

Result<chat::Event> Answer::read_whole(std::string_view body) {
  begin_feed();
  auto cursor = reader().scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  const ResponseFacts facts = read_facts(*cursor);
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  made_.clear();
  for (std::string_view item : facts.output) items_.take_item(item, made_, texts());
  for (const chat::Piece& piece : made_) learned().show(piece);
  if (Status status = settle_answer(facts, body); !status) return fail_from(status);
  reader().shrink();
  for (chat::Piece& piece : made_) this->piece(piece);
  emit(EventKind::kContent, body);
  return one_event();
}

Status Answer::take(const http::SseFrame& frame) {
  std::string_view data = frame.data;
  data = trim(data.substr(0, data.find_last_not_of("\r\n") + 1));
  if (data.empty() || data == "[DONE]") {  // some servers end all their streams with it
    emit(EventKind::kOther, frame.raw);
    return {};
  }
  auto cursor = reader().scan_copy(frame.data);
  if (!cursor) return not_json("An event", cursor.error());
  const Signal signal = read_signal(*cursor);
  if (!cursor->finish()) return not_json("An event", *cursor->broken());
  if (signal.sequence) learned().next_sequence = *signal.sequence + 1;
  return take_signal(frame, signal);
}

Status Answer::take_signal(const http::SseFrame& frame, const Signal& signal) {
  const bool is_error =
      signal.kind == SignalKind::kError || frame.event == "error" || (signal.type.empty() && !signal.error.empty());
  if (is_error && failures_ == Failures::kAreFaults) {
    return error_in_answer(openai::said_in(openai::read_envelope(frame.data, reader())), frame.data);
  }
  if (signal.kind == SignalKind::kTerminal || is_error) return take_terminal(frame, signal);
  if (signal.kind == SignalKind::kCreated && signal.type.raw != "response.in_progress") {
    if (auto cursor = reader().scan_copy(signal.response)) {
      const auto facts = read_facts(*cursor);
      learn(facts, learned());
      learned().goes_on = facts.background;  // also when nobody reads it to its end
    }
  }
  if (!take_items(signal)) return protocol_fault("The answer has too many items open at the same time");
  EventKind kind = kind_of(signal.kind);
  if (kind == EventKind::kContent && signal.delta.empty()) kind = EventKind::kOther;
  // Of audio, or of what a tool at the provider writes: its own API's clients see them.
  const bool is_delta = signal.kind == SignalKind::kOther && signal.type.raw.ends_with(".delta");
  if (is_delta && !makes_pieces()) kind = EventKind::kContent;
  count(signal);
  if (signal.kind == SignalKind::kItemAdded && !makes_pieces()) {
    if (Members(signal.item, reader()).text("type").raw.ends_with("_call")) kind = EventKind::kContent;
  }
  for (chat::Piece& piece : made_) {
    if (piece.kind != chat::PieceKind::kState) kind = EventKind::kContent;
    this->piece(piece);
  }
  emit(kind, frame.raw);
  return {};
}

// What the event shows. Some servers send a text only when it is whole.
void Answer::count(const Signal& signal) {
  switch (signal.kind) {
    case SignalKind::kItemAdded:
      count_begun(signal.item);
      shows_ = false;
      break;
    case SignalKind::kTextDelta:
    case SignalKind::kRefusalDelta:
    case SignalKind::kReasoningDelta:
    case SignalKind::kArgumentsDelta:
      learned().show(signal.delta);
      shows_ = true;
      break;
    case SignalKind::kTextDone:
    case SignalKind::kRefusalDone:
    case SignalKind::kReasoningDone:
    case SignalKind::kArgumentsDone:
      if (!shows_) learned().show(signal.whole);
      shows_ = false;
      break;
    default:
      break;
  }
}

void Answer::count_begun(std::string_view item) {
  const Members members(item, reader());
  learned().show(members.text("name"));
  begun_.count(members.text("type").raw, item, reader());
  learn_calls(begun_, {});
}

void Answer::learn_calls(const ToolCalls& calls, const ToolUsage& told) {
  chat::Usage& usage = learned().usage;
  if (!told.searches && calls.searches > 0) usage.tool_requests = calls.searches;
  usage.file_searches = calls.file_searches;
  usage.tool_calls = std::max<std::uint64_t>(calls.others, told.has_images ? 1 : 0);
}

bool Answer::take_items(const Signal& signal) {
  made_.clear();
  return !makes_pieces() || items_.take(signal, made_, texts());
}

Status Answer::take_terminal(const http::SseFrame& frame, const Signal& signal) {
  made_.clear();
  ResponseFacts facts;
  if (auto cursor = reader().scan_copy(signal.response)) facts = read_facts(*cursor);
  const std::string status = status_by_type(signal.type.raw);
  if (facts.status.empty() || facts.status.raw == "in_progress") facts.status = {status};
  if (!items_.any()) {
    for (std::string_view item : facts.output) items_.take_item(item, made_, texts());
  }
  items_.end(made_, texts());
  if (learned().shown == 0) {  // all of it comes with the last event
    for (const chat::Piece& piece : made_) learned().show(piece);
  }
  if (Status settled = settle_answer(facts, frame.data); !settled) return settled;
  terminal_ = true;
  for (chat::Piece& piece : made_) this->piece(piece);
  emit(EventKind::kFinish, frame.raw);
  return {};
}

// What the whole of an answer tells. A failed one is a fault.
Status Answer::settle_answer(const ResponseFacts& facts, std::string_view text) {
  learn(facts, learned());
  learned().goes_on = facts.status.raw == "queued" || facts.status.raw == "in_progress";
  if (facts.usage) learned().count_shown(facts.usage->output);
  learn_calls(most_of(items_.tool_calls(), begun_), facts.tools);
  const bool failed = facts.status.raw == "failed" || facts.status.raw == "cancelled" || !facts.error.empty();
  if (!failed) {
    finish_answer(facts);
    return {};
  }
  if (failures_ == Failures::kArePassedOn) return {};
  Said said = said_in_error(facts.error.empty() ? "{}" : facts.error, reader());
  if (facts.status.raw == "cancelled") said.meaning = Meaning::kCancelled;
  return error_in_answer(said, facts.error.empty() ? text : facts.error);
}

void Answer::finish_answer(const ResponseFacts& facts) {
  if (facts.status.raw != "completed" && facts.status.raw != "incomplete") {  // it goes on elsewhere: "queued"
    learned().finish_reason = printable(facts.status.raw, 100);
    return;
  }
  learned().finish = reason(facts);
  const bool has_reason = facts.status.raw == "incomplete" && !facts.incomplete_reason.empty();
  learned().finish_reason = printable(has_reason ? facts.incomplete_reason.raw : facts.status.raw, 100);
  made_.push_back({.kind = chat::PieceKind::kFinish, .finish = learned().finish});
}

chat::FinishReason Answer::reason(const ResponseFacts& facts) const {
  using enum chat::FinishReason;
  if (facts.status.raw == "incomplete") {
    if (facts.incomplete_reason.raw == "content_filter") return kContentFilter;
    return facts.incomplete_reason.raw == "steered" ? kStop : kLength;
  }
  if (items_.has_calls()) return kToolCalls;
  return items_.has_refusal() ? kRefusal : kStop;
}

}  // namespace sluice::dialect::responses
