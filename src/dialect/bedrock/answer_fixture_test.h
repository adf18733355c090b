// What readers of answers say of bytes.
//
// Thread rule: one thread.
#pragma once

#include "dialect/bedrock/answer.h"
#include "dialect/bedrock/bedrock.h"
#include "dialect/bedrock/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::bedrock::testing {

struct Outcome {
  Heard heard;
  std::string wire, kinds;
  chat::Learned learned;
  std::optional<Fault> fault;
  bool complete = false;
};

// In pieces of this size. `kinds` has a digit for each event.
inline Outcome replay(std::string_view stream, std::size_t size, const ReadOptions& options = {},
                      Kind kind = Kind::kConverseStream) {
  json::Reader reader;
  Outcome outcome;
  const auto answer = make_reader(kind, options, outcome.learned, reader);
  const auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer->last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      for (const chat::Piece& piece : event.pieces) outcome.heard.add(piece);
    }
    if (!result) outcome.fault = result.error();
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = note(answer->feed(chunk));
  }
  if (going) note(answer->finish());
  outcome.complete = answer->complete();
  return outcome;
}

inline Outcome read_whole(std::string_view body, Kind kind = Kind::kConverse) {
  json::Reader reader;
  Outcome outcome;
  const auto answer = make_reader(kind, {}, outcome.learned, reader);
  const std::string text = padded(body);
  const auto event = answer->read_whole(text);
  if (!event) {
    outcome.fault = event.error();
    return outcome;
  }
  EXPECT_EQ(event->wire, text);
  for (const chat::Piece& piece : event->pieces) outcome.heard.add(piece);
  return outcome;
}

}  // namespace sluice::dialect::bedrock::testing
