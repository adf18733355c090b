#include "dialect/plain_words.h"

#include <algorithm>

#include "base/text.h"
#include "dialect/tell.h"
#include "http/message.h"
#include "json/text.h"

namespace sluice::dialect {

namespace {

constexpr std::size_t kLongest = 2000;  // a text that is longer is a page or a trace
constexpr std::size_t kTold = 500;
constexpr std::string_view kWhite = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

bool is_readable(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    const bool is_control =
        (static_cast<unsigned char>(text[0]) < 0x20 && !kWhite.contains(text[0])) || text[0] == 0x7f;
    if (length == 0 || is_control) return false;
    text.remove_prefix(length);
  }
  return true;
}

// A tag, a comment, a declaration.
bool holds_markup(std::string_view text) {
  for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : ' ';
    if (is_letter(next) || next == '/' || next == '!' || next == '?') return true;
  }
  return false;
}

bool is_json(std::string_view text) {
  return text[0] == '{' || text[0] == '[' || text == "null" || text == "true" || text == "false";
}

}  // namespace

std::string plain_words(std::string_view content_type, std::string_view body) {
  const std::string_view text = trimmed(body);
  if (text.empty() || text.size() > kLongest || text[0] == '<' || is_json(text) || !is_readable(text)) return {};
  if (std::ranges::none_of(text, [](char c) { return is_letter(c) || (c & 0x80) != 0; })) return {};
  const std::string type = http::media_type(content_type);
  if (type == "text/event-stream" || (type != "text/plain" && holds_markup(text))) return {};
  if (text[0] != '"' || type == "text/plain") return tellable(text, kTold);
  if (text.size() < 2 || text.back() != '"') return {};
  return tellable(json::unescape(text.substr(1, text.size() - 2)).value_or(""), kTold);
}

}  // namespace sluice::dialect
