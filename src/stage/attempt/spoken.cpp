#include "stage/attempt/spoken.h"

#include <algorithm>
#include <vector>

namespace sluice::stage {

namespace {

constexpr std::string_view kSpaces[] = {" ", "\\n", "\\r", "\\t"};

// The white space at the beginning of an escaped text, one character; empty: none.
std::string_view space_ahead(std::string_view text) {
  for (auto space : kSpaces) {
    if (text.starts_with(space)) return space;
  }
  return {};
}

// "\\\\n" ends in an escaped backslash and an n, not in a line break.
bool ends_in(std::string_view text, std::string_view space) {
  if (!text.ends_with(space)) return false;
  if (space.size() == 1) return true;
  auto before = text.substr(0, text.size() - space.size());
  auto other = before.find_last_not_of('\\');
  auto backslashes = before.size() - (other == std::string_view::npos ? 0 : other + 1);
  return backslashes % 2 == 0;
}

}  // namespace

std::string_view Spoken::trailing() const {
  std::string_view text = text_;
  for (bool again = true; again;) {
    again = false;
    for (auto space : kSpaces) {
      if (!ends_in(text, space)) continue;
      text.remove_suffix(space.size());
      again = true;
    }
  }
  return std::string_view(text_).substr(text.size());
}

std::string_view Spoken::text() const {
  if (!can_) return {};
  return std::string_view(text_).substr(0, text_.size() - trailing().size());
}

void Spoken::note(const chat::Piece& piece) {
  using Kind = chat::PieceKind;
  const bool is_text = piece.kind == Kind::kText && piece.choice == 0;
  const bool is_beside = piece.kind == Kind::kLogprobs || piece.kind == Kind::kCitation || piece.kind == Kind::kFinish;
  can_ = can_ && (is_text || is_beside) && text_.size() + piece.text.raw.size() <= kMost;
  if (can_ && is_text) text_ += piece.text.raw;
}

// Takes the owed white space from the beginning of the texts. True: something was changed.
bool Spoken::repay(std::vector<chat::Piece>& pieces) {
  bool changed = false;
  for (auto& piece : pieces) {
    if (piece.kind != chat::PieceKind::kText) continue;
    auto& raw = piece.text.raw;
    while (!owed_.empty()) {
      auto space = space_ahead(raw);
      if (space.empty() || !owed_.starts_with(space)) break;
      raw.remove_prefix(space.size());
      owed_.erase(0, space.size());
      changed = true;
    }
    if (!raw.empty()) owed_.clear();
    if (owed_.empty()) break;
  }
  return changed;
}

Task<Status> Spoken::push(std::span<const chat::Event> events) {
  std::vector<std::vector<chat::Piece>> changed;
  std::vector<chat::Event> passed(events.begin(), events.end());
  changed.reserve(passed.size());
  for (auto& event : passed) {
    if (!owed_.empty()) {
      auto& pieces = changed.emplace_back(event.pieces.begin(), event.pieces.end());
      if (repay(pieces)) event.pieces = pieces;
    }
    for (const auto& piece : event.pieces) note(piece);
  }
  co_return co_await out_.push(passed);
}

}  // namespace sluice::stage
