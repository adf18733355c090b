// The recorded requests and answers of tests/fixtures, all dialects alike.
//
// Thread rule: one thread. Lifetime: a Case owns its texts.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "http/message.h"

namespace sluice::matrix {

namespace dom = simdjson::dom;

struct Case {
  std::string folder;  // "anthropic"
  std::string name;    // "thinking_stream"
  std::string method;
  std::string path;
  std::string request;  // JSON; empty: the case has none
  int status = 0;       // 0: the case has no answer
  http::Headers headers;
  std::string body;
  bool stream = false;
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string text_at(dom::element root, const char* pointer) {
  std::string_view text;
  return root.at_pointer(pointer).get(text) ? std::string() : std::string(text);
}

inline void load_answer(const std::filesystem::path& path, dom::element root, Case& loaded) {
  dom::element part;
  std::int64_t status = 0;
  if (root.at_pointer("/response/status").get(status)) return;
  loaded.status = static_cast<int>(status);
  dom::object headers;
  if (!root.at_pointer("/response/headers").get(headers)) {
    for (auto [name, value] : headers) {
      std::string_view text;
      if (!value.get(text)) loaded.headers.add(name, text);
    }
  }
  if (!root.at_pointer("/response/body").get(part)) loaded.body = simdjson::to_string(part);
  if (auto text = text_at(root, "/response/text"); !text.empty()) loaded.body = text;
  if (auto file = text_at(root, "/response/bodyFile"); !file.empty()) {
    loaded.body = read_file(path.parent_path() / file);
    loaded.stream = true;
  }
  const bool verb_streams = loaded.path.find(":stream") != std::string::npos;
  loaded.stream = loaded.status == 200 && (loaded.stream || verb_streams);
}

inline std::unique_ptr<Case> load(const std::filesystem::path& path) {
  auto loaded = std::make_unique<Case>();
  const std::string file = read_file(path);
  dom::parser parser;
  const dom::element root = parser.parse(file).value();
  loaded->folder = path.parent_path().filename();
  loaded->name = path.stem();
  loaded->method = text_at(root, "/request/method");
  loaded->path = text_at(root, "/request/path");
  dom::element part;
  if (!root.at_pointer("/request/body").get(part)) loaded->request = simdjson::to_string(part);
  load_answer(path, root, *loaded);
  return loaded;
}

// The cases of some folders, by folder and name.
inline std::vector<std::unique_ptr<Case>> load_all(std::initializer_list<const char*> folders) {
  std::vector<std::filesystem::path> paths;
  for (const char* folder : folders) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/fixtures" / folder)) {
      if (entry.path().extension() == ".json") paths.push_back(entry.path());
    }
  }
  std::ranges::sort(paths);
  std::vector<std::unique_ptr<Case>> cases;
  for (const auto& path : paths) cases.push_back(load(path));
  return cases;
}

inline const std::vector<std::unique_ptr<Case>>& cases() {
  static const auto kCases = load_all({"anthropic", "anthropic-hosted", "azure-openai", "bedrock", "cohere", "gemini",
                                       "mistral", "openai-chat", "openai-responses", "openrouter"});
  return kCases;
}

}  // namespace sluice::matrix
