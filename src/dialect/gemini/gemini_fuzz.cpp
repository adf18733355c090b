// Any request and any answer: no crash, what is written is JSON, and a stream says the same however it is cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/gemini/answer.h"
#include "dialect/gemini/gemini.h"
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

void check_request(std::string_view data) {
  std::string body(data);
  json::pad(body);
  json::Reader reader;
  const Endpoint& endpoint = gemini::server().endpoints().front();
  auto request = gemini::server().read_chat(endpoint, body, reader);
  if (!request) return;
  const Target target{
      .provider = "p", .model = data.size() % 2 == 0 ? "gemini-3-flash" : "gemini-2.5-pro", .quirks = {}};
  const auto sent = gemini::client().write_chat(*request, target);
  if (sent) require(is_json(sent->body));
}

struct Outcome {
  std::string wire, said;
  int fault = -1;
  bool complete = false;
  bool operator==(const Outcome&) const = default;
};

Outcome replay(std::string_view stream, std::size_t size) {
  json::Reader reader;
  chat::Learned learned;
  ReadOptions options;
  options.max_event_bytes = 4096;
  gemini::Answer answer(options, learned, reader);
  WriteOptions writing;
  writing.stream = true;
  writing.endpoint = &gemini::server().endpoints()[1];
  const auto writer = gemini::server().write_answer(writing);
  Outcome outcome;
  std::string written;  // names the model and the answer as they are known by then: not the same for all cuttings
  auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) {
      outcome.wire += event.wire;
      for (const chat::Piece& piece : event.pieces) {
        outcome.said += static_cast<char>('a' + static_cast<int>(piece.kind));
        outcome.said += piece.text.raw;
      }
      writer->write(event.pieces, learned, written);
    }
    if (!result) outcome.fault = static_cast<int>(result.error().kind);
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = note(answer.feed(chunk));
  }
  if (going) note(answer.finish());
  outcome.complete = answer.complete();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_request(text);
  const Outcome whole = replay(text, text.size() + 1);
  require(replay(text, 1) == whole);
  require(replay(text, 2 + data[0] % 64) == whole);
  require(whole.fault != -1 || whole.complete);
  const Fault fault = gemini::client().read_error(400 + data[0] % 130, {}, text, {});
  require(is_json(gemini::server().write_error(fault, 400).body));
  return 0;
}
