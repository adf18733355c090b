#include "chat/halves.h"

#include <algorithm>

namespace sluice::chat {

namespace {

constexpr std::size_t kEscape = 6;  // \uXXXX
// What stands for a half without its other one: no text can hold it.
constexpr std::string_view kNone = R"(\ufffd)";

bool is_text(const Piece& piece) {
  return piece.kind == PieceKind::kText || piece.kind == PieceKind::kRefusal || piece.kind == PieceKind::kReasoning ||
         piece.kind == PieceKind::kArguments;
}

// The escape of a first half at its end, which is no text that looks like one: \\ud83d.
bool ends_in_half(std::string_view raw) {
  if (raw.size() < kEscape) return false;
  const std::string_view end = raw.substr(raw.size() - kEscape);
  const auto lower = [&](std::size_t i) { return static_cast<char>(end[i] | 0x20); };
  if (end[0] != '\\' || end[1] != 'u' || lower(2) != 'd') return false;
  if (end[3] != '8' && end[3] != '9' && lower(3) != 'a' && lower(3) != 'b') return false;
  const auto before = raw.substr(0, raw.size() - kEscape + 1);
  const auto other = before.find_last_not_of('\\');
  return (before.size() - (other == std::string_view::npos ? 0 : other + 1)) % 2 == 1;
}

// The escape of a second half.
bool begins_with_half(std::string_view raw) {
  if (raw.size() < kEscape || raw[0] != '\\' || raw[1] != 'u' || (raw[2] | 0x20) != 'd') return false;
  const char digit = static_cast<char>(raw[3] | 0x20);
  return digit >= 'c' && digit <= 'f';
}

bool needs_joining(const Piece& piece) {
  return is_text(piece) && ends_in_half(piece.text.raw);
}

}  // namespace

std::span<const Piece> Halves::join(std::span<const Piece> pieces) {
  if (half_.empty() && std::ranges::none_of(pieces, needs_joining)) return pieces;
  pieces_.clear();
  texts_ = {};
  for (const Piece& piece : pieces) take(piece);
  return pieces_;
}

void Halves::take(Piece piece) {
  const bool other = !is_text(piece) || piece.kind != held_.kind || piece.choice != held_.choice || piece.begins_block;
  if (!half_.empty() && other) {
    release();
  } else if (!half_.empty()) {
    const bool has_other = begins_with_half(piece.text.raw);
    piece.text = {texts_.keep((has_other ? half_ : std::string(kNone)) + std::string(piece.text.raw))};
    piece.begins_block = held_.begins_block;
    half_.clear();
  }
  if (needs_joining(piece)) {
    const std::string_view raw = piece.text.raw;
    held_ = {.kind = piece.kind, .choice = piece.choice, .begins_block = piece.begins_block};
    half_ = raw.substr(raw.size() - kEscape);
    piece.text = {raw.substr(0, raw.size() - kEscape)};
    if (piece.text.empty()) return;
    held_.begins_block = false;
  }
  pieces_.push_back(std::move(piece));
}

void Halves::release() {
  held_.text = {kNone};
  half_.clear();
  pieces_.push_back(held_);
}

std::span<const Piece> Halves::rest() {
  pieces_.clear();
  if (!half_.empty()) release();
  return pieces_;
}

}  // namespace sluice::chat
