// Answers replayed through the reader, for the tests of reader and writer. Thread rule: one thread.
#pragma once

#include <string>
#include <vector>

#include "chat/learned.h"
#include "dialect/responses/responses.h"
#include "json/escaped.h"
#include "json/reader.h"

namespace sluice::dialect::responses::testing {

// What pieces come to, one line each; texts that follow each other are one.
inline void describe(std::string& out, std::string& last, const chat::Piece& piece) {
  using enum chat::PieceKind;
  const auto go_on = [&](std::string_view kind) {
    if (last != kind) out += (out.empty() ? "" : "\n") + std::string(kind) + ": ";
    last = kind;
    out += piece.text.raw;
  };
  const auto line = [&](const std::string& text) {
    out += (out.empty() ? "" : "\n") + text;
    last.clear();
  };
  switch (piece.kind) {
    case kText:
      return go_on("text");
    case kRefusal:
      return go_on("refusal");
    case kReasoning:
      return go_on("reasoning");
    case kArguments:
      return go_on("arguments");
    case kState:
      return line("state: " + std::to_string(static_cast<int>(piece.state.kind)) + " " +
                  std::string(piece.state.data.raw) + " " + std::string(piece.id.raw));
    case kCall:
      return line("call: " + std::string(piece.id.raw) + " " + std::string(piece.name.raw) +
                  (piece.tool == chat::ToolKind::kCustom ? " custom" : ""));
    case kCitation:
      return line("citation: " + std::string(piece.citation.url.raw) + " " + std::string(piece.citation.title.raw));
    case kServerItem:
      return line("server: " + std::string(piece.raw));
    case kLogprobs:
      return line("logprobs: " + std::string(piece.raw));
    case kMedia:
      return line("media: " + std::string(piece.media.type.raw) + " " + std::string(piece.media.data.raw));
    case kFinish:
      return line("finish: " + std::string(chat::name(piece.finish)));
  }
}

struct Outcome {
  std::string pieces;
  std::string wire;
  std::string kinds;
  chat::Learned learned;
  std::optional<Fault> fault;
  bool complete = false;
};

// `sink` gets the pieces of each event, with what is learned by then.
template <class Sink>
Outcome replay(std::string_view stream, std::size_t chunk, Sink sink,
               ReadOptions::Pieces pieces = ReadOptions::Pieces::kMake) {
  json::Reader reader;
  Outcome outcome;
  ReadOptions options;
  options.pieces = pieces;
  auto answer = client().read_answer(Operation::kChat, nullptr, options, outcome.learned, reader);
  std::string last;
  const auto note = [&](const Result<std::span<const chat::Event>>& result) {
    for (const chat::Event& event : answer->last_events()) {
      outcome.wire += event.wire;
      outcome.kinds += static_cast<char>('0' + static_cast<int>(event.kind));
      for (const chat::Piece& piece : event.pieces) describe(outcome.pieces, last, piece);
      sink(event.pieces, outcome.learned);
    }
    if (!result) outcome.fault = result.error();
    return result.has_value();
  };
  bool going = true;
  for (std::size_t at = 0; at < stream.size() && going; at += chunk) {
    const std::string bytes(stream.substr(at, chunk));
    going = note(answer->feed(bytes));
  }
  if (going) note(answer->finish());
  outcome.complete = answer->complete();
  return outcome;
}

inline Outcome replay(std::string_view stream, std::size_t chunk = std::string_view::npos / 2) {
  return replay(stream, chunk, [](auto, const auto&) {});
}

inline Outcome read_whole(std::string body) {
  json::Reader reader;
  json::pad(body);
  Outcome outcome;
  auto answer = client().read_answer(Operation::kChat, nullptr, {}, outcome.learned, reader);
  auto event = answer->read_whole(body);
  if (!event) {
    outcome.fault = event.error();
    return outcome;
  }
  std::string last;
  for (const chat::Piece& piece : event->pieces) describe(outcome.pieces, last, piece);
  outcome.complete = true;
  return outcome;
}

// One event.
inline std::string event(std::string_view type, std::string_view members) {
  std::string out = "event: ";
  out += type;
  out += "\ndata: {\"type\":\"";
  out += type;
  out += members.empty() ? "\"" : "\",";
  out += members;
  return out + "}\n\n";
}

}  // namespace sluice::dialect::responses::testing
