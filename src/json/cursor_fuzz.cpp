// The cursor and simdjson's own parser must agree on what is JSON, but for what the cursor says it does not look at;
// and a walk through all values with one that skips them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "json/reader.h"
#include "json/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// Steps into everything, to a depth that the stack bears.
void walk(std::string_view text, sluice::json::Cursor& cursor, int depth) {
  if (depth > 500) {
    cursor.skip();
  } else if (cursor.enter_object()) {
    while (const auto key = cursor.next_key()) {
      const auto quoted = text.substr(cursor.key_begin(), cursor.key_end() - cursor.key_begin());
      require(quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"');
      require(sluice::json::unescape(quoted.substr(1, quoted.size() - 2)) == *key);
      walk(text, cursor, depth + 1);
    }
  } else if (cursor.enter_array()) {
    while (cursor.next_element()) walk(text, cursor, depth + 1);
  } else if (!cursor.take_count()) {
    cursor.skip();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::json;
  static Reader reader;
  static simdjson::dom::parser judge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto cursor = reader.scan_copy(text);
  bool accepted = false;
  if (cursor) {
    const std::string_view value = cursor->skip();
    accepted = cursor->finish();
    require(!accepted || !value.empty());
  }
  if (auto walked = reader.scan_copy(text)) {
    walk(text, *walked, 0);
    if (walked->finish()) {
      require(accepted || cursor->broken()->why == "the nesting is too deep");
    } else {
      require(!accepted || walked->broken()->why == "the key has a broken escape");
    }
  }
  const auto error = judge.parse(data, size).error();
  if (!error) require(accepted || (cursor && cursor->broken()->why == "the nesting is too deep"));
  if (error && accepted) {
    require(error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR);
  }
  std::string out;
  sluice::append_json_string(out, text);
  require(!judge.parse(out).error());
  auto again = unescape(std::string_view(out).substr(1, out.size() - 2));
  require(again.has_value());
  return 0;
}
