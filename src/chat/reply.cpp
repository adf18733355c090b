#include "chat/reply.h"

#include <algorithm>
#include <span>
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

struct Source {
  Range range;
  const Citation* citation = nullptr;
};

// In the order in which their texts begin. One of no character is of the one before it.
std::vector<Source> sources_of(const Choice& choice, bool (*tells)(const Citation&)) {
  std::vector<Source> sources;
  sources.reserve(choice.citations.size());
  for (const Cited& cited : choice.citations) {
    if (!tells(cited.citation)) continue;
    const std::uint64_t end = std::max<std::uint64_t>(cited.range.end, 1);
    sources.push_back(
        {.range = {.begin = std::min(cited.range.begin, end - 1), .end = end}, .citation = &cited.citation});
  }
  std::ranges::sort(sources, {}, [](const Source& source) { return std::pair(source.range.begin, source.citation); });
  return sources;
}

bool is_blank(const Passage& passage) {
  return passage.sources.empty() && json::plain({passage.text}).find_first_not_of(" \t\r\n") == std::string::npos;
}

// Their texts follow each other in one text.
std::vector<Passage> without_blanks(std::vector<Passage> passages) {
  std::vector<Passage> joined;
  const char* begin = passages.front().text.data();
  for (Passage& passage : passages) {
    const char* end = passage.text.data() + passage.text.size();
    if (!is_blank(passage)) {
      joined.push_back({.text = {begin, end}, .sources = std::move(passage.sources)});
    } else if (!joined.empty()) {
      joined.back().text = {joined.back().text.data(), end};
    } else {
      continue;  // goes with the first that is not blank
    }
    begin = end;
  }
  if (joined.empty())
    joined.push_back({.text = {begin, passages.back().text.data() + passages.back().text.size()}, .sources = {}});
  return joined;
}

// The text of a part whose first character is `begin`, and the sources that are of some of it.
std::vector<Passage> cut(std::string_view text, std::uint64_t begin, std::uint64_t size,
                         std::span<const Source> sources) {
  std::vector<Passage> passages;
  std::uint64_t at = begin;
  const auto take = [&](std::uint64_t until, std::vector<const Citation*> of) {
    const std::size_t bytes = offset_of({text}, until - at);
    if (bytes > 0) passages.push_back({.text = text.substr(0, bytes), .sources = std::move(of)});
    text.remove_prefix(bytes);
    at = until;
  };
  for (std::size_t i = 0; i < sources.size();) {
    const std::uint64_t from = std::max(sources[i].range.begin, begin);
    std::uint64_t to = sources[i].range.end;
    std::vector<const Citation*> joined;
    for (; i < sources.size() && sources[i].range.begin < to; ++i) {
      to = std::max(to, sources[i].range.end);
      joined.push_back(sources[i].citation);
    }
    take(from, {});
    take(std::min(to, begin + size), std::move(joined));
  }
  if (!text.empty() || passages.empty()) passages.push_back({.text = text, .sources = {}});
  return without_blanks(std::move(passages));
}

}  // namespace

std::vector<std::vector<Passage>> passages(const Choice& choice, bool (*tells)(const Citation&)) {
  const std::vector<Source> sources = sources_of(choice, tells);
  std::vector<std::vector<Passage>> all;
  all.reserve(choice.parts.size());
  std::vector<Source> open;  // that began and have not ended
  auto next = sources.begin();
  std::uint64_t begin = 0;
  for (const Part& part : choice.parts) {
    if (part.kind != PartKind::kText || sources.empty()) {
      all.push_back({{.text = part.text.raw, .sources = {}}});
      continue;
    }
    const std::uint64_t size = characters(part.text);
    for (; next != sources.end() && next->range.begin < begin + size; ++next) open.push_back(*next);
    all.push_back(cut(part.text.raw, begin, size, open));
    begin += size;
    std::erase_if(open, [&](const Source& source) { return source.range.end <= begin; });
  }
  return all;
}

}  // namespace sluice::chat
