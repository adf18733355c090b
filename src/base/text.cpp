#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <numeric>

namespace sluice {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      std::size_t cost = diagonal + (to_lower(a[i]) == to_lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({cost, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// A bit in each byte of a word.
constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x80 * kOnes;

// Not zero where bytes are no printable ASCII.
std::uint64_t unprintable_in(std::uint64_t bytes) {
  const auto above = bytes | (bytes + kOnes);  // 0x7f and up
  const auto below = (bytes - 0x20 * kOnes) & ~bytes;
  return (above | below) & kHighs;
}

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};
constexpr std::array<Unit, 5> kDurations{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 5> kSizes{{{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}};

std::optional<std::uint64_t> parse_unit(std::string_view text, std::span<const Unit> units) {
  auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto number = to_number<std::uint64_t>(text.substr(0, digits));
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) == unit.suffix && *number <= kMost / unit.factor) return *number * unit.factor;
  }
  return std::nullopt;
}

std::string format_unit(std::uint64_t value, std::span<const Unit> units) {
  for (auto unit = units.rbegin(); unit != units.rend(); ++unit) {
    if (value >= unit->factor && value % unit->factor == 0) {
      return std::to_string(value / unit->factor) + std::string(unit->suffix);
    }
  }
  return std::to_string(value) + std::string(units.front().suffix);
}

}  // namespace

// Words at a time; the last one overlaps the one before. Bytes that differ must be letters, and differ in the bit alone
// that tells upper from lower.
bool is_same_but_case(const char* a, const char* b, std::size_t size) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  const auto is_same = [](std::uint64_t word, std::uint64_t other) {
    const auto difference = word ^ other;
    if (difference == 0) return true;
    const auto lower = (word | 0x20 * kOnes) & ~kHighs;
    const auto letters = (lower + (0x80 - 'a') * kOnes) & ~(lower + (0x7f - 'z') * kOnes) & ~word & kHighs;
    return (difference & ~(letters >> 2)) == 0;
  };
  if (size < kWord) return is_same(word_of(a, size), word_of(b, size));
  for (std::size_t at = 0;; at = std::min(at + kWord, size - kWord)) {
    if (!is_same(word_of(a + at, kWord), word_of(b + at, kWord))) return false;
    if (at == size - kWord) return true;
  }
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), to_lower);
  return result;
}

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    auto end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  constexpr std::size_t kMostSlips = 4;
  std::size_t least = std::clamp<std::size_t>(word.size() / 3, 2, kMostSlips) + 1;
  for (auto candidate : candidates) {
    auto longer = std::max(word.size(), candidate.size()), shorter = std::min(word.size(), candidate.size());
    if (longer - shorter >= least) continue;
    auto distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text) {
  auto value = parse_unit(text, kDurations);
  if (!value) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_unit(text, kSizes);
}

std::string format_duration(std::int64_t milliseconds) {
  return format_unit(static_cast<std::uint64_t>(milliseconds), kDurations);
}

std::string format_size(std::uint64_t bytes) {
  return format_unit(bytes, std::span(kSizes).subspan(1));
}

bool is_printable(std::string_view text, std::size_t limit) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (text.size() > limit) return false;
  if (text.size() < kWord / 2) return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
  std::uint64_t others = 0;  // gathered without a branch: almost no text has any
  const auto last = text.size() - std::min(text.size(), kWord);
  for (std::size_t at = 0; at < last; at += kWord) others |= unprintable_in(word_of(text.data() + at, kWord));
  others |= unprintable_in(word_of(text.data() + last, text.size() - last));
  return others == 0;
}

std::string printable(std::string_view text, std::size_t limit) {
  constexpr std::string_view kEllipsis = "…";
  if (is_printable(text, limit)) return std::string(text);
  std::string result;
  std::size_t whole = 0;  // of result, so much can stay when an ellipsis has to follow
  while (!text.empty()) {
    std::size_t length = utf8_length(text);
    bool control = static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7f ||
                   (length == 2 && text[0] == '\xc2' && text[1] < '\xa0');
    auto shown = length == 0 || control ? std::string_view("?") : text.substr(0, length);
    if (result.size() + shown.size() > limit) return result.substr(0, whole).append(kEllipsis);
    result += shown;
    if (result.size() + kEllipsis.size() <= limit) whole = result.size();
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

// Most texts are plain to their end: eight bytes are looked at together, and each of them only where they are not.
std::size_t plain_json_size(std::string_view text) {
  auto has_zero = [](std::uint64_t bytes) { return (bytes - kOnes) & ~bytes & kHighs; };
  std::size_t at = 0;
  for (std::uint64_t bytes = 0; at + sizeof(bytes) <= text.size(); at += sizeof(bytes)) {
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    if ((unprintable_in(bytes) | has_zero(bytes ^ '"' * kOnes) | has_zero(bytes ^ '\\' * kOnes)) != 0) break;
  }
  auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out.push_back('"');
  while (!text.empty()) {
    const auto plain = plain_json_size(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    char c = text[0];
    std::size_t length = 1;
    if ((c & 0x80) != 0) {
      length = utf8_length(text);
      out.append(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length));
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += "\\u00";
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[c & 15]);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out.push_back('"');
}

bool glob_match(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace sluice
