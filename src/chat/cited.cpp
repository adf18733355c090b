#include "chat/cited.h"

#include <algorithm>

namespace sluice::chat {

namespace {

// A text of more changes between widths is counted as if it had none behind them.
constexpr std::size_t kMostRuns = 4096;

// How many bytes of UTF-8 \uXXXX stands for; 0: the second half of a pair, which was counted with the first.
std::uint64_t escaped_width(std::string_view digits) {
  if (digits.size() < 4) return 1;
  const auto lower = [&](std::size_t i) { return static_cast<char>(digits[i] | 0x20); };
  if (lower(0) == 'd' && lower(1) >= 'c' && lower(1) <= 'f') return 0;
  if (lower(0) == 'd' && lower(1) >= '8' && lower(1) <= 'b') return 4;
  if (digits[0] != '0' || digits[1] >= '8') return 3;
  return digits[1] != '0' || digits[2] >= '8' ? 2 : 1;
}

// Calls each(where it begins, its bytes in UTF-8) for every character.
template <class Each>
void each_character(std::string_view raw, Each each) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    if ((byte & 0xc0) == 0x80) continue;  // goes on with a character
    if (byte != '\\' || i + 1 == raw.size()) {
      each(i, byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);
      continue;
    }
    const bool is_unicode = raw[i + 1] == 'u';
    const std::uint64_t width = is_unicode ? escaped_width(raw.substr(i + 2, 4)) : 1;
    if (width > 0) each(i, width);
    i += is_unicode ? 5 : 1;
  }
}

}  // namespace

std::uint64_t characters(json::Escaped text) {
  std::uint64_t count = 0;
  each_character(text.raw, [&](std::size_t, std::uint64_t) { ++count; });
  return count;
}

std::size_t offset_of(json::Escaped text, std::uint64_t count) {
  std::uint64_t seen = 0;
  std::size_t found = text.raw.size();
  each_character(text.raw, [&](std::size_t at, std::uint64_t) {
    if (seen++ == count) found = at;
  });
  return found;
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
  each_character(text.text.raw, [&](std::size_t, std::uint64_t width) { add_character(width); });
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
