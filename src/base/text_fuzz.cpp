// Text functions under any bytes: what they promise about their results holds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"

namespace {

void expect(bool holds) {
  if (!holds) std::abort();
}

// What the linear match promises, in the obvious exponential way; for short texts only.
bool slow_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '*') return !text.empty() && pattern[0] == text[0] && slow_match(pattern.substr(1), text.substr(1));
  return slow_match(pattern.substr(1), text) || (!text.empty() && slow_match(pattern, text.substr(1)));
}

void check_escapes(std::string_view text) {
  std::string json;
  sluice::append_json_string(json, text);
  expect(json.size() >= 2 && json.front() == '"' && json.back() == '"');
  for (std::size_t i = 1; i + 1 < json.size(); ++i) {
    expect(static_cast<unsigned char>(json[i]) >= 0x20 && json[i] != '"');
    if (json[i] == '\\') ++i;
  }
  std::string again;
  auto shown = sluice::printable(text);
  sluice::append_json_string(again, shown);
  expect(again.find("\xef\xbf\xbd") == std::string::npos || text.find("\xef\xbf\xbd") != std::string_view::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_escapes(text);
  auto middle = text.size() / 2;
  auto pattern = text.substr(0, middle), rest = text.substr(middle);
  bool matched = sluice::glob_match(pattern, rest);
  if (text.size() <= 16) expect(matched == slow_match(pattern, rest));
  if (auto duration = sluice::parse_duration_ms(text)) {
    expect(*duration >= 0 && sluice::parse_duration_ms(sluice::format_duration(*duration)) == duration);
  }
  auto pieces = sluice::split(text, ',');
  std::size_t total = pieces.size() - 1;
  for (auto piece : pieces) total += piece.size();
  expect(total == text.size());
  return 0;
}
