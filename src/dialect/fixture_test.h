// The recorded requests and answers of tests/fixtures, and JSON compared by what it says: for the tests of all
// dialects.
//
// Thread rule: one thread. Lifetime: a Case owns its texts.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkout.h"
#include "http/message.h"
#include "json/fwd.h"

namespace sluice::dialect::fixtures {

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
  if (parser.parse(json.data(), json.size()).get(value)) return "no JSON: " + std::string(json);
  return sorted(value);
}

// The value at a pointer such as "/usage/input", sorted; empty when there is none.
inline std::string at(dom::element value, std::string_view pointer) {
  dom::element found;
  return value.at_pointer(pointer).get(found) ? std::string() : sorted(found);
}
inline std::string at(std::string_view json, std::string_view pointer) {
  dom::parser parser;
  dom::element value;
  if (parser.parse(json.data(), json.size()).get(value)) return "no JSON: " + std::string(json);
  return pointer.empty() ? sorted(value) : at(value, pointer);
}

// With the spare bytes behind it that a reader wants.
inline std::string padded(std::string_view text) {
  std::string out(text);
  json::pad(out);
  return out;
}

struct Case {
  std::string folder;  // "anthropic"
  std::string id;      // "thinking_stream"
  std::string method;
  std::string path;
  std::string model;    // where it is in the path
  std::string request;  // its JSON; empty: the case has none
  int status = 0;       // 0: the case has no answer
  http::Headers headers;
  std::string body;
  bool stream = false;
  std::string file;    // the whole case
  dom::parser parser;  // owns expect
  dom::element expect;
  bool is_expected = false;  // expect is there

  // A member of `expect`, by a path such as "/usage/input"; null counts as absent.
  std::optional<std::uint64_t> number(const char* pointer) const {
    std::uint64_t value = 0;
    return expect.at_pointer(pointer).get(value) ? std::nullopt : std::optional(value);
  }
  std::optional<std::string> text(const char* pointer) const {
    std::string_view value;
    if (!expect.at_pointer(pointer).get(value)) return std::string(value);
    if (auto count = number(pointer)) return std::to_string(*count);
    return std::nullopt;
  }
  std::optional<bool> flag(const char* pointer) const {
    bool value = false;
    return expect.at_pointer(pointer).get(value) ? std::nullopt : std::optional(value);
  }
  bool is_error() const {
    dom::element error;
    return !expect.at_pointer("/error").get(error);
  }
};
using Cases = std::vector<std::unique_ptr<Case>>;

inline std::string text_at(dom::element root, const char* pointer) {
  std::string_view text;
  return root.at_pointer(pointer).get(text) ? std::string() : std::string(text);
}

inline void load_answer(const std::filesystem::path& path, dom::element root, Case& loaded) {
  std::int64_t status = 0;
  if (root.at_pointer("/response/status").get(status)) return;
  loaded.status = static_cast<int>(status);
  if (dom::object headers; !root.at_pointer("/response/headers").get(headers)) {
    for (auto [name, value] : headers) loaded.headers.add(name, std::string_view(value.get_string().value()));
  }
  dom::element part;
  const std::string file = text_at(root, "/response/bodyFile");
  if (!root.at_pointer("/response/body").get(part)) loaded.body = simdjson::to_string(part);
  if (auto text = text_at(root, "/response/text"); !text.empty()) loaded.body = std::move(text);
  if (!file.empty()) loaded.body = read_file(path.parent_path() / file);
  loaded.stream = !file.empty() || loaded.path.contains(":stream");
  json::pad(loaded.body);
}

inline std::unique_ptr<Case> load_case(const std::filesystem::path& path) {
  auto loaded = std::make_unique<Case>();
  loaded->file = read_file(path);
  const dom::element root = loaded->parser.parse(loaded->file).value();
  loaded->folder = path.parent_path().filename();
  loaded->id = path.stem();
  loaded->method = text_at(root, "/request/method");
  loaded->path = text_at(root, "/request/path");
  loaded->model = text_at(root, "/request/modelId");
  loaded->is_expected = !root["expect"].get(loaded->expect);
  dom::element part;
  if (!root.at_pointer("/request/body").get(part)) loaded->request = simdjson::to_string(part);
  load_answer(path, root, *loaded);
  return loaded;
}

// The cases of some folders of tests/fixtures, by folder and name.
inline Cases load_cases(std::initializer_list<const char*> folders) {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : folders) {
    const auto place = std::filesystem::path(in_checkout("tests/fixtures")) / folder;
    for (const auto& entry : std::filesystem::directory_iterator(place)) {
      if (entry.path().extension() == ".json") paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  Cases cases;
  cases.reserve(paths.size());
  for (const auto& path : paths) cases.push_back(load_case(path));
  return cases;
}

inline const Case& find_in(const Cases& cases, std::string_view id) {
  const auto found = std::ranges::find(cases, id, [](const auto& test) { return std::string_view(test->id); });
  EXPECT_NE(found, cases.end()) << id;
  return **found;
}

}  // namespace sluice::dialect::fixtures
