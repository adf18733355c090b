// The paths of the OpenAI API, plain and as Azure spells them.
//
// Thread rule: pure. Lifetime: views point into the target.
#pragma once

#include <string>
#include <string_view>

namespace sluice::sim {

enum class Endpoint {
  kUnknown,
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
};

struct Place {
  Endpoint endpoint = Endpoint::kUnknown;
  bool azure = false;
  std::string deployment;  // decoded; Azure's name of the model
};

Place place_of(std::string_view target);

// The endpoints that take a form (multipart/form-data) instead of JSON.
bool takes_form(Endpoint endpoint);

}  // namespace sluice::sim
