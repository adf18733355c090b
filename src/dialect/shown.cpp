#include "dialect/shown.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "json/escaped.h"
#include "json/text.h"

namespace sluice::dialect {

namespace {

constexpr std::array<std::string_view, 12> kTexts{"text",         "thinking",   "summary",    "content",
                                                  "refusal",      "name",       "input",      "transcript",
                                                  "partial_json", "generation", "outputText", "completion"};

bool is_text(std::string_view key) {
  return key == "arguments" || std::ranges::find(kTexts, key) != kTexts.end();
}

}  // namespace

std::uint64_t shown_in(json::Cursor& cursor) {
  std::uint64_t bytes = 0;
  if (cursor.kind() == json::Kind::kArray) {
    json::each_element(cursor, [&](std::size_t) { bytes += shown_in(cursor); });
    return bytes;
  }
  json::each_member(cursor, [&](std::string_view key) {
    const json::Kind kind = cursor.kind();
    const bool is_call = key == "arguments" || key == "input";
    if (kind == json::Kind::kString) {
      const bool counts = is_text(key);
      const std::string_view text = cursor.take_text();
      if (counts) bytes += json::plain_size(text);
    } else if (kind == json::Kind::kObject && is_call) {
      const std::size_t size = cursor.skip().size();
      bytes += size > 2 ? size : 0;
    } else if (kind == json::Kind::kObject || kind == json::Kind::kArray) {
      bytes += shown_in(cursor);
    }
  });
  return bytes;
}

}  // namespace sluice::dialect
