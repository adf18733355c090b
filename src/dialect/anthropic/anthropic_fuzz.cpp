// Any request: read, and written again for every host, it is JSON. Any stream: the same events and fault however it is
// cut, and its pieces, written again, are a stream that can be read.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "chat/seal.h"
#include "dialect/anthropic/anthropic.h"
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

void check_request(std::string body) {
  json::pad(body);
  for (const Client* client : {&anthropic::client(), &anthropic::vertex_client(), &anthropic::bedrock_client()}) {
    json::Reader reader;
    auto request = anthropic::server().read_chat(anthropic::server().endpoints()[0], body, reader);
    if (!request) continue;
    chat::unseal(*request, "p", chat::StateOf::kClientDialect);
    const auto outgoing = client->write_chat(*request, {.provider = "p", .model = "m"});
    if (outgoing) require(is_json(outgoing->body));
  }
}

struct Outcome {
  std::string wire, kinds;
  int fault = -1;
  bool operator==(const Outcome&) const = default;
};

Outcome replay(const Client& client, std::string_view stream, std::size_t size, std::string* again) {
  json::Reader reader;
  chat::Learned learned;
  auto answer = client.read_answer(Operation::kChat, nullptr, {.max_event_bytes = 4096}, learned, reader);
  auto writer = anthropic::server().write_answer({.origin = "p", .exchange_id = "x", .stream = true});
  Outcome outcome;
  auto take = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer->last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      if (again) writer->write(event.pieces, learned, *again);
    }
    if (!result) outcome.fault = static_cast<int>(result.error().kind);
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = take(answer->feed(chunk));
  }
  if (going) take(answer->finish());
  require(learned.usage.cache_read + learned.usage.cache_write <= learned.usage.input);
  if (again) writer->finish(learned, *again);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_request(std::string(text));
  for (const Client* client : {&anthropic::client(), &anthropic::bedrock_client()}) {
    std::string again;
    const Outcome whole = replay(*client, text, size + 1, &again);
    require(replay(*client, text, 1, nullptr) == whole);
    const Outcome read = replay(anthropic::client(), again, 64, nullptr);
    require(read.fault != static_cast<int>(FaultKind::kProviderProtocol));
  }
  return 0;
}
