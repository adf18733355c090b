// The parts of answers, for candidates.h: texts, thoughts, calls and what else there is.
#include "chat/cited.h"
#include "dialect/gemini/candidates.h"
#include "dialect/gemini/schema.h"
#include "json/escaped.h"
#include "json/text.h"

namespace sluice::dialect::gemini {

namespace {

using chat::Escaped;
using chat::Piece;
using chat::PieceKind;
using chat::State;

State thought(Escaped signature) {
  return {.kind = State::Kind::kThought, .data = signature, .origin = {}};
}

}  // namespace

void Candidates::take(Choice& choice, Seen& seen) {
  const bool nothing =
      !seen.call && !seen.media && !seen.other && seen.signature.empty() && seen.text.value_or(Escaped{}).empty();
  if (nothing) return;  // the last response often has an empty text
  if (choice.open && !seen.call) close_call(choice, Whole::kYes);
  if (seen.call) return take_call(choice, seen);
  if (seen.thought && seen.text) return take_thought(choice, seen);
  const bool text = seen.text.has_value() || (!seen.media && !seen.other);
  if (text) return take_text(choice, seen);
  end_reasoning(choice);
  choice.text = false;
  visible_ = true;
  Piece told;
  if (seen.media && !seen.thought) {
    told.kind = PieceKind::kMedia;
    told.media = *seen.media;
  } else {
    told.kind = PieceKind::kServerItem;  // also a sketch that the model made while it thought
    told.raw = seen.raw;
  }
  piece(choice, told);
  if (seen.signature.empty() || told.kind == PieceKind::kServerItem) return;
  Piece state;
  state.kind = PieceKind::kState;
  state.state = thought(seen.signature);
  piece(choice, state);
}

void Candidates::take_text(Choice& choice, const Seen& seen) {
  const Escaped text = seen.text.value_or(Escaped{});
  const bool signed_text = !seen.signature.empty();
  if (text.empty() && !signed_text) return;
  end_reasoning(choice);
  // A signature needs a text to stand on.
  if (!text.empty() || !choice.text) {
    Piece told;
    told.kind = PieceKind::kText;
    told.text = text;
    learned_.show(told);
    if (sink_.pieces != nullptr) choice.said += chat::utf8_size(text);
    piece(choice, told);
  }
  choice.text = true;
  visible_ = visible_ || !text.empty();
  if (!signed_text) return;
  Piece state;
  state.kind = PieceKind::kState;
  state.state = thought(seen.signature);
  piece(choice, state);
  choice.text = false;  // what follows is a text of its own
}

void Candidates::take_thought(Choice& choice, const Seen& seen) {
  choice.text = false;
  if (!seen.text->empty()) {
    Piece told;
    told.kind = PieceKind::kReasoning;
    told.text = *seen.text;
    learned_.show(told);
    piece(choice, told);
    choice.reasoning = true;
    visible_ = true;
  }
  if (seen.signature.empty()) return;
  Piece state;
  state.kind = PieceKind::kState;
  state.state = thought(seen.signature);
  piece(choice, state);
  choice.reasoning = false;
}

void Candidates::end_reasoning(Choice& choice) {
  if (!choice.reasoning) return;
  choice.reasoning = false;
  Piece state;
  state.kind = PieceKind::kState;
  state.state.kind = State::Kind::kPlain;
  piece(choice, state);
}

void Candidates::take_call(Choice& choice, Seen& seen) {
  visible_ = true;
  if (choice.open && !seen.name.empty()) close_call(choice, Whole::kYes);
  if (!choice.open) {
    if (seen.name.empty()) return;
    begin_call(choice, seen);
  }
  OpenCall& call = *choice.open;
  for (const Seen::Fragment& fragment : seen.fragments) {
    const bool added = fragment.text             ? call.arguments.add_text(fragment.path, *fragment.text)
                       : !fragment.value.empty() ? call.arguments.add_value(fragment.path, fragment.value)
                                                 : true;
    learned_.shown += fragment.text ? json::plain_size(fragment.text->raw) : fragment.value.size();
    if (!added && trouble_.empty()) trouble_ = "The arguments of a function call cannot be put together";
  }
  if (!seen.arguments.empty()) {
    std::string arguments = compact(seen.arguments);
    learned_.shown += arguments.size();
    tell_call(choice, call, std::move(arguments));
    choice.open.reset();
  } else if (!seen.continues) {
    close_call(choice, Whole::kYes);
  }
}

void Candidates::begin_call(Choice& choice, const Seen& seen) {
  end_reasoning(choice);
  choice.text = false;
  choice.calls = true;
  learned_.show(seen.name);
  choice.open.emplace(OpenCall{.id = std::string(seen.id.raw),
                               .name = std::string(seen.name.raw),
                               .signature = std::string(seen.signature.raw),
                               .arguments = PartialArguments(max_bytes_)});
}

void Candidates::close_call(Choice& choice, Whole whole) {
  const OpenCall& call = *choice.open;
  tell_call(choice, call, whole == Whole::kYes ? call.arguments.finished() : call.arguments.unfinished());
  choice.open.reset();
}

void Candidates::tell_call(Choice& choice, const OpenCall& call, std::string arguments) {
  if (sink_.pieces == nullptr) return;
  Piece begin;
  begin.kind = PieceKind::kCall;
  begin.made_up_id = call.id.empty();
  begin.id = {texts()->keep(begin.made_up_id ? made_up_id(call.name, arguments) : call.id)};
  begin.name = {texts()->keep(call.name)};
  if (!call.signature.empty()) begin.state = thought({texts()->keep(call.signature)});
  piece(choice, begin);
  Piece told;
  told.kind = PieceKind::kArguments;
  told.text = texts()->escaped(arguments);
  piece(choice, told);
}

// The same answer always gives the same ids, and no other answer does.
std::string Candidates::made_up_id(std::string_view name, std::string_view arguments) {
  std::string id = "call_";
  if (!learned_.id.empty()) {
    for (const char c : std::string_view(learned_.id).substr(0, 64)) {
      const bool fits = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-';
      id += fits ? c : '_';
    }
  } else {
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a
    for (const std::string_view part : {name, arguments}) {
      for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    id += std::to_string(hash);
  }
  return id + "_" + std::to_string(made_up_++);
}

}  // namespace sluice::dialect::gemini
