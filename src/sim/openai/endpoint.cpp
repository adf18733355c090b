#include "sim/openai/endpoint.h"

#include <algorithm>
#include <iterator>

#include "http/message.h"
#include "http/url.h"

namespace sluice::sim {

namespace {

struct Path {
  std::string_view tail;
  Endpoint endpoint;
};
constexpr Path kPaths[] = {
    {"chat/completions", Endpoint::kChat},
    {"completions", Endpoint::kCompletions},
    {"embeddings", Endpoint::kEmbeddings},
    {"moderations", Endpoint::kModerations},
    {"images/generations", Endpoint::kImages},
    {"images/edits", Endpoint::kImageEdits},
    {"images/variations", Endpoint::kImageVariations},
    {"audio/speech", Endpoint::kSpeech},
    {"audio/transcriptions", Endpoint::kTranscriptions},
    {"audio/translations", Endpoint::kTranslations},
    {"models", Endpoint::kModels},
};

Endpoint endpoint_of(std::string_view tail) {
  const Path* found = std::ranges::find(kPaths, tail, &Path::tail);
  return found == std::end(kPaths) ? Endpoint::kUnknown : found->endpoint;
}

}  // namespace

Place openai_place(std::string_view target) {
  constexpr std::string_view kPlain = "/v1/";
  constexpr std::string_view kAzure = "/openai/deployments/";
  std::string_view path = http::path_of(target);
  if (path.starts_with(kPlain)) return {.endpoint = endpoint_of(path.substr(kPlain.size()))};
  if (!path.starts_with(kAzure)) return {};
  path.remove_prefix(kAzure.size());
  auto slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return {};
  return {.endpoint = endpoint_of(path.substr(slash + 1)),
          .host = Host::kAzure,
          .model = http::percent_decode(path.substr(0, slash)).value_or("")};
}

bool takes_form(Endpoint endpoint) {
  return endpoint == Endpoint::kImageEdits || endpoint == Endpoint::kImageVariations ||
         endpoint == Endpoint::kTranscriptions || endpoint == Endpoint::kTranslations;
}

}  // namespace sluice::sim
