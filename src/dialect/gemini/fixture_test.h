// The cases of tests/fixtures/gemini for the tests of this folder. Thread rule: one thread. Lifetime: a Case owns its
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
#include "http/message.h"
#include "json/fwd.h"

namespace sluice::dialect::gemini::testing {

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
  loaded.id = std::string(std::string_view(root["id"].value())).substr(7);
  loaded.path = std::string_view(root.at_pointer("/request/path").value());
  loaded.expect = root["expect"].value();
  dom::element response = root["response"].value();
  loaded.status = static_cast<int>(std::int64_t(response["status"].value()));
  for (auto [name, value] : response["headers"].get_object().value()) {
    loaded.headers.add(std::string(name), std::string(std::string_view(value.get_string().value())));
  }
  loaded.request = simdjson::to_string(root.at_pointer("/request/body").value());
  loaded.stream = loaded.path.contains("streamGenerateContent");
  dom::element part;
  std::string_view text;
  if (!response["body"].get(part)) loaded.body = simdjson::to_string(part);
  if (!response["text"].get(text)) loaded.body = text;
  if (!response["bodyFile"].get(text)) loaded.body = read_file(path.parent_path() / text);
}

inline const std::vector<std::unique_ptr<Case>>& cases() {
  static const auto kCases = [] {
    std::vector<std::filesystem::path> paths;
    const auto folder = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/fixtures/gemini";
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
    std::string id, name, arguments, state;
    bool made_up = false;
    bool operator==(const Call&) const = default;
  };
  std::map<std::uint32_t, std::string> texts, reasoning;
  std::map<std::uint32_t, chat::FinishReason> finish;
  std::vector<Call> calls;
  std::vector<std::string> states, media, items, citations, logprobs;
  bool operator==(const Heard&) const = default;

  void add(const chat::Piece& piece) {
    switch (piece.kind) {
      case chat::PieceKind::kText:
      case chat::PieceKind::kRefusal:
        texts[piece.choice] += json::plain(piece.text);
        return;
      case chat::PieceKind::kReasoning:
        reasoning[piece.choice] += json::plain(piece.text);
        return;
      case chat::PieceKind::kState:
        states.push_back(std::to_string(static_cast<int>(piece.state.kind)) + json::plain(piece.state.data));
        return;
      case chat::PieceKind::kCall:
        calls.push_back(
            {json::plain(piece.id), json::plain(piece.name), "", json::plain(piece.state.data), piece.made_up_id});
        return;
      case chat::PieceKind::kArguments:
        ASSERT_FALSE(calls.empty());
        calls.back().arguments += json::plain(piece.text);
        return;
      case chat::PieceKind::kMedia:
        media.push_back(json::plain(piece.media.type) + ":" + json::plain(piece.media.data));
        return;
      case chat::PieceKind::kCitation:
        citations.push_back(json::plain(piece.citation.url) + " " + json::plain(piece.citation.title));
        return;
      case chat::PieceKind::kServerItem:
        items.emplace_back(piece.raw);
        return;
      case chat::PieceKind::kLogprobs:
        logprobs.emplace_back(piece.raw);
        return;
      case chat::PieceKind::kFinish:
        EXPECT_FALSE(finish.contains(piece.choice));
        finish[piece.choice] = piece.finish;
        return;
    }
  }
};

}  // namespace sluice::dialect::gemini::testing
