// The cases of tests/fixtures/anthropic and anthropic-hosted for the tests of this folder. Thread rule: one thread.
// Lifetime: a Case owns its texts.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialect/anthropic/anthropic.h"
#include "dialect/anthropic/endpoint.h"
#include "http/message.h"
#include "json/reader.h"

namespace sluice::dialect::anthropic::testing {

namespace dom = simdjson::dom;

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A JSON value with the members of objects in order, so that equal values are equal texts.
inline std::string sorted(dom::element value) {
  if (dom::object object; !value.get(object)) {
    std::map<std::string, std::string> members;
    for (auto [key, member] : object) members[std::string(key)] = sorted(member);
    std::string out = "{";
    for (const auto& [key, member] : members) out += (out.size() > 1 ? ",\"" : "\"") + key + "\":" + member;
    return out + "}";
  }
  if (dom::array array; !value.get(array)) {
    std::string out = "[";
    for (dom::element element : array) out += (out.size() > 1 ? "," : "") + sorted(element);
    return out + "]";
  }
  return simdjson::to_string(value);
}
inline std::string sorted(std::string_view json) {
  dom::parser parser;
  dom::element value;
  if (parser.parse(json.data(), json.size()).get(value)) return "not JSON: " + std::string(json);
  return sorted(value);
}

inline std::string padded(std::string_view text) {
  std::string out(text);
  json::pad(out);
  return out;
}

struct Case {
  std::string id;
  std::string path;
  int status = 0;
  http::Headers headers;
  std::string request;
  std::string body;
  bool stream = false;
  std::string file;
  dom::parser parser;
  dom::element expect;

  Host host() const {
    if (path.starts_with("/model/")) return Host::kBedrock;
    return path.contains("rawPredict") ? Host::kVertex : Host::kAnthropic;
  }
  Kind kind() const { return path.ends_with("count_tokens") ? Kind::kCountTokens : Kind::kMessages; }
  std::optional<std::uint64_t> number(const char* pointer) const {
    std::uint64_t value = 0;
    return expect.at_pointer(pointer).get(value) ? std::nullopt : std::optional(value);
  }
  std::optional<std::string> text(const char* pointer) const {
    std::string_view value;
    return expect.at_pointer(pointer).get(value) ? std::nullopt : std::optional(std::string(value));
  }
  bool is_error() const {
    dom::element error;
    return !expect.at_pointer("/error").get(error);
  }
};

inline void load(const std::filesystem::path& path, Case& loaded) {
  loaded.file = read_file(path);
  dom::element root = loaded.parser.parse(loaded.file).value();
  const std::string id(std::string_view(root["id"].value()));
  loaded.id = id.substr(id.find('/') + 1);
  loaded.path = std::string_view(root.at_pointer("/request/path").value());
  loaded.expect = root["expect"].value();
  dom::element response = root["response"].value();
  loaded.status = static_cast<int>(std::int64_t(response["status"].value()));
  for (auto [name, value] : response["headers"].get_object().value()) {
    loaded.headers.add(std::string(name), std::string(std::string_view(value.get_string().value())));
  }
  loaded.request = simdjson::to_string(root.at_pointer("/request/body").value());
  dom::element part;
  std::string_view text;
  if (!response["body"].get(part)) loaded.body = simdjson::to_string(part);
  if (!response["text"].get(text)) loaded.body = text;
  if (!response["bodyFile"].get(text)) {
    loaded.body = read_file(path.parent_path() / text);
    loaded.stream = true;
  }
}

inline const std::vector<std::unique_ptr<Case>>& cases() {
  static const auto kCases = [] {
    std::vector<std::filesystem::path> paths;
    for (const char* folder : {"anthropic", "anthropic-hosted"}) {
      const auto at = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/fixtures" / folder;
      for (const auto& entry : std::filesystem::directory_iterator(at)) {
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
      }
    }
    std::ranges::sort(paths);
    std::vector<std::unique_ptr<Case>> loaded;
    for (const auto& path : paths) load(path, *loaded.emplace_back(std::make_unique<Case>()));
    return loaded;
  }();
  return kCases;
}

inline const Case& find_case(std::string_view id) {
  const auto found = std::ranges::find(cases(), id, [](const auto& test) { return std::string_view(test->id); });
  EXPECT_NE(found, cases().end()) << id;
  return **found;
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
