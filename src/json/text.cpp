#include "json/text.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace sluice::json {

namespace {

// The value of four hexadecimal digits at the start of `text`.
std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (char c : text.substr(0, 4)) {
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
    } else {
      return std::nullopt;
    }
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xc0 | (code >> 6));
    push(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    push(0xe0 | (code >> 12));
    push(0x80 | ((code >> 6) & 0x3f));
    push(0x80 | (code & 0x3f));
  } else {
    push(0xf0 | (code >> 18));
    push(0x80 | ((code >> 12) & 0x3f));
    push(0x80 | ((code >> 6) & 0x3f));
    push(0x80 | (code & 0x3f));
  }
}

// Appends what the \u escape at the start of `rest` (behind the 'u') stands for; returns the characters it took, 0 when
// it is none.
std::size_t append_unicode(std::string& out, std::string_view rest) {
  auto first = hex4(rest);
  if (!first) return 0;
  if (*first < 0xd800 || *first > 0xdfff) {
    append_utf8(out, *first);
    return 4;
  }
  if (*first > 0xdbff || !rest.substr(4).starts_with("\\u")) return 0;
  auto second = hex4(rest.substr(6));
  if (!second || *second < 0xdc00 || *second > 0xdfff) return 0;
  append_utf8(out, 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00));
  return 10;
}

// What the one-letter escapes stand for; 0 for other letters.
char plain_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

}  // namespace

namespace {

// Takes one escape, its backslash already gone; false when it is none.
bool take_escape(std::string& out, std::string_view& raw) {
  if (raw.empty()) return false;
  const char letter = raw.front();
  if (letter == 'u') {
    const std::size_t taken = append_unicode(out, raw.substr(1));
    raw.remove_prefix(taken == 0 ? 0 : taken + 1);
    return taken > 0;
  }
  const char plain = plain_escape(letter);
  if (plain == 0) return false;
  out.push_back(plain);
  raw.remove_prefix(1);
  return true;
}

// The bytes that the four digits behind \u stand for; a half of a surrogate pair is half of its four.
std::size_t size_of_unicode(std::string_view digits) {
  if (digits.starts_with("00")) return digits.substr(2, 1) < "8" ? 1 : 2;
  if (digits.starts_with('0')) return digits.substr(1, 1) < "8" ? 2 : 3;
  const bool is_half = (digits.starts_with('d') || digits.starts_with('D')) && digits.substr(1, 1) >= "8";
  return is_half ? 2 : 3;
}

}  // namespace

std::optional<std::string> unescape(std::string_view raw) {
  if (!raw.contains('\\')) return std::string(raw);
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const auto slash = raw.find('\\');
    out += raw.substr(0, slash);
    if (slash == std::string_view::npos) break;
    raw.remove_prefix(slash + 1);
    if (!take_escape(out, raw)) return std::nullopt;
  }
  return out;
}

std::string unescape_leniently(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const auto slash = raw.find('\\');
    out += raw.substr(0, slash);
    if (slash == std::string_view::npos) break;
    raw.remove_prefix(slash + 1);
    if (take_escape(out, raw)) continue;
    if (raw.starts_with('u') && hex4(raw.substr(1))) {
      append_utf8(out, 0xfffd);
      raw.remove_prefix(5);
    } else {
      out.push_back('\\');
    }
  }
  return out;
}

std::size_t plain_size(std::string_view raw) {
  std::size_t size = raw.size();
  for (auto slash = raw.find('\\'); slash != std::string_view::npos; slash = raw.find('\\')) {
    raw.remove_prefix(slash + 1);
    const bool is_unicode = raw.size() >= 5 && raw.front() == 'u';
    size -= is_unicode ? 6 - size_of_unicode(raw.substr(1, 4)) : 1;
    raw.remove_prefix(is_unicode ? 5 : std::min<std::size_t>(raw.size(), 1));
  }
  return size;
}

bool well_escaped(std::string_view raw) {
  for (auto slash = raw.find('\\'); slash != std::string_view::npos; slash = raw.find('\\')) {
    raw.remove_prefix(slash + 1);
    if (raw.empty()) return false;
    if (raw.front() == 'u' ? !hex4(raw.substr(1)) : plain_escape(raw.front()) == 0) return false;
    raw.remove_prefix(1);
  }
  return true;
}

}  // namespace sluice::json
