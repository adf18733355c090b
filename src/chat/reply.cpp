#include "chat/reply.h"

#include <algorithm>

namespace sluice::chat {

namespace {

constexpr std::uint32_t kMostChoices = 1024;

PartKind part_kind(PieceKind kind) {
  switch (kind) {
    case PieceKind::kRefusal:
      return PartKind::kRefusal;
    case PieceKind::kReasoning:
    case PieceKind::kState:
      return PartKind::kReasoning;
    case PieceKind::kCall:
    case PieceKind::kArguments:
      return PartKind::kCall;
    case PieceKind::kServerItem:
      return PartKind::kServerItem;
    default:
      return PartKind::kText;
  }
}

PartKind media_kind(std::string_view type) {
  if (type.starts_with("audio/")) return PartKind::kAudio;
  if (type.starts_with("video/")) return PartKind::kVideo;
  return type.starts_with("image/") ? PartKind::kImage : PartKind::kDocument;
}

bool is_object(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

Collector::Column& Collector::column(std::uint32_t choice) {
  choice = std::min(choice, kMostChoices);
  while (columns_.size() <= choice) columns_.emplace_back();
  return columns_[choice];
}

Part Collector::own(const Piece& piece, PartKind kind) {
  Part part;
  part.kind = kind;
  part.id = keep(piece.id);
  part.name = keep(piece.name);
  part.tool = piece.tool;
  part.made_up_id = piece.made_up_id;
  part.state = {.kind = piece.state.kind, .data = keep(piece.state.data), .origin = piece.state.origin};
  part.raw = texts_.keep(std::string(piece.raw));
  return part;
}

// Goes on with the last part when that is of the same kind and still open, else begins one.
void Collector::append(Column& column, PartKind kind, const Piece& piece) {
  const bool open = !column.parts.empty() && column.parts.back().part.kind == kind &&
                    column.parts.back().part.state.kind == State::Kind::kNone;
  if (!open) column.parts.push_back({own(piece, kind), {}});
  column.parts.back().text += piece.text.raw;
}

void Collector::end_reasoning(Column& column, const Piece& piece) {
  const State state{.kind = piece.state.kind, .data = keep(piece.state.data), .origin = piece.state.origin};
  if (!column.parts.empty()) {
    Part& last = column.parts.back().part;
    const bool own = state.kind != State::Kind::kRedacted && last.state.kind == State::Kind::kNone;
    const bool of_text = state.kind == State::Kind::kThought && last.kind == PartKind::kText;
    if (own && (last.kind == PartKind::kReasoning || of_text)) {
      last.state = state;
      if (!piece.id.empty()) last.id = keep(piece.id);
      return;
    }
  }
  column.parts.push_back({own(piece, PartKind::kReasoning), {}});
}

void Collector::add(const Piece& piece) {
  Column& target = column(piece.choice);
  switch (piece.kind) {
    case PieceKind::kText:
    case PieceKind::kRefusal:
    case PieceKind::kReasoning:
      return append(target, part_kind(piece.kind), piece);
    case PieceKind::kState:
      return end_reasoning(target, piece);
    case PieceKind::kCall:
    case PieceKind::kServerItem:
      target.parts.push_back({own(piece, part_kind(piece.kind)), {}});
      return;
    case PieceKind::kArguments:
      if (!target.parts.empty() && target.parts.back().part.kind == PartKind::kCall)
        target.parts.back().text += piece.text.raw;
      return;
    case PieceKind::kMedia: {
      Part part = own(piece, media_kind(piece.media.type.raw));
      part.media = {.form = piece.media.form,
                    .type = keep(piece.media.type),
                    .data = keep(piece.media.data),
                    .name = keep(piece.media.name),
                    .detail = keep(piece.media.detail),
                    .context = keep(piece.media.context)};
      target.parts.push_back({std::move(part), {}});
      return;
    }
    case PieceKind::kCitation:
      target.choice.citations.push_back({.part = target.parts.size(),
                                         .end = target.parts.empty() ? 0 : target.parts.back().text.size(),
                                         .citation = {.url = keep(piece.citation.url),
                                                      .title = keep(piece.citation.title),
                                                      .quote = keep(piece.citation.quote),
                                                      .raw = texts_.keep(std::string(piece.citation.raw))}});
      return;
    case PieceKind::kLogprobs:
      target.logprobs.emplace_back(piece.raw);
      return;
    case PieceKind::kFinish:
      target.choice.finish = piece.finish;
      target.choice.stop_sequence = keep(piece.text);
      return;
  }
}

void Collector::add(std::span<const Piece> pieces) {
  for (const Piece& piece : pieces) add(piece);
}

const std::vector<Choice>& Collector::choices() {
  column(0);
  choices_.clear();
  for (Column& column : columns_) {
    Choice choice = column.choice;
    for (const Growing& growing : column.parts) {
      Part part = growing.part;
      part.text = {texts_.keep(growing.text)};
      if (part.kind == PartKind::kCall && part.tool == ToolKind::kFunction) {
        const std::string_view arguments = texts_.keep(json::plain(part.text));
        part.arguments = arguments.empty() ? "{}" : is_object(arguments) ? arguments : std::string_view();
      }
      choice.parts.push_back(std::move(part));
    }
    for (const std::string& logprobs : column.logprobs) choice.logprobs.emplace_back(texts_.keep(logprobs));
    choices_.push_back(std::move(choice));
  }
  return choices_;
}

}  // namespace sluice::chat
