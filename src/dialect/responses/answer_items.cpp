#include "dialect/responses/answer_items.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "dialect/responses/members.h"

namespace sluice::dialect::responses {

namespace {

using chat::Piece;
using chat::PieceKind;

}  // namespace

AnswerItems::ItemKind AnswerItems::kind_of(std::string_view type) {
  if (type == "message") return ItemKind::kMessage;
  if (type == "reasoning") return ItemKind::kReasoning;
  return type == "function_call" || type == "custom_tool_call" ? ItemKind::kCall : ItemKind::kServer;
}

bool AnswerItems::take(const Signal& signal, std::vector<Piece>& pieces, chat::Texts& texts) {
  pieces_ = &pieces;
  texts_ = &texts;
  switch (signal.kind) {
    case SignalKind::kItemAdded:
      add(signal);
      break;
    case SignalKind::kItemDone:
      done(signal);
      break;
    case SignalKind::kTextDelta:
      text(signal, PieceKind::kText);
      break;
    case SignalKind::kRefusalDelta:
      text(signal, PieceKind::kRefusal);
      break;
    case SignalKind::kTextDone:
      whole_text(signal, PieceKind::kText);
      break;
    case SignalKind::kRefusalDone:
      whole_text(signal, PieceKind::kRefusal);
      break;
    case SignalKind::kAnnotation:
      if (Open* open = find(signal); open != nullptr && !signal.annotation.empty()) {
        say_citation(*open, signal.annotation);
      }
      break;
    case SignalKind::kSummaryPartAdded:
    case SignalKind::kReasoningDelta:
    case SignalKind::kReasoningDone:
      reasoning(signal);
      break;
    case SignalKind::kArgumentsDelta:
      arguments(signal, signal.delta);
      break;
    case SignalKind::kArgumentsDone:
      if (Open* open = find(signal); open != nullptr && !open->said) arguments(signal, signal.whole);
      break;
    default:
      break;
  }
  return open_.size() <= kMost && held_bytes_ <= max_held_bytes_;
}

void AnswerItems::take_item(std::string_view raw, std::vector<Piece>& pieces, chat::Texts& texts) {
  Signal signal;
  signal.kind = SignalKind::kItemDone;
  signal.item = raw;
  signal.output_index = began_;
  take(signal, pieces, texts);
}

// What was not ended is as it is: a call that the limit cut, say.
void AnswerItems::end(std::vector<Piece>& pieces, chat::Texts& texts) {
  pieces_ = &pieces;
  texts_ = &texts;
  while (!open_.empty()) {
    Open& open = open_.front();
    if (open.kind == ItemKind::kReasoning && open.said && !open.done) {
      say(open, {.kind = PieceKind::kState, .state = {.kind = chat::State::Kind::kPlain, .data = {}, .origin = {}}});
    }
    open.done = true;
    release();
  }
}

std::optional<Item> AnswerItems::parse(std::string_view raw) {
  auto cursor = reader_.scan_copy(raw);
  return cursor ? read_item(raw, *cursor) : std::nullopt;
}

// Servers that leave the index out have one item open at a time.
AnswerItems::Open* AnswerItems::find(const Signal& signal) {
  if (!signal.output_index) return open_.empty() || open_.back().done ? nullptr : &open_.back();
  const auto found =
      std::ranges::find_if(open_, [&](const Open& open) { return open.index == *signal.output_index && !open.done; });
  return found == open_.end() ? nullptr : &*found;
}

AnswerItems::Open& AnswerItems::open(std::uint64_t index, ItemKind kind) {
  ++began_;
  open_.push_back({.index = index, .kind = kind, .held = {}});
  return open_.back();
}

AnswerItems::Open* AnswerItems::open_for(const Signal& signal, ItemKind kind) {
  if (Open* found = find(signal)) return found;
  if (signal.output_index && *signal.output_index < ended_) return nullptr;
  return &open(signal.output_index.value_or(began_), kind);
}

void AnswerItems::say(Open& open, Piece piece) {
  open.said = true;
  if (&open == &open_.front()) {
    pieces_->push_back(piece);
    return;
  }
  Held held{.piece = piece,
            .text = std::string(piece.text.raw),
            .id = std::string(piece.id.raw),
            .name = std::string(piece.name.raw),
            .data = std::string(piece.state.data.raw),
            .raw = std::string(piece.raw.empty() ? piece.citation.raw : piece.raw),
            .url = std::string(piece.citation.url.raw),
            .title = std::string(piece.citation.title.raw)};
  held_bytes_ += sizeof(Held) + held.text.size() + held.data.size() + held.raw.size() + held.url.size();
  open.held.push_back(std::move(held));
}

void AnswerItems::say_logprobs(Open& open, std::string_view logprobs) {
  if (!logprobs.starts_with('[') || logprobs.find('{') == std::string_view::npos) return;
  std::string chat = R"({"content":)";
  chat += logprobs;
  chat += R"(,"refusal":null})";
  say(open, {.kind = PieceKind::kLogprobs, .raw = texts_->keep(std::move(chat))});
}

void AnswerItems::say_citation(Open& open, std::string_view annotation) {
  ++open.citations;
  const Members members(annotation, reader_);
  chat::Citation citation;
  citation.url = members.text("url");
  citation.title = members.text("title");
  citation.raw = annotation;
  if (citation.title.empty()) citation.title = members.text("filename");
  const auto begin = to_number<std::uint64_t>(members.value("start_index"));
  const auto end = to_number<std::uint64_t>(members.value("end_index"));
  if (begin && end) citation.of = {.unit = chat::Extent::Unit::kBlockCharacters, .begin = *begin, .end = *end};
  say(open, {.kind = PieceKind::kCitation, .citation = citation});
}

void AnswerItems::add(const Signal& signal) {
  const auto item = parse(signal.item);
  if (!item || find(signal) != nullptr) return;
  Open& open = this->open(signal.output_index.value_or(began_), kind_of(item->type.raw));
  if (open.kind == ItemKind::kCall) begin_call(open, *item);
}

void AnswerItems::begin_call(Open& open, const Item& item) {
  if (open.begun || !item.call_id || !item.name || item.name->empty()) return;
  open.begun = true;
  has_calls_ = true;
  const bool custom = item.type.raw == "custom_tool_call";
  say(open, {.kind = PieceKind::kCall,
             .id = *item.call_id,
             .name = *item.name,
             .tool = custom ? chat::ToolKind::kCustom : chat::ToolKind::kFunction});
  open.said = false;  // its arguments were not
}

void AnswerItems::text(const Signal& signal, PieceKind kind) {
  Open* open = open_for(signal, ItemKind::kMessage);
  if (open == nullptr) return;
  const std::uint64_t parts = std::min<std::uint64_t>(signal.part, kMost) + 1;
  const bool begins = parts > std::exchange(open->parts, std::max(open->parts, parts));
  has_refusal_ = has_refusal_ || kind == PieceKind::kRefusal;
  if (!signal.delta.empty()) say(*open, {.kind = kind, .text = signal.delta, .begins_block = begins});
  say_logprobs(*open, signal.logprobs);
}

// Some servers send a text only when it is whole.
void AnswerItems::whole_text(const Signal& signal, PieceKind kind) {
  const Open* found = find(signal);
  if (signal.whole.empty() || (found != nullptr && found->parts > signal.part)) return;
  Signal delta = signal;
  delta.delta = signal.whole;
  text(delta, kind);
}

void AnswerItems::reasoning(const Signal& signal) {
  Open* open = open_for(signal, ItemKind::kReasoning);
  if (open == nullptr) return;
  if (signal.kind == SignalKind::kSummaryPartAdded) {
    if (open->said) say(*open, {.kind = PieceKind::kReasoning, .text = {"\\n\\n"}});
    return;
  }
  const bool is_delta = signal.kind == SignalKind::kReasoningDelta;
  if (!is_delta && open->said) return;
  const json::Escaped text = is_delta ? signal.delta : signal.whole;
  if (!text.empty()) say(*open, {.kind = PieceKind::kReasoning, .text = text});
}

void AnswerItems::arguments(const Signal& signal, json::Escaped text) {
  Open* open = find(signal);
  if (open == nullptr || !open->begun || text.empty()) return;  // its done event has them
  say(*open, {.kind = PieceKind::kArguments, .text = text});
}

void AnswerItems::done(const Signal& signal) {
  const auto item = parse(signal.item);
  if (!item) return;
  Open* open = find(signal);
  if (open == nullptr) open = &this->open(signal.output_index.value_or(began_), kind_of(item->type.raw));
  end_item(*open, *item);
  open->done = true;
  ended_ = std::max(ended_, open->index + 1);
  release();
}

void AnswerItems::end_item(Open& open, const Item& item) {
  switch (open.kind) {
    case ItemKind::kMessage:
      return end_message(open, item);
    case ItemKind::kReasoning:
      return end_reasoning(open, item);
    case ItemKind::kCall:
      return end_call(open, item);
    case ItemKind::kServer:
      tool_calls_.count(item.type.raw, item.raw, reader_);
      say(open, {.kind = PieceKind::kServerItem, .raw = item.raw});
  }
}

// Says what the events have not said.
void AnswerItems::end_message(Open& open, const Item& item) {
  std::uint64_t cited = 0;
  const std::uint64_t streamed = open.parts;
  const std::uint64_t streamed_citations = open.citations;
  for (std::size_t i = 0; i < item.content.parts.size(); ++i) {
    const Content& part = item.content.parts[i];
    const bool refusal = part.refusal.has_value();
    const json::Escaped text = refusal ? *part.refusal : part.text.value_or(json::Escaped{});
    has_refusal_ = has_refusal_ || refusal;
    if (i >= streamed) {
      const PieceKind kind = refusal ? PieceKind::kRefusal : PieceKind::kText;
      if (!text.empty()) say(open, {.kind = kind, .text = text, .begins_block = true});
      say_logprobs(open, part.logprobs);
    }
    if (part.annotations.empty()) continue;
    for (std::string_view annotation : elements(part.annotations, reader_)) {
      if (cited++ >= streamed_citations) say_citation(open, annotation);
    }
  }
}

void AnswerItems::end_reasoning(Open& open, const Item& item) {
  if (!open.said) {
    const json::Escaped text = reasoning_text(item, *texts_);
    if (!text.empty()) say(open, {.kind = PieceKind::kReasoning, .text = text});
  }
  Piece state{.kind = PieceKind::kState, .id = item.id.value_or(json::Escaped{})};
  const bool encrypted = item.encrypted_content && !item.encrypted_content->empty();
  state.state.kind = encrypted ? chat::State::Kind::kEncrypted : chat::State::Kind::kPlain;
  if (encrypted) state.state.data = *item.encrypted_content;
  if (encrypted || open.said) say(open, state);
}

void AnswerItems::end_call(Open& open, const Item& item) {
  begin_call(open, item);
  if (!open.begun || open.said) return;
  const auto text = item.type.raw == "custom_tool_call" ? item.input : item.arguments;
  if (text && !text->empty()) say(open, {.kind = PieceKind::kArguments, .text = *text});
}

// Lets what ended go and gives out what the next item holds.
void AnswerItems::release() {
  while (!open_.empty() && open_.front().done) {
    open_.pop_front();
    if (open_.empty()) break;
    for (Held& held : open_.front().held) {
      held_bytes_ -= sizeof(Held) + held.text.size() + held.data.size() + held.raw.size() + held.url.size();
      Piece piece = held.piece;
      piece.text = {texts_->keep(std::move(held.text))};
      piece.id = {texts_->keep(std::move(held.id))};
      piece.name = {texts_->keep(std::move(held.name))};
      piece.state.data = {texts_->keep(std::move(held.data))};
      const std::string_view raw = texts_->keep(std::move(held.raw));
      (piece.kind == PieceKind::kCitation ? piece.citation.raw : piece.raw) = raw;
      piece.citation.url = {texts_->keep(std::move(held.url))};
      piece.citation.title = {texts_->keep(std::move(held.title))};
      pieces_->push_back(piece);
    }
    open_.front().held.clear();
  }
}

}  // namespace sluice::dialect::responses
