// The providers people use, as data: where they are, how they take their key and how they differ from OpenAI.
//
// A new provider that speaks a known dialect is one row here; any other OpenAI-compatible URL needs none (type
// openai with a base_url). Thread rule: constants.
#pragma once

#include <span>
#include <string_view>

#include "dialect/quirks.h"

namespace sluice::provider {

// How the provider takes its key.
enum class KeyStyle {
  kBearer,        // Authorization: Bearer KEY
  kApiKeyHeader,  // api-key: KEY
  kXApiKey,       // x-api-key: KEY
  kGoogApiKey,    // x-goog-api-key: KEY
  kAws,           // each request is signed with AWS credentials, or a bearer key of Bedrock
  kGoogle,        // an OAuth2 token of Google Cloud
};

// Where a dialect's path goes below the base URL.
enum class PathStyle {
  kOpenAi,  // BASE/chat/completions, the model in the body
  kAzure,   // BASE/openai/deployments/MODEL/chat/completions?api-version=V
};

struct Known {
  std::string_view type;
  // With the version: "https://api.openai.com/v1"; empty: must be configured. {region}, {project} and {vertex_host}
  // stand for what is configured.
  std::string_view base_url;
  std::string_view key_variables;  // environment variables, comma-separated, first set wins; "" needs no key
  std::string_view dialects =
      "openai";  // names of dialect::Client, comma-separated; what is translated goes to the first
  KeyStyle key_style = KeyStyle::kBearer;
  PathStyle path_style = PathStyle::kOpenAi;
  dialect::Quirks quirks{};
  std::string_view betas = "*";  // of the Anthropic API, that it takes (provider/betas.h)
};

std::span<const Known> known_providers();
const Known* find_known(std::string_view type);  // null when there is none

}  // namespace sluice::provider
