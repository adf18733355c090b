// Which dialects a case is about, and the ones to translate it to.
//
// Thread rule: constants.
#pragma once

#include <map>

#include "dialect/catalogue.h"
#include "dialect/fixture_test.h"

namespace sluice::matrix {

using dialect::fixtures::Case;
using dialect::fixtures::read_file;

inline const dialect::fixtures::Cases& cases() {
  static const dialect::fixtures::Cases kCases =
      dialect::fixtures::load_cases({"anthropic", "anthropic-hosted", "azure-openai", "bedrock", "cohere", "gemini",
                                     "mistral", "openai-chat", "openai-responses", "openrouter"});
  return kCases;
}

// An answer in events, not an error.
inline bool is_stream(const Case& test) {
  return test.stream && test.status == 200;
}

inline const dialect::Client* client_of(const Case& test) {
  static const std::map<std::string, std::string_view> kNames = {{"azure-openai", "openai"},
                                                                 {"mistral", "openai"},
                                                                 {"openai-chat", "openai"},
                                                                 {"openrouter", "openai"},
                                                                 {"openai-responses", "responses"}};
  if (test.folder == "anthropic-hosted") {
    return dialect::find_client(test.path.find("/publishers/") != std::string::npos ? "anthropic-vertex"
                                                                                    : "anthropic-bedrock");
  }
  const auto found = kNames.find(test.folder);
  return dialect::find_client(found == kNames.end() ? std::string_view(test.folder) : found->second);
}

// Clients that are another API, not another host of one.
inline std::vector<const dialect::Client*> clients() {
  std::vector<const dialect::Client*> all;
  for (const auto* client : dialect::clients()) {
    if (client->name().find('-') == std::string_view::npos) all.push_back(client);
  }
  return all;
}

// A server's endpoint for answers to messages; null when it has none.
inline const dialect::Endpoint* chat_endpoint(const dialect::Server& server, bool stream) {
  using dialect::Streaming;
  for (const auto& endpoint : server.endpoints()) {
    if (endpoint.operation != dialect::Operation::kChat) continue;
    const bool fits = endpoint.streaming == Streaming::kByMember ||
                      endpoint.streaming == (stream ? Streaming::kByPath : Streaming::kNever);
    if (fits) return &endpoint;
  }
  return nullptr;
}

// The endpoint a recorded request was sent to, as a client of Sluice would: Azure's and OpenRouter's paths are
// OpenAI's.
inline dialect::Found endpoint_of(const Case& test) {
  auto path = std::string(http::path_of(test.path));
  if (test.folder == "azure-openai" || test.folder == "openrouter") path = "/v1/chat/completions";
  if (test.folder == "anthropic-hosted" || test.folder == "cohere") path.clear();
  if (const auto at = path.find("/publishers/google"); at != std::string::npos)
    path = "/v1beta" + path.substr(at + std::string_view("/publishers/google").size());
  static std::vector<std::unique_ptr<std::string>> kept;  // what `match` points into
  kept.push_back(std::make_unique<std::string>(std::move(path)));
  return dialect::find_endpoint("POST", *kept.back(), http::query_of(test.path), dialect::servers());
}

}  // namespace sluice::matrix
