#include "dialect/responses/writer.h"

#include "dialect/faults.h"
#include "dialect/openai/error.h"
#include "dialect/responses/members.h"

namespace sluice::dialect::responses {

namespace {

using chat::FinishReason;
using chat::PieceKind;

Fault model_error(const chat::Learned& learned) {
  Fault fault = model_failure(learned.finish_reason);
  fault.code = "server_error";
  return fault;
}

}  // namespace

void Writer::write(std::span<const chat::Piece> pieces, const chat::Learned& learned, std::string& out) {
  events_.to(options_.stream ? &out : nullptr);
  start(learned);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const chat::Piece& piece = pieces[i];
    if (piece.choice != 0) continue;  // there is one answer
    const bool logprobs_follow = piece.kind == PieceKind::kText && i + 1 < pieces.size() &&
                                 pieces[i + 1].kind == PieceKind::kLogprobs && pieces[i + 1].choice == 0;
    take(piece, logprobs_follow ? pieces[i + 1].raw : std::string_view());
    if (logprobs_follow) ++i;
  }
  events_.to(nullptr);
}

void Writer::take(const chat::Piece& piece, std::string_view logprobs) {
  switch (piece.kind) {
    case PieceKind::kText:
      return items_.text(piece, logprobs);
    case PieceKind::kRefusal:
      return items_.refusal(piece.text);
    case PieceKind::kReasoning:
      return items_.reasoning(piece.text);
    case PieceKind::kState:
      return items_.state(piece);
    case PieceKind::kCall:
      return items_.call(piece);
    case PieceKind::kArguments:
      return items_.arguments(piece.text);
    case PieceKind::kMedia:
      return items_.media(piece.media);
    case PieceKind::kCitation:
      return items_.citation(piece.citation);
    case PieceKind::kServerItem:
      return items_.server_item(piece.raw);
    case PieceKind::kLogprobs:
      return items_.logprobs(piece.raw);
    case PieceKind::kFinish:
      finish_ = piece.finish;
  }
}

void Writer::start(const chat::Learned& learned) {
  if (started_) return;
  started_ = true;
  const Echo::State state{.status = "in_progress", .incomplete_reason = {}, .error = {}, .output = {}};
  response_event("response.created", state, learned);
  response_event("response.in_progress", state, learned);
}

void Writer::response_event(std::string_view type, const Echo::State& state, const chat::Learned& learned) {
  events_.write(type, [&](json::Writer& json) { echo_.write(json.key("response"), state, learned); });
}

void Writer::finish(const chat::Learned& learned, std::string& out) {
  events_.to(options_.stream ? &out : nullptr);
  start(learned);
  const FinishReason finish = finish_ == FinishReason::kNone ? learned.finish : finish_;
  const bool too_long = finish == FinishReason::kLength || finish == FinishReason::kContextWindow;
  const bool withheld =
      finish == FinishReason::kContentFilter || (finish == FinishReason::kRefusal && !items_.has_refusal());
  const bool failed = finish == FinishReason::kModelError;
  const bool whole = !too_long && !withheld && !failed;
  items_.close(whole ? ItemWriter::Ending::kWhole : ItemWriter::Ending::kCut);
  const std::string output = items_.output();
  const std::string error = failed ? response_error(model_error(learned)) : std::string();
  Echo::State state{.status = "completed", .incomplete_reason = {}, .error = error, .output = output};
  if (failed) {
    state.status = "failed";
  } else if (!whole) {
    state.status = "incomplete";
    state.incomplete_reason = too_long ? "max_output_tokens" : "content_filter";
  }
  if (options_.stream) {
    response_event("response." + std::string(state.status), state, learned);
  } else {
    json::Writer json(out);
    echo_.write(json, state, learned);
  }
  events_.to(nullptr);
}

// Before the first item an error says all there is to say; behind it the answer is a failed one.
void Writer::fail(const Fault& fault, const chat::Learned& learned, std::string& out) {
  if (!options_.stream) return;
  events_.to(&out);
  if (items_.any()) {
    const std::string output = items_.output();
    const std::string error = response_error(fault);
    response_event("response.failed", {.status = "failed", .incomplete_reason = {}, .error = error, .output = output},
                   learned);
  } else {
    write_error_event(events_, fault);
  }
  events_.to(nullptr);
}

void write_error_event(EventWriter& events, const Fault& fault) {
  const std::string envelope = openai::write_error(fault);
  json::Reader reader;
  const Members error(Members(envelope, reader).value("error"), reader);
  events.write("error", [&](json::Writer& json) {
    json.key("error").begin_object();
    for (const auto& [key, value] : error) copy_member(json, key, value);
    json.end_object();
    for (const auto& [key, value] : error) {
      if (key != "type") copy_member(json, key, value);
    }
  });
}

std::string write_stream_error(const Fault& fault, const chat::Learned& learned) {
  std::string out;
  EventWriter events(learned.next_sequence);
  events.to(&out);
  const bool begun = learned.next_sequence > 0 && learned.id.starts_with("resp_");
  if (!begun) {
    write_error_event(events, fault);
    return out;
  }
  WriteOptions options;
  options.created = learned.created;
  Echo echo(options);
  const std::string error = response_error(fault);
  events.write("response.failed", [&](json::Writer& json) {
    echo.write(json.key("response"), {.status = "failed", .incomplete_reason = {}, .error = error, .output = {}},
               learned);
  });
  return out;
}

}  // namespace sluice::dialect::responses
