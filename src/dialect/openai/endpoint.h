// The endpoints of the OpenAI API that Sluice serves through routes, as a table.
//
// Thread rule: constants.
#pragma once

#include <span>
#include <string_view>

namespace sluice::dialect::openai {

enum class Endpoint {
  kChat,
  kCompletions,
  kEmbeddings,
  kModerations,
  kImageGenerations,
  kImageEdits,
  kImageVariations,
  kSpeech,
  kTranscriptions,
  kTranslations,
};

enum class BodyForm { kJson, kMultipart, kJsonOrMultipart };

struct EndpointFacts {
  Endpoint endpoint;
  std::string_view name;  // for metrics and logs: "chat"
  std::string_view path;  // below the version: "/chat/completions"
  BodyForm form;
  std::string_view default_model;  // used when the request names none, as OpenAI does; empty: the model is required
  bool usage_option;               // streams take stream_options.include_usage
};

std::span<const EndpointFacts> endpoints();
const EndpointFacts& facts(Endpoint endpoint);
const EndpointFacts* find_endpoint(std::string_view path_below_version);  // null: not one of these

}  // namespace sluice::dialect::openai
