// What a path asks for: an endpoint of one of the APIs the simulator speaks.
//
// Thread rule: plain values.
#pragma once

#include <string>

namespace sluice::sim {

class Api;

enum class Endpoint {
  kUnknown,
  // OpenAI
  kChat,
  kCompletions,
  kEmbeddings,
  kModerations,
  kImages,
  kImageEdits,
  kImageVariations,
  kSpeech,
  kTranscriptions,
  kTranslations,
  kModels,
  // OpenAI Responses
  kResponses,
  kStoredResponse,
  kStoredItems,
  // Anthropic
  kMessages,
  kCountTokens,
  // Gemini; counting tokens is kCountTokens
  kGenerate,
  kEmbedContent,
  kBatchEmbedContents,
  // Bedrock
  kConverse,
  // Cohere; embedding is kEmbeddings
  kRerank,
};

// Whose machines an API is hosted on, where that changes its paths or its bodies.
enum class Host { kOwn, kAzure, kVertex, kBedrock };

struct Place {
  Endpoint endpoint = Endpoint::kUnknown;
  Host host = Host::kOwn;
  std::string model = {};         // decoded, where it stands in the path: then the one in the body is not needed
  bool stream = false;            // the path says so
  std::string id = {};            // of what a path names besides: a stored response
  std::string action = {};        // what is to be done with it: "GET", "DELETE" or the last word of the path
  std::string query = {};         // how: the parameters of its path
  std::string version = {};       // of the API, where a header says it
  std::string betas = {};         // what a header asks for besides, separated by commas
  std::string organization = {};  // whose account asks, where a header says it
  const Api* api = nullptr;
};

}  // namespace sluice::sim
