// The cases of tests/fixtures/anthropic and anthropic-hosted for the tests of this folder. Thread rule: one thread.
// Lifetime: a Case owns its texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dialect/anthropic/anthropic.h"
#include "dialect/anthropic/endpoint.h"
#include "dialect/fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic::testing {

namespace dom = fixtures::dom;
using fixtures::at;
using fixtures::Case;
using fixtures::padded;
using fixtures::read_file;
using fixtures::sorted;

inline Host host_of(const Case& test) {
  if (test.path.starts_with("/model/")) return Host::kBedrock;
  return test.path.contains("rawPredict") ? Host::kVertex : Host::kAnthropic;
}
inline Kind kind_of(const Case& test) {
  return test.path.ends_with("count_tokens") ? Kind::kCountTokens : Kind::kMessages;
}

inline const fixtures::Cases& cases() {
  static const fixtures::Cases kCases = fixtures::load_cases({"anthropic", "anthropic-hosted"});
  return kCases;
}
inline const Case& find_case(std::string_view id) {
  return fixtures::find_in(cases(), id);
}

inline const Client& client_of(Host host) {
  return host == Host::kBedrock ? bedrock_client() : host == Host::kVertex ? vertex_client() : client();
}

// What the pieces of an answer say, owned.
struct Heard {
  struct Call {
    std::string id, name, arguments, state;
    bool operator==(const Call&) const = default;
  };
  std::string text, reasoning, refusal, stop_sequence;
  std::vector<Call> calls;
  std::vector<std::string> signatures, redacted, items, citations;
  int plain_states = 0;
  chat::FinishReason finish = chat::FinishReason::kNone;
  int finishes = 0;
  bool operator==(const Heard&) const = default;

  void add(const chat::Piece& piece) {
    switch (piece.kind) {
      case chat::PieceKind::kText:
        text += json::plain(piece.text);
        return;
      case chat::PieceKind::kRefusal:
        refusal += json::plain(piece.text);
        return;
      case chat::PieceKind::kReasoning:
        reasoning += json::plain(piece.text);
        return;
      case chat::PieceKind::kState:
        if (piece.state.kind == chat::State::Kind::kPlain) {
          ++plain_states;
        } else {
          (piece.state.kind == chat::State::Kind::kRedacted ? redacted : signatures)
              .push_back(json::plain(piece.state.data));
        }
        return;
      case chat::PieceKind::kCall:
        calls.push_back({json::plain(piece.id), json::plain(piece.name), "", json::plain(piece.state.data)});
        return;
      case chat::PieceKind::kArguments:
        ASSERT_FALSE(calls.empty());
        calls.back().arguments += json::plain(piece.text);
        return;
      case chat::PieceKind::kCitation:
        citations.push_back(json::plain(piece.citation.url) + "|" + json::plain(piece.citation.title) + "|" +
                            json::plain(piece.citation.quote));
        return;
      case chat::PieceKind::kServerItem:
        items.emplace_back(piece.raw);
        return;
      case chat::PieceKind::kFinish:
        ++finishes;
        finish = piece.finish;
        stop_sequence = json::plain(piece.text);
        return;
      default:
        return;
    }
  }
};

struct Outcome {
  Heard heard;
  std::string wire, kinds, told;
  chat::Learned learned;
  std::optional<FaultKind> fault;
  Meaning meaning = Meaning::kUnknown;
  bool complete = false;

  bool same_as(const Outcome& other) const {
    return heard == other.heard && wire == other.wire && kinds == other.kinds && fault == other.fault &&
           complete == other.complete && learned.usage == other.learned.usage && learned.id == other.learned.id;
  }
};

inline void note(const chat::Event& event, Outcome& outcome) {
  outcome.wire += event.wire;
  outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
  for (const chat::Piece& piece : event.pieces) outcome.heard.add(piece);
}
inline void note(const Fault& fault, Outcome& outcome) {
  outcome.fault = fault.kind;
  outcome.meaning = fault.meaning;
  outcome.told = fault.told;
}

inline Outcome replay(std::string_view stream, std::size_t size = 1 << 20, Host host = Host::kAnthropic,
                      const ReadOptions& options = {}) {
  Outcome outcome;
  json::Reader reader;
  auto answer = client_of(host).read_answer(Operation::kChat, nullptr, options, outcome.learned, reader);
  auto take = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer->last_events()) note(event, outcome);
    if (!result) note(result.error(), outcome);
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += size) {
    const std::string chunk(stream.substr(at, size));
    going = take(answer->feed(chunk));
  }
  if (going) take(answer->finish());
  outcome.complete = answer->complete();
  return outcome;
}

inline Outcome read_whole(std::string_view text, const ReadOptions& options = {}) {
  Outcome outcome;
  json::Reader reader;
  const std::string body = padded(text);
  auto answer = client().read_answer(Operation::kChat, nullptr, options, outcome.learned, reader);
  const auto event = answer->read_whole(body);
  if (event) {
    note(*event, outcome);
  } else {
    note(event.error(), outcome);
  }
  outcome.complete = answer->complete();
  return outcome;
}

}  // namespace sluice::dialect::anthropic::testing
