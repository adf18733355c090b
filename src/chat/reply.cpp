#include "chat/reply.h"

#include <algorithm>
#include <utility>

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
                    column.parts.back().part.state.kind == State::Kind::kNone && !piece.begins_block;
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
      target.text.add(piece);
      return append(target, PartKind::kText, piece);
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
      target.choice.citations.push_back(
          {.range = target.text.place(piece.citation.of), .citation = chat::keep(piece.citation, texts_)});
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

// ---- sources

namespace {

struct Group {
  Range range;  // characters of the part
  std::size_t order = 0;
  std::vector<const Citation*> sources;
};

// The sources of the `size` characters behind the first `begin`, in the order of the text; none overlaps another.
std::vector<Group> groups(const std::vector<Cited>& citations, std::uint64_t begin, std::uint64_t size) {
  std::vector<Group> found;
  for (const Cited& cited : citations) {
    // Sources of no character are of the one before them.
    const std::uint64_t from = std::min(cited.range.begin, std::max<std::uint64_t>(cited.range.end, 1) - 1);
    const std::uint64_t first = std::max(from, begin) - begin;
    const std::uint64_t last = std::min(std::max(cited.range.end, begin) - begin, size);
    if (first >= last) continue;
    found.push_back({.range = {.begin = first, .end = last}, .order = found.size(), .sources = {&cited.citation}});
  }
  std::ranges::sort(found, {}, [](const Group& group) { return std::pair(group.range.begin, group.order); });
  std::vector<Group> joined;
  for (Group& group : found) {
    if (joined.empty() || group.range.begin >= joined.back().range.end) {
      joined.push_back(std::move(group));
      continue;
    }
    joined.back().range.end = std::max(joined.back().range.end, group.range.end);
    joined.back().sources.push_back(group.sources.front());
  }
  return joined;
}

}  // namespace

std::vector<Passage> passages(const Choice& choice, std::size_t part) {
  const std::string_view text = choice.parts[part].text.raw;
  std::vector<Passage> cut;
  if (choice.citations.empty() || choice.parts[part].kind != PartKind::kText) return {{.text = text, .sources = {}}};
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < part; ++i) {
    if (choice.parts[i].kind == PartKind::kText) begin += characters(choice.parts[i].text);
  }
  std::size_t done = 0;
  for (Group& group : groups(choice.citations, begin, characters({text}))) {
    const std::size_t first = offset_of({text}, group.range.begin);
    const std::size_t last = offset_of({text}, group.range.end);
    if (first > done) cut.push_back({.text = text.substr(done, first - done), .sources = {}});
    cut.push_back({.text = text.substr(first, last - first), .sources = std::move(group.sources)});
    done = last;
  }
  if (done < text.size() || cut.empty()) cut.push_back({.text = text.substr(done), .sources = {}});
  return cut;
}

}  // namespace sluice::chat
