// Any chat request, with any quirks: what goes out is JSON, is spelled already when it is respelled again, and is the
// client's bytes where no edit is.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/openai/endpoint.h"
#include "dialect/openai/respell.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Written {
  std::string body;
  std::vector<Edit> edits;
  bool refused = false;
};

Written respelled(const std::string& body, const Asked& asked, const Changes& changes, const Quirks& quirks) {
  json::Reader reader;
  Respelled out = openai::respell(body, asked, changes, quirks, reader);
  Written written;
  for (std::string_view piece : write_asked(asked, body, out.changes).pieces) written.body += piece;
  for (const auto& lost : out.lost) {
    require(!lost.path.empty());
    written.refused = written.refused || lost.unplaced == chat::Unplaced::kRefused;
  }
  written.edits = std::move(out.changes.edits);
  json::pad(written.body);
  return written;
}

// The edits made by hand, without those of write_asked().
std::string edited(std::string body, const std::vector<Edit>& edits) {
  std::size_t end = body.size();
  for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
    require(edit->range.begin <= edit->range.end && edit->range.end <= end);
    body.replace(edit->range.begin, edit->range.end - edit->range.begin, edit->text);
    end = edit->range.begin;
  }
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Quirks quirks{.max_completion_tokens = (data[0] & 1) != 0,
                      .developer_role = (data[0] & 2) != 0,
                      .reasoning_content = (data[0] & 4) != 0,
                      .short_tool_ids = (data[0] & 8) != 0,
                      .unknown_fields = (data[0] & 16) != 0,
                      .random_seed = (data[0] & 32) != 0};
  Changes changes{.model = "m", .add_usage = (data[1] & 1) != 0, .drop_stream_options = (data[1] & 2) != 0};
  if (!quirks.max_completion_tokens) changes.token_limit = Changes::TokenLimit::kMaxTokens;
  std::string body(reinterpret_cast<const char*>(data) + 2, size - 2);
  json::pad(body);
  json::Reader reader;
  const Endpoint& endpoint = openai::facts(openai::Kind::kChat);
  const PathMatch path{.model = (data[1] & 4) != 0 ? "x" : ""};
  auto asked = read_asked(endpoint, path, "application/json", body, reader);
  if (!asked) return 0;

  const Written out = respelled(body, *asked, changes, quirks);
  auto again = read_asked(endpoint, path, "application/json", out.body, reader);
  require(again.has_value());
  require(again->stream == asked->stream);
  if (changes.drop_stream_options) require(!again->stream_options);
  if (!out.refused && path.model.empty()) require(respelled(out.body, *again, changes, quirks).body == out.body);

  // With nothing else to change, the edits are all.
  if (!asked->model_value || !path.model.empty()) return 0;
  const auto [begin, end] = *asked->model_value;
  if (body.substr(begin, end - begin) != R"("m")") return 0;
  const Written alone = respelled(body, *asked, {.model = "m"}, quirks);
  require(alone.body == edited(body, alone.edits));
  return 0;
}
