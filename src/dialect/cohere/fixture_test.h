// The cases of tests/fixtures/cohere for the tests of this folder. Thread rule: one thread. Lifetime: a Case owns its
// texts.
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

#include "dialect/dialect.h"
#include "json/fwd.h"

namespace sluice::dialect::cohere::testing {

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

// What JSON holds at a pointer, as text; "none" when nothing is there.
inline std::string at(std::string_view json, std::string_view pointer) {
  dom::parser parser;
  dom::element value;
  if (parser.parse(json.data(), json.size()).get(value)) return "not JSON: " + std::string(json);
  if (pointer.empty()) return sorted(value);
  dom::element found;
  return value.at_pointer(pointer).get(found) ? "none" : sorted(found);
}

inline std::string padded(std::string_view text) {
  std::string out(text);
  json::pad(out);
  return out;
}

struct Case {
  std::string id;
  int status = 0;
  http::Headers headers;
  std::string request;
  std::string body;
  bool stream = false;
  std::string file;
  dom::parser parser;
  dom::element expect;

  std::optional<std::uint64_t> number(const char* pointer) const {
    std::uint64_t value = 0;
    return expect.at_pointer(pointer).get(value) ? std::nullopt : std::optional(value);
  }
  std::optional<std::string> text(const char* pointer) const {
    std::string_view value;
    return expect.at_pointer(pointer).get(value) ? std::nullopt : std::optional(std::string(value));
  }
  bool flag(const char* pointer) const {
    bool value = false;
    return !expect.at_pointer(pointer).get(value) && value;
  }
  bool is_error() const { return text("/error/kind").has_value(); }
};

inline void load(const std::filesystem::path& path, Case& loaded) {
  loaded.file = read_file(path);
  dom::element root = loaded.parser.parse(loaded.file).value();
  loaded.id = std::string(std::string_view(root["id"].value())).substr(7);
  loaded.expect = root["expect"].value();
  dom::element response = root["response"].value();
  loaded.status = static_cast<int>(std::int64_t(response["status"].value()));
  for (auto [name, value] : response["headers"].get_object().value()) {
    loaded.headers.add(std::string(name), std::string(std::string_view(value.get_string().value())));
  }
  dom::element part;
  std::string_view text;
  if (!root.at_pointer("/request/body").get(part)) loaded.request = simdjson::to_string(part);
  if (!response["body"].get(part)) loaded.body = simdjson::to_string(part);
  if (!response["bodyFile"].get(text)) {
    loaded.body = read_file(path.parent_path() / text);
    loaded.stream = true;
  }
}

inline const std::vector<std::unique_ptr<Case>>& cases() {
  static const auto kCases = [] {
    std::vector<std::filesystem::path> paths;
    const auto folder = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/fixtures/cohere";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") paths.push_back(entry.path());
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

// What the pieces of an answer say, owned.
struct Heard {
  struct Call {
    std::string id, name, arguments;
    bool operator==(const Call&) const = default;
  };
  std::string text, reasoning, stop_sequence;
  std::vector<std::string> states;  // the kind as a number, then the data
  std::vector<Call> calls;
  std::vector<std::string> citations, items, media, logprobs;
  std::string order;  // one letter a piece, texts that follow each other as one
  chat::FinishReason finish = chat::FinishReason::kNone;
  bool operator==(const Heard&) const = default;

  void note(char letter) {
    const bool goes_on = std::string_view("trja").find(letter) != std::string_view::npos;
    if (!goes_on || order.empty() || order.back() != letter) order += letter;
  }

  void add(const chat::Piece& piece) {
    using enum chat::PieceKind;
    switch (piece.kind) {
      case kText:
      case kRefusal:
        text += json::plain(piece.text);
        return note('t');
      case kReasoning:
        reasoning += json::plain(piece.text);
        return note('r');
      case kState:
        states.push_back(std::to_string(static_cast<int>(piece.state.kind)) + json::plain(piece.state.data));
        return note('s');
      case kCall:
        calls.push_back({json::plain(piece.id), json::plain(piece.name), {}});
        return note('c');
      case kArguments:
        ASSERT_FALSE(calls.empty());
        calls.back().arguments += json::plain(piece.text);
        return note('a');
      case kMedia:
        media.push_back(std::string(piece.media.type.raw) + ":" + std::string(piece.media.data.raw));
        return note('m');
      case kCitation:
        citations.push_back(json::plain(piece.citation.title) + "|" + json::plain(piece.citation.url) + "|" +
                            json::plain(piece.citation.quote));
        EXPECT_EQ(sorted(piece.citation.raw).front(), '{');
        return note('q');
      case kServerItem:
        items.emplace_back(piece.raw);
        return note('i');
      case kLogprobs:
        logprobs.emplace_back(piece.raw);
        return note('l');
      case kFinish:
        finish = piece.finish;
        stop_sequence = json::plain(piece.text);
        return;
    }
  }
};

}  // namespace sluice::dialect::cohere::testing
