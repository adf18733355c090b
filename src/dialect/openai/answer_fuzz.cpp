// Any stream: the same events, pieces, usage and fault however it is cut; usage within its totals; what the pieces say
// can be written, as valid JSON; any error body is told.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>

#include "dialect/openai/answer.h"
#include "dialect/openai/error.h"
#include "dialect/openai/writer.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect;
using openai::Answer;
using openai::Kind;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string wire, kinds, said, model, reason, told;
  chat::Usage usage;
  int fault = -1;
  bool complete = false;
  bool operator==(const Outcome&) const = default;
};

// What pieces say, texts that go on put together.
void note_pieces(std::span<const chat::Piece> pieces, std::string& said) {
  for (const chat::Piece& piece : pieces) {
    said += static_cast<char>('a' + static_cast<int>(piece.kind));
    for (std::string_view part : {piece.text.raw, piece.id.raw, piece.name.raw, piece.state.data.raw, piece.raw}) {
      said += part;
      said += '\n';
    }
  }
}

Outcome replay(Kind kind, ReadOptions::Usage view, std::string_view stream, std::size_t size) {
  static json::Reader reader;
  chat::Learned learned;
  Answer answer(kind, {.usage = view, .max_event_bytes = 4096}, learned, reader);
  Outcome outcome;
  auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      note_pieces(event.pieces, outcome.said);
    }
    if (result) return true;
    outcome.fault = static_cast<int>(result.error().kind);
    outcome.told = result.error().told;
    return false;
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = note(answer.feed(chunk));
  }
  if (going) note(answer.finish());
  outcome.model = learned.model;
  outcome.reason = learned.finish_reason;
  outcome.usage = learned.usage;
  outcome.complete = answer.complete();
  return outcome;
}

void check_usage(const chat::Usage& usage) {
  require(usage.cache_read + usage.cache_write <= usage.input && usage.audio_input <= usage.input);
  require(usage.reasoning <= usage.output && usage.audio_output <= usage.output);
}

void check_error_body(std::string_view body) {
  static json::Reader reader;
  const Fault fault = openai::read_error(400 + static_cast<int>(body.size() % 130),
                                         {{"retry-after", std::string(body)}}, body, WallTime());
  require(!fault.told.empty());
  const std::string written = openai::write_error(fault);
  auto cursor = reader.scan_copy(written);
  require(cursor.has_value());
  cursor->skip();
  require(cursor->finish());
}

// Reads a whole answer and writes it again, both ways.
void check_whole(std::string_view body) {
  static json::Reader reader;
  chat::Learned learned;
  Answer answer(Kind::kChat, {}, learned, reader);
  const auto event = answer.read_whole(body);
  if (!event) return;
  check_usage(learned.usage);
  for (bool streams : {false, true}) {
    auto writer = openai::make_writer({.asked_model = "m", .origin = "o", .exchange_id = "x", .stream = streams});
    std::string out;
    writer->write(event->pieces, learned, out);
    writer->finish(learned, out);
    if (streams) continue;
    json::Reader again;
    auto cursor = again.scan_copy(out);
    require(cursor.has_value());
    cursor->skip();
    require(cursor->finish());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto kind = static_cast<Kind>(openai::endpoints()[(data[0] >> 1) % openai::endpoints().size()].code);
  const auto view = (data[0] & 1) != 0 ? ReadOptions::Usage::kHide : ReadOptions::Usage::kShow;
  std::string stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = replay(kind, view, stream, stream.size() + 1);
  require(replay(kind, view, stream, 1) == whole);
  require(replay(kind, view, stream, 2 + data[1] % 64) == whole);
  require(whole.fault != -1 || whole.complete);
  check_usage(whole.usage);
  check_error_body(stream);
  json::pad(stream);
  check_whole(stream);
  return 0;
}
