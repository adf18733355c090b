// Any body: what is accepted as a chat or embeddings request is written as valid JSON, the same each time; a refusal
// tells what is wrong.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "chat/seal.h"
#include "dialect/openai/chat_reader.h"
#include "dialect/openai/compose.h"
#include "dialect/openai/embed.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_json(std::string_view text) {
  json::Reader reader;
  auto cursor = reader.scan_copy(text);
  if (!cursor) return false;
  cursor->skip();
  return cursor->finish();
}

// The body as it is written again; empty when it is refused.
std::string again(std::string_view body, const Target& target) {
  json::Reader reader;
  auto request = openai::read_chat(body, reader);
  if (!request) {
    require(!request.error().told.empty());
    return {};
  }
  chat::unseal(*request, target.provider, chat::StateOf::kClientDialect);
  auto out = openai::compose(*request, target);
  if (out) require(is_json(out->body));
  return out ? out->body : std::string();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Target target{.provider = "p", .model = "m", .stream = (data[0] & 1) != 0};
  target.quirks.short_tool_ids = (data[0] & 2) != 0;
  target.quirks.reasoning_content = (data[0] & 4) != 0;
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  json::pad(body);
  if (!is_json(body)) return 0;
  require(again(body, target) == again(body, target));
  json::Reader reader;
  if (auto request = openai::read_embed(body, reader)) {
    const auto out = openai::write_embed(*request, target);
    require(!out || is_json(out->body));
  }
  if (auto embeddings = openai::read_embeddings(body, reader)) {
    require(is_json(openai::write_embeddings(*embeddings, {}, {})));
  }
  return 0;
}
