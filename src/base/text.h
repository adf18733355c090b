// Small text functions the standard library lacks. Pure; any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

// ASCII only, as HTTP field names are.
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
// Inline as far as most differ, because heads are searched with it: texts of one length, whose letters may differ in
// case, are the same behind their first character.
bool is_same_but_case(const char* a, const char* b, std::size_t size);
inline bool iequals(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  return a.empty() || (to_lower(a[0]) == to_lower(b[0]) && is_same_but_case(a.data(), b.data(), a.size()));
}
std::string lower(std::string_view text);
std::string_view trim(std::string_view text);                                // spaces and tabs at both ends
std::vector<std::string_view> split(std::string_view text, char separator);  // keeps empty pieces

// Whole text as a number; nothing when it is not one, or too big.
template <class Int>
std::optional<Int> to_number(std::string_view text) {
  Int value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// The first eight bytes, or all of fewer, as a number: of texts of one length it is equal only where those are.
inline std::uint64_t word_of(const char* text, std::size_t size) {
  if (size < 4) {
    const auto byte = [&](std::size_t at) { return std::uint64_t{static_cast<unsigned char>(text[at])}; };
    return size == 0 ? 0 : byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
  }
  std::uint32_t first, last;
  std::memcpy(&first, text, sizeof first);
  std::memcpy(&last, text + (size < 8 ? size : 8) - sizeof last, sizeof last);
  return first | std::uint64_t{last} << 32;
}

// The candidate with the smallest edit distance to `word`, if one is near enough to be a typing slip; else empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "250ms", "2s", "10m", "1h" → milliseconds. "64MiB", "10KiB", "1GiB", "512" → bytes. Nothing when it is neither.
std::optional<std::int64_t> parse_duration_ms(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_duration(std::int64_t milliseconds);
std::string format_size(std::uint64_t bytes);

// Valid UTF-8 for logs and error messages: control characters and broken sequences become '?', at most `limit` bytes
// (at least 3).
std::string printable(std::string_view text, std::size_t limit = 200);
bool is_printable(std::string_view text, std::size_t limit = 200);  // false: printable() may give another text

// The length of the valid UTF-8 sequence that `text` begins with; 0 when it begins with none. `text` is not empty.
// Source: RFC 3629, 4.
constexpr std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

// How many bytes at its beginning a JSON string has as they are here: neither quotes, backslashes and control
// characters nor what is beyond ASCII is among them.
std::size_t plain_json_size(std::string_view text);
// Appends `text` as a JSON string, quotes included. Any bytes may be given: broken UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// '*' in the pattern stands for any run of characters (also none). Linear time.
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace sluice
