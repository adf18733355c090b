#include "dialect/openai/pieces.h"

#include <algorithm>

#include "base/base64.h"
#include "base/digest.h"
#include "base/text.h"
#include "dialect/openai/content.h"

namespace sluice::dialect::openai {

namespace {

using chat::Piece;
using chat::PieceKind;
using chat::State;
using json::Escaped;

constexpr std::size_t kMostChoices = 1024;

// The inside of a JSON string as written; empty for all else.
Escaped text_of(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  return {value.substr(1, value.size() - 2)};
}

bool is_array(std::string_view value) {
  return value.starts_with('[');
}

// The answer does not say what its audio is coded in; the first bytes do.
std::string_view audio_type(std::string_view base64) {
  if (base64.starts_with("UklGR")) return "audio/wav";
  if (base64.starts_with("SUQz") || base64.starts_with("//")) return "audio/mpeg";
  if (base64.starts_with("ZkxhQ")) return "audio/flac";
  return base64.starts_with("T2dnUw") ? "audio/ogg" : "audio/pcm";
}

// Calls visit(member, value) for each member of an object, the value as written and not null.
template <class Visit>
void each_value(std::string_view object, json::Reader& reader, Visit visit) {
  auto cursor = reader.scan_copy(object);
  if (!cursor) return;
  json::each_member(*cursor, [&](std::string_view key) {
    const bool is_null = cursor->kind() == json::Kind::kNull;
    const std::string_view value = cursor->skip();
    if (!is_null) visit(key, value);
  });
}

std::vector<std::string_view> elements(std::string_view array, json::Reader& reader) {
  std::vector<std::string_view> found;
  auto cursor = reader.scan_copy(array);
  if (!cursor) return found;
  json::each_element(*cursor, [&](std::size_t) { found.push_back(cursor->skip()); });
  return found;
}

}  // namespace

void ChatPieces::Out::piece(Piece piece) const {
  piece.choice = column.choice;
  emit(std::move(piece));
}

void ChatPieces::Out::text(PieceKind kind, Escaped text) const {
  Piece out;
  out.kind = kind;
  out.text = text;
  piece(std::move(out));
}

ChatPieces::Column* ChatPieces::column(std::uint64_t index) {
  const auto found = std::ranges::find(columns_, index, &Column::choice);
  if (found != columns_.end()) return &*found;
  if (columns_.size() == kMostChoices || index >= kMostChoices) return nullptr;
  Column& added = columns_.emplace_back();
  added.choice = static_cast<std::uint32_t>(index);
  return &added;
}

void ChatPieces::read(const ChoiceText& choice, const chat::Learned& learned, chat::Texts& texts, const Emit& emit) {
  Column* target = column(choice.index);
  if (target == nullptr) return;
  const Out out{*target, texts, emit, learned.id};
  Delta delta;
  each_value(choice.delta, reader_, [&](std::string_view key, std::string_view value) {
    const bool fills = delta.reasoning.empty() || delta.reasoning == R"("")";
    if (key == "reasoning_content" || (key == "reasoning" && fills)) delta.reasoning = value;
    if (key == "reasoning_details") delta.details = value;
    if (key == "content") delta.content = value;
    if (key == "refusal") delta.refusal = value;
    if (key == "audio") delta.audio = value;
    if (key == "images") delta.images = value;
    if (key == "annotations") delta.annotations = value;
    if (key == "tool_calls") delta.calls = value;
    if (key == "function_call") delta.function = value;
  });
  say(delta, out);
  if (choice.logprobs.starts_with('{')) {
    Piece piece;
    piece.kind = PieceKind::kLogprobs;
    piece.raw = choice.logprobs;
    out.piece(std::move(piece));
  }
  if (!choice.finish.empty()) end(choice.finish, choice.stop_reason, out);
}

void ChatPieces::say(const Delta& delta, const Out& out) {
  const Escaped reasoning = text_of(delta.reasoning);
  if (!reasoning.empty()) reason(reasoning, out);
  if (is_array(delta.details)) say_details(delta.details, !reasoning.empty(), out);
  if (is_array(delta.content)) {
    say_content(delta.content, out);
  } else if (const Escaped text = text_of(delta.content); !text.empty()) {
    end_reasoning(out);
    out.text(PieceKind::kText, text);
  }
  if (const Escaped text = text_of(delta.refusal); !text.empty()) {
    end_reasoning(out);
    out.column.held.refusal = true;
    out.text(PieceKind::kRefusal, text);
  }
  if (!delta.audio.empty()) hear(delta.audio, out);
  if (is_array(delta.images)) show(delta.images, out);
  if (is_array(delta.annotations)) annotate(delta.annotations, out);
  if (is_array(delta.calls)) call(delta.calls, out);
  if (!delta.function.empty()) call_function(delta.function, out);
}

void ChatPieces::reason(Escaped text, const Out& out) {
  out.column.reasons = true;
  out.text(PieceKind::kReasoning, text);
}

// What the provider wants back of it: the details where they hold what only it can make, else the text.
void ChatPieces::end_reasoning(const Out& out) {
  Column& column = out.column;
  const bool is_state = column.details.is_state();
  if (!column.reasons && !is_state) return;
  Piece piece;
  piece.kind = PieceKind::kState;
  piece.state.kind = is_state ? State::Kind::kEncrypted : State::Kind::kPlain;
  if (is_state) piece.state.data = out.texts.escaped(column.details.array());
  column.reasons = false;
  column.details.clear();
  out.piece(std::move(piece));
}

void ChatPieces::say_details(std::string_view array, bool is_shown, const Out& out) {
  std::string shown = out.column.details.add(array, reader_);
  if (!is_shown && !shown.empty()) reason({out.texts.keep(std::move(shown))}, out);
}

// Mistral: a list of chunks.
void ChatPieces::say_content(std::string_view content, const Out& out) {
  for (std::string_view chunk : elements(content, reader_)) say_chunk(chunk, out);
}

void ChatPieces::say_chunk(std::string_view chunk, const Out& out) {
  Escaped type, text;
  std::string_view thinking;
  each_value(chunk, reader_, [&](std::string_view key, std::string_view value) {
    if (key == "type") type = text_of(value);
    if (key == "text") text = text_of(value);
    if (key == "thinking") thinking = value;
  });
  if (type.raw == "thinking") {
    for (std::string_view thought : elements(thinking, reader_)) {
      each_value(thought, reader_, [&](std::string_view key, std::string_view value) {
        if (key == "text" && !text_of(value).empty()) reason(text_of(value), out);
      });
    }
  } else if (type.raw == "text") {
    if (text.empty()) return;
    end_reasoning(out);
    out.text(PieceKind::kText, text);
  } else if (chunk.starts_with('{')) {
    end_reasoning(out);
    Piece piece;
    piece.kind = PieceKind::kServerItem;
    piece.raw = chunk;
    out.piece(std::move(piece));
  }
}

// Audio comes in parts, each coded for itself; it is told when it is whole.
void ChatPieces::hear(std::string_view audio, const Out& out) {
  Escaped data;
  each_value(audio, reader_, [&](std::string_view key, std::string_view value) {
    if (key == "data") data = text_of(value);
    if (key == "transcript") out.column.transcript += text_of(value).raw;
  });
  if (data.empty()) return;
  std::string& whole = out.column.audio;
  if (whole.ends_with('=')) {  // goes on where a part ended within three bytes
    whole = base64(base64_decode(whole).value_or("") + base64_decode(json::plain(data)).value_or(""));
  } else {
    whole += data.raw;
  }
}

// OpenRouter: images a model made.
void ChatPieces::show(std::string_view images, const Out& out) {
  for (std::string_view image : elements(images, reader_)) {
    Escaped url;
    each_value(image, reader_, [&](std::string_view key, std::string_view value) {
      if (key != "image_url") return;
      json::Reader inner;
      each_value(value, inner, [&](std::string_view name, std::string_view address) {
        if (name == "url") url = text_of(address);
      });
    });
    if (url.empty()) continue;
    end_reasoning(out);
    Piece piece;
    piece.kind = PieceKind::kMedia;
    piece.media = media_of(url, out.texts);
    if (piece.media.type.empty()) piece.media.type = {"image/png"};
    out.piece(std::move(piece));
  }
}

void ChatPieces::annotate(std::string_view annotations, const Out& out) {
  for (std::string_view annotation : elements(annotations, reader_)) {
    std::string_view cited;
    each_value(annotation, reader_, [&](std::string_view key, std::string_view value) {
      if (key == "url_citation") cited = value;
    });
    Piece piece;
    piece.kind = PieceKind::kCitation;
    piece.citation.raw = annotation;
    each_value(cited, reader_, [&](std::string_view key, std::string_view value) {
      if (key == "url") piece.citation.url = text_of(value);
      if (key == "title") piece.citation.title = text_of(value);
      if (key == "content") piece.citation.quote = text_of(value);  // OpenRouter
      if (key == "start_index") piece.citation.of.begin = to_number<std::uint64_t>(value).value_or(0);
      if (key != "end_index") return;
      piece.citation.of.end = to_number<std::uint64_t>(value).value_or(0);
      if (piece.citation.of.end > 0) piece.citation.of.unit = chat::Extent::Unit::kCharacters;
    });
    out.piece(std::move(piece));
  }
}

void ChatPieces::call(std::string_view calls, const Out& out) {
  const auto emit = [&](Piece piece) { out.piece(std::move(piece)); };
  for (std::string_view element : elements(calls, reader_)) {
    CallDelta delta;
    std::string_view called;
    std::string_view extra;
    each_value(element, reader_, [&](std::string_view key, std::string_view value) {
      if (key == "index") delta.index = value;
      if (key == "id") delta.id = text_of(value);
      if (key == "custom") delta.tool = chat::ToolKind::kCustom;
      if (key == "function" || key == "custom") called = value;
      if (key == "extra_content") extra = value;
    });
    each_value(called, reader_, [&](std::string_view key, std::string_view value) {
      if (key == "name") delta.name = text_of(value);
      if (key != "arguments" && key != "input") return;
      // Mistral may send an object instead of a string.
      delta.arguments = value.starts_with('{') ? out.texts.escaped(value) : text_of(value);
    });
    if (auto cursor = reader_.scan_copy(extra)) delta.state = read_thought_signature(*cursor);
    end_reasoning(out);
    out.column.held.calls = true;
    out.column.calls.add(delta, out.answer_id, out.texts, emit);
  }
}

// The older form of one call, which has no id.
void ChatPieces::call_function(std::string_view function, const Out& out) {
  CallDelta delta;
  delta.index = "function_call";
  each_value(function, reader_, [&](std::string_view key, std::string_view value) {
    if (key == "name") delta.name = text_of(value);
    if (key == "arguments") delta.arguments = text_of(value);
  });
  end_reasoning(out);
  out.column.held.calls = true;
  out.column.calls.add(delta, out.answer_id, out.texts, [&](Piece piece) { out.piece(std::move(piece)); });
}

void ChatPieces::cite_all(const Out& out) {
  const std::string_view citations = out.texts.keep(std::move(citations_));
  citations_.clear();
  for (std::string_view citation : elements(citations, reader_)) {
    if (text_of(citation).empty()) continue;
    Piece piece;
    piece.kind = PieceKind::kCitation;
    piece.citation.url = text_of(citation);
    piece.citation.raw = citation;
    out.piece(std::move(piece));
  }
}

void ChatPieces::end(std::string_view finish, std::string_view stop_reason, const Out& out) {
  Column& column = out.column;
  if (column.finished) return;
  column.finished = true;
  end_reasoning(out);
  if (!column.audio.empty()) {
    Piece piece;
    piece.kind = PieceKind::kMedia;
    piece.media.type = {audio_type(column.audio)};
    piece.media.data = {out.texts.keep(std::move(column.audio))};
    piece.media.context = {out.texts.keep(std::move(column.transcript))};
    column.audio.clear();
    column.transcript.clear();
    out.piece(std::move(piece));
  }
  column.calls.finish(out.texts, [&](Piece piece) { out.piece(std::move(piece)); });
  cite_all(out);
  Piece piece;
  piece.kind = PieceKind::kFinish;
  piece.finish = finish_of(finish, column.held);
  piece.text = text_of(stop_reason);
  if (piece.finish == chat::FinishReason::kStop && !piece.text.empty()) {
    piece.finish = chat::FinishReason::kStopSequence;
  }
  out.piece(std::move(piece));
}

void ChatPieces::finish(chat::Texts& texts, const Emit& emit) {
  for (Column& column : columns_) end("stop", {}, {column, texts, emit, {}});
}

}  // namespace sluice::dialect::openai
