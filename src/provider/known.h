// The providers people use, as data: where they are, how they take their key and how they differ from OpenAI.
//
// A new provider that speaks the OpenAI dialect is one row here; any other OpenAI-compatible URL needs none (type
// openai with a base_url). Thread rule: constants.
#pragma once

#include <span>
#include <string_view>

namespace sluice::provider {

// How the provider takes its key.
enum class KeyStyle { kBearer, kApiKeyHeader };  // Authorization: Bearer KEY | api-key: KEY

// Where a dialect's path goes below the base URL.
enum class PathStyle {
  kOpenAi,  // BASE/chat/completions, the model in the body
  kAzure,   // BASE/openai/deployments/MODEL/chat/completions?api-version=V
};

// Differences from the OpenAI API. Each can be overridden by name in a provider's `quirks`.
struct Quirks {
  bool stream_options = true;         // accepts stream_options.include_usage
  bool usage_on_streams = false;      // reports usage on streams without being asked: nothing is added or hidden
  bool max_completion_tokens = true;  // false: wants the older max_tokens
  bool max_tokens = true;             // false: wants max_completion_tokens
};

struct Known {
  std::string_view type;
  std::string_view base_url;       // includes the version: "https://api.openai.com/v1"; empty: must be configured
  std::string_view key_variables;  // environment variables, comma-separated, first set wins; "" needs no key
  KeyStyle key_style = KeyStyle::kBearer;
  PathStyle path_style = PathStyle::kOpenAi;
  Quirks quirks{};
};

std::span<const Known> known_providers();
const Known* find_known(std::string_view type);  // null when there is none

// Sets one quirk by its name; false when there is no such quirk. quirk_names() lists them.
bool set_quirk(Quirks& quirks, std::string_view name, bool value);
std::span<const std::string_view> quirk_names();

}  // namespace sluice::provider
