#include "dialect/openai/calls.h"

#include <algorithm>

namespace sluice::dialect::openai {

namespace {

using chat::Piece;
using chat::PieceKind;

constexpr std::size_t kLongestIdPart = 40;

bool is_name_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

}  // namespace

void ObjectEnd::feed(std::string_view plain) {
  for (char c : plain) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      reached_ = --depth_ == 0;
    }
  }
}

// By its index; some servers have one for all calls, so that another id with a name is another call. Without an index
// by its id, or else it is the last one that goes on.
CallQueue::Call& CallQueue::find(const CallDelta& delta) {
  auto found = calls_.rend();
  if (!delta.index.empty()) {
    found = std::find_if(calls_.rbegin(), calls_.rend(), [&](const Call& call) { return call.index == delta.index; });
    if (found != calls_.rend()) {
      const bool is_other = !delta.id.empty() && !found->id.empty() && found->id != delta.id.raw && !delta.name.empty();
      if (is_other) found = calls_.rend();
    }
  } else if (!delta.id.empty()) {
    found = std::find_if(calls_.rbegin(), calls_.rend(), [&](const Call& call) { return call.id == delta.id.raw; });
  } else if (delta.name.empty()) {
    found = calls_.rbegin();
  }
  if (found != calls_.rend()) return *found;
  Call& call = calls_.emplace_back();
  call.index = delta.index;
  return call;
}

void CallQueue::name_call(Call& call, const CallDelta& delta, std::string_view answer_id) {
  if (call.begun) return;
  if (call.id.empty()) call.id = delta.id.raw;
  if (call.name.empty()) call.name = delta.name.raw;
  if (delta.tool != chat::ToolKind::kFunction) call.tool = delta.tool;
  if (delta.state.kind != chat::State::Kind::kNone) {
    call.state = delta.state.kind;
    call.state_data = delta.state.data.raw;
  }
  if (call.name.empty() || !call.id.empty()) return;
  // The id comes with the name or never.
  call.made_up = true;
  call.id = "call_";
  for (char c : answer_id.substr(0, kLongestIdPart)) {
    if (is_name_char(c)) call.id += c;
  }
  const auto place = std::ranges::find_if(calls_, [&](const Call& other) { return &other == &call; });
  call.id += '_' + std::to_string(place - calls_.begin());
}

void CallQueue::add(const CallDelta& delta, std::string_view answer_id, chat::Texts& texts, const Emit& emit) {
  Call& call = find(delta);
  name_call(call, delta, answer_id);
  call.end.feed(json::plain(delta.arguments));
  const bool is_current = current_ < calls_.size() && &calls_[current_] == &call;
  if (is_current && call.begun) {
    if (!delta.arguments.empty()) {
      Piece piece;
      piece.kind = PieceKind::kArguments;
      piece.text = delta.arguments;
      emit(std::move(piece));
    }
  } else {
    call.waiting += delta.arguments.raw;
  }
  advance(texts, emit);
}

void CallQueue::begin(Call& call, chat::Texts& texts, const Emit& emit) {
  Piece piece;
  piece.kind = PieceKind::kCall;
  piece.id = {texts.keep(call.id)};
  piece.name = {texts.keep(call.name)};
  piece.tool = call.tool;
  piece.made_up_id = call.made_up;
  piece.state = {.kind = call.state, .data = {texts.keep(call.state_data)}};
  call.begun = true;
  emit(std::move(piece));
}

void CallQueue::flush(Call& call, chat::Texts& texts, const Emit& emit) {
  if (!call.begun) begin(call, texts, emit);
  if (call.waiting.empty()) return;
  Piece piece;
  piece.kind = PieceKind::kArguments;
  piece.text = {texts.keep(std::move(call.waiting))};
  call.waiting.clear();
  emit(std::move(piece));
}

// A call has ended for sure when its arguments are a whole object and another one has begun.
void CallQueue::advance(chat::Texts& texts, const Emit& emit) {
  while (current_ < calls_.size()) {
    Call& call = calls_[current_];
    if (call.name.empty()) return;
    flush(call, texts, emit);
    const bool has_ended = call.tool == chat::ToolKind::kFunction && call.end.reached();
    if (!has_ended || current_ + 1 == calls_.size()) return;
    ++current_;
  }
}

void CallQueue::finish(chat::Texts& texts, const Emit& emit) {
  for (; current_ < calls_.size(); ++current_) {
    if (!calls_[current_].name.empty()) flush(calls_[current_], texts, emit);
  }
}

}  // namespace sluice::dialect::openai
