// Any body: what is accepted can be written again with every change, and reads as what was asked for.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/asked.h"
#include "dialect/openai/endpoint.h"
#include "json/reader.h"

namespace {

using namespace sluice::dialect;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string joined(const OutgoingBody& body) {
  std::string out;
  for (std::string_view piece : body.pieces) out += piece;
  require(out.size() == body.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static sluice::json::Reader reader;
  if (size == 0) return 0;
  const unsigned flags = data[0];
  const Endpoint& endpoint = openai::endpoints()[(flags >> 4) % openai::endpoints().size()];
  const std::string_view type = (flags & 8) != 0 ? "multipart/form-data; boundary=b1" : "application/json";
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  sluice::json::pad(body);
  auto asked = read_asked(endpoint, {}, type, body, reader);
  if (!asked) {
    require(asked.error().kind == sluice::FaultKind::kInvalidRequest && !asked.error().told.empty());
    return 0;
  }
  const Changes changes{
      .model = "up\"stream",
      .add_usage = (flags & 1) != 0 && endpoint.usage_option,  // others have no such field
      .drop_stream_options = (flags & 2) != 0,
      .token_limit = (flags & 4) != 0 ? Changes::TokenLimit::kMaxTokens : Changes::TokenLimit::kMaxCompletionTokens};
  std::string again = joined(write_asked(*asked, body, changes));
  sluice::json::pad(again);
  auto reread = read_asked(endpoint, {}, type, again, reader);
  require(reread.has_value());
  require(reread->model == changes.model);
  require(reread->stream == asked->stream);
  if (asked->boundary.empty()) {
    if (changes.drop_stream_options) require(!reread->stream_options);
    if (changes.add_usage && !changes.drop_stream_options) require(reread->usage_wanted);
  }
  // Nothing but the model changed: putting the old one back gives the old bytes.
  if (asked->model_value && asked->boundary.empty()) {
    std::string other = joined(write_asked(*asked, body, {.model = "x"}));
    const auto [begin, end] = *asked->model_value;
    require(other == body.substr(0, begin) + "\"x\"" + body.substr(end));
  }
  return 0;
}
