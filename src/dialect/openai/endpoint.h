// The endpoints of the OpenAI API that are served through routes, but for Responses, which is a dialect of its own.
//
// Thread rule: constants.
#pragma once

#include <span>

#include "dialect/endpoint.h"

namespace sluice::dialect::openai {

enum class Kind : std::uint8_t {
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

std::span<const Endpoint> endpoints();
const Endpoint& facts(Kind kind);

}  // namespace sluice::dialect::openai
