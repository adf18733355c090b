#include "chat/cited.h"

#include <algorithm>

namespace sluice::chat {

namespace {

// A text of more changes between widths is counted as if it had none behind them.
constexpr std::size_t kMostRuns = 4096;

bool goes_on(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

// \uXXXX: how many bytes of UTF-8 it stands for; of a first half of a pair, 4.
std::uint64_t escaped_width(std::string_view digits) {
  if (digits.size() < 4) return 1;
  const auto lower = [&](std::size_t i) { return static_cast<char>(digits[i] | 0x20); };
  if (lower(0) == 'd' && (digits[1] == '8' || digits[1] == '9' || lower(1) == 'a' || lower(1) == 'b')) return 4;
  if (digits[0] != '0' || digits[1] >= '8') return 3;
  return digits[1] != '0' || digits[2] >= '8' ? 2 : 1;
}

// \udc00 to \udfff.
bool is_second_half(std::string_view escape) {
  if (!escape.starts_with("\\u") || escape.size() < 4 || (escape[2] | 0x20) != 'd') return false;
  const char digit = static_cast<char>(escape[3] | 0x20);
  return digit >= 'c' && digit <= 'f';
}

// A character as it is written: where the next one begins, and its bytes in UTF-8.
struct Character {
  std::size_t next = 0;
  std::uint64_t width = 1;
};

Character character_at(std::string_view raw, std::size_t at) {
  constexpr std::size_t kEscape = 6;
  const auto byte = static_cast<unsigned char>(raw[at]);
  if (byte != '\\' || at + 1 == raw.size()) {
    std::size_t next = at + 1;
    while (next < raw.size() && goes_on(raw[next])) ++next;
    return {.next = next, .width = byte < 0x80 ? 1ULL : byte < 0xe0 ? 2ULL : byte < 0xf0 ? 3ULL : 4ULL};
  }
  if (raw[at + 1] != 'u') return {.next = at + 2, .width = 1};
  const std::uint64_t width = escaped_width(raw.substr(at + 2, 4));
  const std::size_t next = std::min(at + kEscape, raw.size());
  const bool has_both = width == 4 && is_second_half(raw.substr(next, kEscape));
  return {.next = has_both ? std::min(next + kEscape, raw.size()) : next, .width = width};
}

// Calls each(its bytes in UTF-8) for every character.
template <class Each>
void each_character(std::string_view raw, Each each) {
  for (std::size_t at = 0; at < raw.size();) {
    const Character character = character_at(raw, at);
    each(character.width);
    at = character.next;
  }
}

}  // namespace

std::uint64_t characters(json::Escaped text) {
  std::uint64_t count = 0;
  each_character(text.raw, [&](std::uint64_t) { ++count; });
  return count;
}

std::uint64_t utf8_size(json::Escaped text) {
  std::uint64_t bytes = 0;
  each_character(text.raw, [&](std::uint64_t width) { bytes += width; });
  return bytes;
}

std::size_t offset_of(json::Escaped text, std::uint64_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.raw.size(); --count) at = character_at(text.raw, at).next;
  return at;
}

Citation keep(const Citation& citation, Texts& texts) {
  const auto own = [&](std::string_view text) { return texts.keep(std::string(text)); };
  Citation kept = citation;
  kept.url = {own(citation.url.raw)};
  kept.title = {own(citation.title.raw)};
  kept.quote = {own(citation.quote.raw)};
  kept.raw = own(citation.raw);
  return kept;
}

void CitedText::add_character(std::uint64_t width) {
  if ((runs_.empty() || runs_.back().width != width) && runs_.size() < kMostRuns) {
    runs_.push_back({.character = characters_, .byte = bytes_, .width = width});
  }
  ++characters_;
  bytes_ += runs_.back().width;
}

void CitedText::add(const Piece& text) {
  if (text.begins_block) block_ = characters_;
  each_character(text.text.raw, [&](std::uint64_t width) { add_character(width); });
}

std::uint64_t CitedText::byte_of(std::uint64_t character) const {
  if (character >= characters_) return bytes_;
  const auto after = std::ranges::upper_bound(runs_, character, {}, &Run::character);
  const Run& run = *std::prev(after);
  return run.byte + (character - run.character) * run.width;
}

std::uint64_t CitedText::character_of(std::uint64_t byte) const {
  if (byte >= bytes_) return characters_;
  const auto after = std::ranges::upper_bound(runs_, byte, {}, &Run::byte);
  const Run& run = *std::prev(after);
  return run.character + (byte - run.byte) / run.width;
}

Range CitedText::place(const Extent& extent) {
  Range range{.begin = extent.begin, .end = std::max(extent.begin, extent.end)};
  switch (extent.unit) {
    case Extent::Unit::kCharacters:
      return range;
    case Extent::Unit::kBlockCharacters:
      return {.begin = block_ + range.begin, .end = block_ + range.end};
    case Extent::Unit::kBytes:
      return {.begin = character_of(range.begin), .end = character_of(range.end)};
    case Extent::Unit::kBefore:
      break;
  }
  // Several sources of one text come one after the other.
  if (before_.end < characters_) before_ = {.begin = std::max(before_.end, block_), .end = characters_};
  return before_;
}

}  // namespace sluice::chat
