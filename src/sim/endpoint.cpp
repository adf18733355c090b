#include "sim/endpoint.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "http/message.h"

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

std::string percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    unsigned value = 0;
    auto digits = text.substr(1, 2);
    bool coded = text.front() == '%' && digits.size() == 2 &&
                 std::from_chars(digits.data(), digits.data() + 2, value, 16).ptr == digits.data() + 2;
    out += coded ? static_cast<char>(value) : text.front();
    text.remove_prefix(coded ? 3 : 1);
  }
  return out;
}

}  // namespace

Place place_of(std::string_view target) {
  constexpr std::string_view kPlain = "/v1/";
  constexpr std::string_view kAzure = "/openai/deployments/";
  std::string_view path = http::path_of(target);
  if (path.starts_with(kPlain)) return {endpoint_of(path.substr(kPlain.size())), false, {}};
  if (!path.starts_with(kAzure)) return {};
  path.remove_prefix(kAzure.size());
  auto slash = path.find('/');
  if (slash == 0 || slash == std::string_view::npos) return {};
  return {endpoint_of(path.substr(slash + 1)), true, percent_decoded(path.substr(0, slash))};
}

bool takes_form(Endpoint endpoint) {
  return endpoint == Endpoint::kImageEdits || endpoint == Endpoint::kImageVariations ||
         endpoint == Endpoint::kTranscriptions || endpoint == Endpoint::kTranslations;
}

}  // namespace sluice::sim
