// Any stream gives the same events and pieces however it is cut; any request to rerank is refused or written as JSON.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/cohere/answer.h"
#include "dialect/cohere/rerank.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;
using namespace sluice::dialect::cohere;

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

Outcome replay(std::string_view stream, std::size_t size) {
  json::Reader reader;
  chat::Learned learned;
  Answer answer({.max_event_bytes = 4096}, learned, reader);
  Outcome outcome;
  const auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      for (const chat::Piece& piece : event.pieces) {
        outcome.said += static_cast<char>('a' + static_cast<int>(piece.kind));
        outcome.said += piece.text.raw;
        outcome.said += piece.raw;
      }
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
  outcome.usage = learned.usage;
  require(outcome.fault != -1 || answer.complete());
  require(outcome.usage.cache_read <= outcome.usage.input);
  return outcome;
}

void check_rerank(std::string text) {
  json::Reader reader;
  json::pad(text);
  if (const auto request = read_rerank(text, reader)) {
    const auto written = write_rerank(*request, {.provider = "p", .model = "m"});
    require(written && is_json(written->body));
  }
  if (const auto ranking = read_ranking(text, reader)) require(is_json(write_ranking(*ranking, {})));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = replay(text, text.size() + 1);
  require(replay(text, 1) == whole);
  require(replay(text, 2 + data[0] % 64) == whole);
  check_rerank(std::string(text));
  json::Reader reader;
  chat::Learned learned;
  std::string body(text);
  json::pad(body);
  (void)Answer({}, learned, reader).read_whole(body);
  return 0;
}
