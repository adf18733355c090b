// The cases of tests/fixtures/openai-responses for the tests of this folder, and JSON compared by what it says.
// Thread rule: one thread. Lifetime: a Case owns its texts.
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

#include "http/message.h"
#include "json/reader.h"

namespace sluice::dialect::responses::testing {

namespace dom = simdjson::dom;

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Members in the order of their names.
inline std::string sorted(dom::element element) {
  if (dom::object object; !element.get(object)) {
    std::map<std::string, std::string> members;
    for (auto [key, value] : object) members[std::string(key)] = sorted(value);
    std::string out;
    for (const auto& [key, value] : members) out += (out.empty() ? "{" : ",") + ("\"" + key + "\":") + value;
    return out.empty() ? "{}" : out + "}";
  }
  if (dom::array array; !element.get(array)) {
    std::string out;
    for (dom::element value : array) out += (out.empty() ? "[" : ",") + sorted(value);
    return out.empty() ? "[]" : out + "]";
  }
  return simdjson::to_string(element);
}

inline std::string sorted(std::string_view json) {
  dom::parser parser;
  dom::element element;
  if (parser.parse(simdjson::padded_string(json)).get(element)) return "no JSON: " + std::string(json);
  return sorted(element);
}

// The value at a pointer such as "/usage/input", sorted; empty when there is none.
inline std::string at(std::string_view json, const std::string& pointer) {
  dom::parser parser;
  dom::element element;
  if (parser.parse(simdjson::padded_string(json)).get(element)) return "no JSON: " + std::string(json);
  dom::element found;
  return element.at_pointer(pointer).get(found) ? std::string() : sorted(found);
}

inline std::string padded(std::string text) {
  json::pad(text);
  return text;
}

struct Case {
  std::string id;
  int status = 0;
  http::Headers headers;
  std::string request;  // its JSON
  std::string body;     // of the answer
  bool stream = false;
  std::string expect;  // its JSON
  std::string file;
};

inline void load(const std::filesystem::path& path, Case& loaded) {
  loaded.file = read_file(path);
  dom::parser parser;
  dom::element root = parser.parse(loaded.file).value();
  loaded.id = std::string_view(root["id"].value()).substr(17);
  loaded.expect = simdjson::to_string(root["expect"].value());
  dom::element response = root["response"].value();
  loaded.status = static_cast<int>(std::int64_t(response["status"].value()));
  for (auto [name, value] : response["headers"].get_object().value()) {
    loaded.headers.add(std::string(name), std::string(std::string_view(value.get_string().value())));
  }
  dom::element part;
  std::string_view text;
  if (!root.at_pointer("/request/body").get(part)) loaded.request = simdjson::to_string(part);
  if (!response["body"].get(part)) loaded.body = padded(simdjson::to_string(part));
  if (!response["bodyFile"].get(text)) {
    loaded.body = read_file(path.parent_path() / text);
    loaded.stream = true;
  }
}

inline const std::vector<std::unique_ptr<Case>>& cases() {
  static const auto kCases = [] {
    std::vector<std::filesystem::path> paths;
    const auto folder = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/fixtures/openai-responses";
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
  auto found = std::ranges::find(cases(), id, [](const auto& test) { return std::string_view(test->id); });
  EXPECT_NE(found, cases().end()) << id;
  return **found;
}

}  // namespace sluice::dialect::responses::testing
