#include "dialect/openai/endpoint.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::openai {

namespace {

constexpr Endpoint row(Kind kind, Operation operation, std::string_view name, std::string_view path, BodyForm form,
                       Streaming streaming, std::string_view default_model = {}) {
  return {.dialect = "openai",
          .code = static_cast<std::uint8_t>(kind),
          .operation = operation,
          .name = name,
          .method = "POST",
          .path = path,
          .form = form,
          .streaming = streaming,
          .default_model = default_model,
          .usage_option = kind == Kind::kChat || kind == Kind::kCompletions};
}

using enum Operation;
using enum BodyForm;
using enum Streaming;

// In the order of the enum. The default models are those the API's reference names for requests without one.
constexpr std::array<Endpoint, 10> kEndpoints{{
    row(Kind::kChat, kChat, "chat", "/chat/completions", kJson, kByMember),
    row(Kind::kCompletions, kNative, "completions", "/completions", kJson, kByMember),
    row(Kind::kEmbeddings, kEmbed, "embeddings", "/embeddings", kJson, kNever),
    row(Kind::kModerations, kNative, "moderations", "/moderations", kJson, kNever, "omni-moderation-latest"),
    row(Kind::kImageGenerations, kNative, "image_generations", "/images/generations", kJson, kByMember, "dall-e-2"),
    row(Kind::kImageEdits, kNative, "image_edits", "/images/edits", kJsonOrMultipart, kByMember, "gpt-image-1.5"),
    row(Kind::kImageVariations, kNative, "image_variations", "/images/variations", kMultipart, kNever, "dall-e-2"),
    row(Kind::kSpeech, kNative, "speech", "/audio/speech", kJson, kByFormat),
    row(Kind::kTranscriptions, kNative, "transcriptions", "/audio/transcriptions", kMultipart, kByMember),
    row(Kind::kTranslations, kNative, "translations", "/audio/translations", kMultipart, kNever),
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kEndpoints.size(); ++i) {
    if (kEndpoints[i].code != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::span<const Endpoint> endpoints() {
  return kEndpoints;
}

const Endpoint& facts(Kind kind) {
  return kEndpoints[static_cast<std::size_t>(kind)];
}

}  // namespace sluice::dialect::openai
