#include "dialect/openai/answer.h"

#include <functional>

#include "base/text.h"
#include "dialect/faults.h"
#include "dialect/openai/envelope.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

bool is_within(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> not_after;
  return not_after(whole.data(), part.data()) && not_after(part.data() + part.size(), whole.data() + whole.size());
}

std::string_view trim_all(std::string_view text) {
  return trim(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
}

// Writes an event again whose data came on several lines.
std::string event_text(std::string_view name, std::string_view data) {
  std::string out;
  if (!name.empty()) {
    out += "event: ";
    out += name;
    out += '\n';
  }
  for (std::string_view line : split(data, '\n')) {
    out += "data: ";
    out += line;
    out += '\n';
  }
  out += '\n';
  return out;
}

}  // namespace

Result<chat::Event> Answer::read_whole(std::string_view body) {
  begin_feed();
  auto cursor = reader().scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  const Chunk chunk = read(body, *cursor);
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  if (chunk.error) return error_in_answer(said_in(read_envelope(body, reader())), body);
  reader().shrink();
  if (makes_pieces()) pieces_.finish(texts(), emit_piece_);
  emit(chat::EventKind::kContent, body);
  return one_event();
}

Status Answer::take(const http::SseFrame& frame) {
  const std::string_view data = trim_all(frame.data);
  if (data == "[DONE]") {
    // An end alone is no answer, whatever stands before it.
    if (!has_begun()) return protocol_fault("The stream ended without any content");
    end(frame.raw);
    return {};
  }
  if (!data.empty()) return take_json(frame);
  emit(chat::EventKind::kOther, frame.raw);
  return {};
}

void Answer::end(std::string_view wire) {
  terminal_ = done_ = true;
  if (makes_pieces()) pieces_.finish(texts(), emit_piece_);
  emit(chat::EventKind::kFinish, wire);
}

// Some providers end without [DONE], and one that breaks off behind the last reason to finish took nothing else away;
// but there are clients that wait for it.
void Answer::close() {
  if (is_of_choices() && !done_) end("data: [DONE]\n\n");
}

Chunk Answer::read(std::string_view text, json::Cursor& cursor) {
  if (!makes_pieces() || kind_ != Kind::kChat) return read_chunk(kind_, text, cursor, learned(), choices_, nullptr);
  const Telling telling{pieces_, texts(), emit_piece_};
  return read_chunk(kind_, text, cursor, learned(), choices_, &telling);
}

// Before the first choice nothing is an answer yet, usage neither.
chat::EventKind Answer::kind_of(const Chunk& chunk) const {
  const chat::EventKind kind = chunk.kind();
  const bool is_before = is_of_choices() && !choices_.begun() && kind == chat::EventKind::kOther;
  return is_before ? chat::EventKind::kPreamble : kind;
}

Status Answer::take_json(const http::SseFrame& frame) {
  // Data of several lines is joined in a buffer that the next frame needs, too.
  const bool stays = !makes_pieces() || is_within(frame.data, frame.raw);
  const std::string_view text = stays ? frame.data : texts().keep(std::string(frame.data));
  auto cursor = reader().scan_copy(text);
  if (frame.event == "error") return error_in_answer(said_in(read_envelope(frame.data, reader())), frame.data);
  if (!cursor) return not_json("An event", cursor.error());
  const Chunk chunk = read(text, *cursor);
  if (!cursor->finish()) return not_json("An event", *cursor->broken());
  if (chunk.error) return error_in_answer(said_in(read_envelope(frame.data, reader())), frame.data);
  terminal_ = terminal_ || chunk.terminal;
  has_content_ = has_content_ || chunk.content || chunk.terminal;
  if (!hides_usage_ || chunk.usage_end == 0) {
    emit(kind_of(chunk), frame.raw);
  } else if (!chunk.usage_object || chunk.choice_count > 0 || !chunk.choices) {
    emit_without_usage(kind_of(chunk), frame, chunk);
  }
  return {};
}

void Answer::emit_without_usage(chat::EventKind kind, const http::SseFrame& frame, const Chunk& chunk) {
  if (is_within(frame.data, frame.raw)) {
    const auto at = static_cast<std::size_t>(frame.data.data() - frame.raw.data());
    emit_without(kind, frame.raw, at + chunk.usage_begin, at + chunk.usage_end);
  } else {
    std::string data(frame.data.substr(0, chunk.usage_begin));
    data += frame.data.substr(chunk.usage_end);
    emit(kind, texts().keep(event_text(frame.event, data)));
  }
}

}  // namespace sluice::dialect::openai
