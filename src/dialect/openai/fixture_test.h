// The cases of tests/fixtures for the tests of this folder. Thread rule: one thread. Lifetime: a Case owns its texts.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace sluice::dialect::openai::testing {

namespace dom = simdjson::dom;

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Case {
  std::string id;
  int status = 0;
  http::Headers headers;
  std::string request;  // its JSON, as in the file
  std::string body;     // of the answer
  bool stream = false;
  std::string file;    // the whole case
  dom::parser parser;  // owns expect
  dom::element expect;

  // A member of `expect`, by a path such as "/usage/input"; null counts as absent.
  std::optional<std::uint64_t> number(const char* path) const {
    std::uint64_t value = 0;
    return expect.at_pointer(path).get(value) ? std::nullopt : std::optional(value);
  }
  std::optional<std::string> text(const char* path) const {
    std::string_view value;
    if (!expect.at_pointer(path).get(value)) return std::string(value);
    if (auto count = number(path)) return std::to_string(*count);
    return std::nullopt;
  }
  std::optional<bool> flag(const char* path) const {
    bool value = false;
    return expect.at_pointer(path).get(value) ? std::nullopt : std::optional(value);
  }
};

inline void load(const std::filesystem::path& path, Case& loaded) {
  loaded.file = read_file(path);
  dom::element root = loaded.parser.parse(loaded.file).value();
  loaded.id = std::string_view(root["id"].value());
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
  if (!response["text"].get(text)) loaded.body = text;
  if (!response["bodyFile"].get(text)) {
    loaded.body = read_file(path.parent_path() / text);
    loaded.stream = true;
  }
}

// All cases of all OpenAI-like dialects, by name.
inline const std::vector<std::unique_ptr<Case>>& cases() {
  static const auto kCases = [] {
    std::vector<std::filesystem::path> paths;
    for (const char* dialect : {"openai-chat", "azure-openai", "mistral", "openrouter"}) {
      const auto folder = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/fixtures" / dialect;
      for (const auto& entry : std::filesystem::directory_iterator(folder)) {
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
  auto found = std::ranges::find(cases(), id, [](const auto& test) { return std::string_view(test->id); });
  EXPECT_NE(found, cases().end()) << id;
  return **found;
}

}  // namespace sluice::dialect::openai::testing
