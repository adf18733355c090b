#include "dialect/openai/endpoint.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::openai {

namespace {

// In the order of the enum. The default models are those the API's reference names for requests without one.
constexpr std::array<EndpointFacts, 10> kEndpoints{{
    {Endpoint::kChat, "chat", "/chat/completions", BodyForm::kJson, "", true},
    {Endpoint::kCompletions, "completions", "/completions", BodyForm::kJson, "", true},
    {Endpoint::kEmbeddings, "embeddings", "/embeddings", BodyForm::kJson, "", false},
    {Endpoint::kModerations, "moderations", "/moderations", BodyForm::kJson, "omni-moderation-latest", false},
    {Endpoint::kImageGenerations, "image_generations", "/images/generations", BodyForm::kJson, "dall-e-2", false},
    {Endpoint::kImageEdits, "image_edits", "/images/edits", BodyForm::kJsonOrMultipart, "gpt-image-1.5", false},
    {Endpoint::kImageVariations, "image_variations", "/images/variations", BodyForm::kMultipart, "dall-e-2", false},
    {Endpoint::kSpeech, "speech", "/audio/speech", BodyForm::kJson, "", false},
    {Endpoint::kTranscriptions, "transcriptions", "/audio/transcriptions", BodyForm::kMultipart, "", false},
    {Endpoint::kTranslations, "translations", "/audio/translations", BodyForm::kMultipart, "", false},
}};

static_assert(std::ranges::all_of(kEndpoints, [](const EndpointFacts& facts) {
  return &facts == &kEndpoints[static_cast<std::size_t>(facts.endpoint)];
}));

}  // namespace

std::span<const EndpointFacts> endpoints() {
  return kEndpoints;
}

const EndpointFacts& facts(Endpoint endpoint) {
  return kEndpoints[static_cast<std::size_t>(endpoint)];
}

const EndpointFacts* find_endpoint(std::string_view path_below_version) {
  auto found = std::ranges::find(kEndpoints, path_below_version, &EndpointFacts::path);
  return found == kEndpoints.end() ? nullptr : &*found;
}

}  // namespace sluice::dialect::openai
