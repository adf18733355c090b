// Any stream: the same events, usage and fault however it is cut; usage within its totals; any error body is told.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>

#include "dialect/openai/answer.h"
#include "dialect/openai/error.h"
#include "json/reader.h"

namespace {

using namespace sluice;
using namespace sluice::dialect::openai;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  std::string wire, kinds, model, reason, told;
  chat::Usage usage;
  int fault = -1;
  bool complete = false;
  bool operator==(const Outcome&) const = default;
};

Outcome replay(Endpoint endpoint, UsageView view, std::string_view stream, std::size_t size) {
  static json::Reader reader;
  StreamReader answer(endpoint, view, 4096, reader);
  Outcome outcome;
  auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer.last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
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
  outcome.model = answer.learned().model;
  outcome.reason = answer.learned().finish_reason;
  outcome.usage = answer.learned().usage;
  outcome.complete = answer.complete();
  return outcome;
}

void check_usage(const chat::Usage& usage) {
  require(usage.cache_read + usage.cache_write <= usage.input && usage.audio_input <= usage.input);
  require(usage.reasoning <= usage.output && usage.audio_output <= usage.output);
}

void check_error_body(std::string_view body) {
  static json::Reader reader;
  const Fault fault =
      read_error(400 + static_cast<int>(body.size() % 130), {{"retry-after", std::string(body)}}, body, WallTime());
  require(!fault.told.empty());
  auto cursor = reader.scan_copy(write_error(fault));
  require(cursor.has_value());
  cursor->skip();
  require(cursor->finish());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Endpoint endpoint = endpoints()[(data[0] >> 1) % endpoints().size()].endpoint;
  const UsageView view = (data[0] & 1) != 0 ? UsageView::kHide : UsageView::kShow;
  std::string stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Outcome whole = replay(endpoint, view, stream, stream.size() + 1);
  require(replay(endpoint, view, stream, 1) == whole);
  require(replay(endpoint, view, stream, 2 + data[1] % 64) == whole);
  require(whole.fault != -1 || whole.complete);
  check_usage(whole.usage);
  check_error_body(stream);
  static json::Reader reader;
  json::pad(stream);
  if (auto learned = read_answer(endpoint, stream, reader)) check_usage(learned->usage);
  return 0;
}
