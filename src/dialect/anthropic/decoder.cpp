#include "dialect/anthropic/decoder.h"

#include <utility>

#include "chat/cited.h"
#include "dialect/anthropic/citation.h"
#include "dialect/anthropic/error.h"
#include "dialect/anthropic/stop.h"
#include "dialect/faults.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic {

namespace {

using chat::EventKind;
using chat::Piece;
using chat::PieceKind;
using chat::State;
using json::Escaped;

constexpr std::size_t kMostLearned = 1024;                // ids and names longer than this are not kept
constexpr std::size_t kMostCitations = 1000;              // of one text
constexpr std::size_t kMostKept = std::size_t{64} << 10;  // of a stop sequence and an explanation

Escaped take_text(json::Cursor& cursor) {
  return json::take_string(cursor).value_or(Escaped{});
}

void learn(std::string& what, json::Cursor& cursor) {
  const Escaped text = take_text(cursor);
  if (!text.empty() && text.raw.size() <= kMostLearned) what = json::plain(text);
}

// The member `type` of the object ahead.
Escaped type_of(json::Cursor cursor) {
  Escaped type;
  if (!cursor.enter_object()) return type;
  while (auto key = cursor.next_key()) {
    if (*key == "type") return take_text(cursor);
    cursor.skip();
  }
  return type;
}

bool is_empty_object(std::string_view raw) {
  return raw.size() < 2 || raw.substr(1, raw.size() - 2).find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

// The members of an event: where their values begin.
struct Decoder::Event {
  Escaped type;
  std::uint64_t index = 0;
  std::string_view block_raw;
  std::optional<json::Cursor> message, block, delta;
  std::optional<json::Cursor> usage;
  bool has_error = false;

  void read(json::Cursor& cursor) {
    json::each_member(cursor, [&](std::string_view key) {
      if (key == "type") {
        type = take_text(cursor);
      } else if (key == "index") {
        index = to_number<std::uint64_t>(cursor.skip()).value_or(0);
      } else if (key == "message") {
        message = cursor;
      } else if (key == "content_block") {
        block = cursor;
        block_raw = cursor.skip();
      } else if (key == "delta") {
        delta = cursor;
      } else if (key == "usage") {
        usage = cursor;
      } else if (key == "error") {
        has_error = cursor.kind() == json::Kind::kObject;
      }
    });
  }
};

void Decoder::push(Piece piece) {
  if (piece.kind != PieceKind::kFinish) said_something_ = true;
  if (makes_pieces()) sink_.pieces->push_back(std::move(piece));
}

void Decoder::push_text(PieceKind kind, Escaped text) {
  if (text.empty()) return;
  Piece piece;
  piece.kind = kind;
  piece.text = text;
  piece.begins_block = kind == PieceKind::kText && !std::exchange(block_.said, true);
  push(std::move(piece));
}

// ---- blocks

void Decoder::begin_text(json::Cursor& cursor) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "text") show(PieceKind::kText, take_text(cursor));
    if (key != "citations" || cursor.kind() != json::Kind::kArray) return;
    json::each_element(cursor, [&](std::size_t) { take_citation(cursor); });
  });
}

// They come before the text they are of, or between its deltas: they are told behind it.
void Decoder::take_citation(json::Cursor& cursor) {
  if (cursor.kind() != json::Kind::kObject || !makes_pieces() || block_.citations.size() == kMostCitations) return;
  block_.citations.push_back(chat::keep(read_citation(cursor), block_.kept));
}

void Decoder::end_text() {
  for (const chat::Citation& citation : block_.citations) {
    Piece piece;
    piece.kind = PieceKind::kCitation;
    piece.citation = chat::keep(citation, *sink_.texts);
    push(std::move(piece));
  }
}

void Decoder::begin_thinking(json::Cursor& cursor) {
  Escaped text, data;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "thinking") text = take_text(cursor);
    if (key == "signature") block_.signature = take_text(cursor).raw;
    if (key == "data") data = take_text(cursor);
  });
  if (block_.kind == Block::Kind::kThinking) return show(PieceKind::kReasoning, text);
  Piece piece;
  piece.kind = PieceKind::kState;
  piece.state = {.kind = State::Kind::kRedacted, .data = data, .origin = {}};
  push(std::move(piece));
}

void Decoder::begin_call(json::Cursor& cursor) {
  Piece piece;
  piece.kind = PieceKind::kCall;
  std::string_view input;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "id") piece.id = take_text(cursor);
    if (key == "name") piece.name = take_text(cursor);
    if (key == "input") input = cursor.skip();
  });
  learned_.show(piece);
  push(std::move(piece));
  if (is_empty_object(input)) return;
  learned_.shown += input.size();
  if (makes_pieces()) block_.input = input;
}

// What only this API has: kept until its end, when its input is known too.
void Decoder::begin_item(json::Cursor& cursor, std::string_view raw) {
  said_something_ = true;
  if (!makes_pieces()) return;
  block_.start = raw;
  const std::size_t begin = cursor.offset();
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "input") return;
    block_.input_at = cursor.offset() - begin;
    block_.input_size = cursor.skip().size();
  });
}

void Decoder::end_thinking() {
  Piece piece;
  piece.kind = PieceKind::kState;
  piece.state.kind = block_.signature.empty() ? State::Kind::kPlain : State::Kind::kSignature;
  if (makes_pieces()) piece.state.data = {sink_.texts->keep(std::move(block_.signature))};
  push(std::move(piece));
}

void Decoder::end_item() {
  if (!makes_pieces() || block_.start.empty()) return;
  if (block_.has_input && block_.input_size > 0) {
    std::string input = json::plain({block_.input});
    if (input.find_first_not_of(" \t\r\n") != std::string::npos) {
      block_.start.replace(block_.input_at, block_.input_size, input);
    }
  }
  Piece piece;
  piece.kind = PieceKind::kServerItem;
  piece.raw = sink_.texts->keep(std::move(block_.start));
  push(std::move(piece));
}

void Decoder::end_block() {
  switch (block_.kind) {
    case Block::Kind::kText:
      end_text();
      break;
    case Block::Kind::kThinking:
      end_thinking();
      break;
    case Block::Kind::kCall:
      // Some servers send the input whole, where the block begins; none at all stands for no arguments.
      if (!block_.has_input && makes_pieces()) {
        push_text(PieceKind::kArguments, block_.input.empty() ? Escaped{"{}"} : sink_.texts->escaped(block_.input));
      }
      break;
    case Block::Kind::kItem:
      end_item();
      break;
    default:
      break;
  }
  block_ = {};
}

EventKind Decoder::begin_block(std::uint64_t index, json::Cursor cursor, std::string_view raw) {
  end_block();  // some servers do not say that a block ended
  const Escaped type = type_of(cursor);
  block_.index = index;
  using Kind = Block::Kind;
  block_.kind = type.raw == "text"                ? Kind::kText
                : type.raw == "thinking"          ? Kind::kThinking
                : type.raw == "redacted_thinking" ? Kind::kRedacted
                : type.raw == "tool_use"          ? Kind::kCall
                                                  : Kind::kItem;
  const bool said_before = std::exchange(said_something_, false);
  switch (block_.kind) {
    case Kind::kText:
      begin_text(cursor);
      break;
    case Kind::kThinking:
    case Kind::kRedacted:
      begin_thinking(cursor);
      break;
    case Kind::kCall:
      begin_call(cursor);
      break;
    default:
      begin_item(cursor, raw);
      break;
  }
  const bool said = std::exchange(said_something_, said_something_ || said_before);
  return said ? EventKind::kContent : EventKind::kPreamble;
}

Result<EventKind> Decoder::take_delta(std::uint64_t index, json::Cursor cursor) {
  if (makes_pieces() && (block_.kind == Block::Kind::kNone || index != block_.index)) {
    return protocol_fault("A delta belongs to block " + std::to_string(index) + ", which is not open");
  }
  EventKind kind = EventKind::kOther;
  bool too_large = false;
  json::each_member(cursor, [&](std::string_view key) {
    if (key == "text" || key == "thinking") {
      const Escaped text = take_text(cursor);
      if (!text.empty()) kind = EventKind::kContent;
      show(key == "text" ? PieceKind::kText : PieceKind::kReasoning, text);
    } else if (key == "partial_json") {
      const Escaped fragment = take_text(cursor);
      if (fragment.empty()) return;
      kind = EventKind::kContent;
      learned_.show(fragment);
      block_.has_input = true;
      if (block_.kind == Block::Kind::kCall) push_text(PieceKind::kArguments, fragment);
      if (block_.kind == Block::Kind::kItem && makes_pieces()) block_.input += fragment.raw;
      too_large = block_.input.size() > max_bytes_;
    } else if (key == "signature") {
      block_.signature = take_text(cursor).raw;
      kind = EventKind::kContent;
    } else if (key == "citation") {
      take_citation(cursor);
    }
  });
  if (too_large) return too_large_an_event("The input of a tool", max_bytes_);
  return kind;
}

// ---- the message

void Decoder::take_stop_details(json::Cursor& cursor) {
  json::each_member(cursor, [&](std::string_view key) {
    if (key != "explanation") return;
    if (const Escaped text = take_text(cursor); text.raw.size() <= kMostKept) explanation_ = text.raw;
  });
}

void Decoder::take_stop_member(std::string_view key, json::Cursor& cursor) {
  if (key == "stop_reason") {
    const Escaped word = take_text(cursor);
    if (word.empty() || word.raw.size() > kMostLearned) return;
    learned_.finish_reason = json::plain(word);
    learned_.finish = read_stop(learned_.finish_reason);
  } else if (key == "stop_sequence") {
    if (const Escaped text = take_text(cursor); text.raw.size() <= kMostKept) stop_sequence_ = text.raw;
  } else if (key == "stop_details" && cursor.kind() == json::Kind::kObject) {
    take_stop_details(cursor);
  }
}

void Decoder::take_message_member(std::string_view key, json::Cursor& cursor) {
  if (key == "id") {
    learn(learned_.id, cursor);
  } else if (key == "model") {
    learn(learned_.model, cursor);
  } else if (key == "usage") {
    usage_.read(cursor, learned_);
  } else {
    take_stop_member(key, cursor);
  }
}

EventKind Decoder::begin_message(json::Cursor cursor) {
  json::each_member(cursor, [&](std::string_view key) { take_message_member(key, cursor); });
  return EventKind::kPreamble;
}

EventKind Decoder::take_message_delta(json::Cursor cursor) {
  json::each_member(cursor, [&](std::string_view key) { take_stop_member(key, cursor); });
  return learned_.finish == chat::FinishReason::kNone ? EventKind::kOther : EventKind::kFinish;
}

void Decoder::end_message() {
  end_block();
  if (!complete_ && makes_pieces()) {
    if (learned_.finish == chat::FinishReason::kRefusal && !said_something_ && !explanation_.empty()) {
      push_text(PieceKind::kRefusal, {sink_.texts->keep(explanation_)});
    }
    Piece piece;
    piece.kind = PieceKind::kFinish;
    piece.finish = learned_.finish;
    piece.text = {sink_.texts->keep(stop_sequence_)};
    push(std::move(piece));
  }
  complete_ = true;
}

Result<EventKind> Decoder::take(Event& event, std::string_view data) {
  const std::string_view type = event.type.raw;
  if (type == "content_block_delta") {
    if (!event.delta) return EventKind::kOther;
    return take_delta(event.index, *event.delta);
  }
  if (type == "content_block_start") {
    if (!event.block) return EventKind::kOther;
    return begin_block(event.index, *event.block, event.block_raw);
  }
  if (type == "content_block_stop") {
    end_block();
  } else if (type == "message_start") {
    return event.message ? begin_message(*event.message) : EventKind::kPreamble;
  } else if (type == "message_delta") {
    if (event.usage) usage_.read(*event.usage, learned_);
    return event.delta ? take_message_delta(*event.delta) : EventKind::kOther;
  } else if (type == "message_stop") {
    end_message();
    return EventKind::kFinish;
  } else if (type == "ping") {
    return EventKind::kPreamble;
  } else if (type == "error" || (type.empty() && event.has_error)) {
    return read_error_in_answer(data, reader_);
  }
  return EventKind::kOther;
}

Result<Decoder::Told> Decoder::read_event(std::string_view data, std::string_view name, Sink sink) {
  sink_ = sink;
  auto cursor = reader_.scan_copy(data);
  if (!cursor) return not_json("An event", cursor.error());
  Event event;
  event.read(*cursor);
  if (!cursor->finish()) return not_json("An event", *cursor->broken());
  if (event.type.empty()) event.type = {name};
  auto kind = take(event, data);
  if (!kind) return fail_from(kind);
  return Told{.kind = *kind, .type = event.type};
}

void Decoder::take_whole_block(json::Cursor& cursor, std::string_view body) {
  json::Cursor block = cursor;
  const std::size_t begin = cursor.offset();
  const std::string_view raw = body.substr(begin, cursor.skip().size());
  begin_block(0, block, raw);
  end_block();
}

Status Decoder::read_whole(std::string_view body, Sink sink) {
  sink_ = sink;
  auto cursor = reader_.scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  std::optional<json::Cursor> content;
  const Escaped type = type_of(*cursor);
  json::each_member(*cursor, [&](std::string_view key) {
    if (key == "content") {
      content = *cursor;
    } else if (type.raw == "message") {
      take_message_member(key, *cursor);
    }
  });
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  if (type.raw == "error") return read_error_in_answer(body, reader_);
  if (type.raw != "message") return {};
  if (content) json::each_element(*content, [&](std::size_t) { take_whole_block(*content, body); });
  end_message();
  return {};
}

}  // namespace sluice::dialect::anthropic
