// The cursor and simdjson's own parser must agree on what is JSON, but for what the cursor says it does not look at.
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
