// Any request is refused or written again as JSON; any stream gives the same events and pieces however it is cut, and
// what it says can be written.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/bedrock/answer.h"
#include "dialect/bedrock/request.h"
#include "dialect/bedrock/write.h"
#include "dialect/bedrock/writer.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;
using namespace sluice::dialect::bedrock;

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

struct Outcome {
  std::string wire, kinds, said;
  chat::Usage usage;
  int fault = -1;
  bool operator==(const Outcome&) const = default;
};

Outcome replay(Kind kind, std::string_view stream, std::size_t size) {
  json::Reader reader;
  chat::Learned learned;
  const auto answer = make_reader(kind, {.max_event_bytes = 4096}, learned, reader);
  const auto writer = make_writer({.stream = true});
  Outcome outcome;
  std::string written;
  const auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer->last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      for (const chat::Piece& piece : event.pieces) {
        outcome.said += static_cast<char>('a' + static_cast<int>(piece.kind));
        outcome.said += piece.text.raw;
        outcome.said += piece.state.data.raw;
        outcome.said += piece.raw;
      }
      writer->write(event.pieces, learned, written);
    }
    if (!result) outcome.fault = static_cast<int>(result.error().kind);
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = note(answer->feed(chunk));
  }
  if (going) note(answer->finish());
  writer->finish(learned, written);
  outcome.usage = learned.usage;
  require(outcome.fault != -1 || answer->complete());
  require(outcome.usage.cache_read + outcome.usage.cache_write <= outcome.usage.input);
  return outcome;
}

void check_request(Kind kind, std::string text) {
  json::Reader reader;
  json::pad(text);
  auto request = read_chat(kind, text, reader);
  if (!request) return;
  auto written = write_chat(*request, {.provider = "p", .model = "anthropic.claude-opus-4-8"});
  require(!written || is_json(written->body));
}

void check_whole(Kind kind, std::string text) {
  json::Reader reader;
  chat::Learned learned;
  json::pad(text);
  const auto answer = make_reader(kind, {}, learned, reader);
  const auto event = answer->read_whole(text);
  if (!event) return;
  const auto writer = make_writer({});
  std::string written;
  writer->write(event->pieces, learned, written);
  writer->finish(learned, written);
  require(is_json(written));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto kind = static_cast<Kind>(data[0] % endpoints().size());
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = replay(kind, text, text.size() + 1);
  require(replay(kind, text, 1) == whole);
  require(replay(kind, text, 2 + data[1] % 64) == whole);
  check_request(kind, std::string(text));
  check_whole(kind, std::string(text));
  return 0;
}
