#include "dialect/gemini/endpoint.h"

#include <array>

namespace sluice::dialect::gemini {

namespace {

constexpr Endpoint row(Kind kind, Operation operation, std::string_view name, std::string_view path,
                       Streaming streaming = Streaming::kNever, std::string_view query = {}) {
  return {.dialect = kName,
          .code = static_cast<std::uint8_t>(kind),
          .operation = operation,
          .name = name,
          .method = "POST",
          .path = path,
          .form = BodyForm::kJson,
          .streaming = streaming,
          .query = query};
}

using enum Operation;
using enum Streaming;

constexpr std::array<Endpoint, 11> kEndpoints{{
    row(Kind::kGenerate, kChat, "generate_content", "/models/{model}:generateContent"),
    row(Kind::kStream, kChat, "stream_generate_content", "/models/{model}:streamGenerateContent", kByPath, "alt=sse"),
    row(Kind::kStreamArray, kChat, "stream_generate_content", "/models/{model}:streamGenerateContent", kByPath),
    row(Kind::kCountTokens, kCountTokens, "count_tokens", "/models/{model}:countTokens"),
    row(Kind::kEmbed, kEmbed, "embed_content", "/models/{model}:embedContent"),
    row(Kind::kBatchEmbed, kEmbed, "batch_embed_contents", "/models/{model}:batchEmbedContents"),
    row(Kind::kGenerate, kChat, "generate_content", "/publishers/google/models/{model}:generateContent"),
    row(Kind::kStream, kChat, "stream_generate_content", "/publishers/google/models/{model}:streamGenerateContent",
        kByPath, "alt=sse"),
    row(Kind::kStreamArray, kChat, "stream_generate_content", "/publishers/google/models/{model}:streamGenerateContent",
        kByPath),
    row(Kind::kCountTokens, kCountTokens, "count_tokens", "/publishers/google/models/{model}:countTokens"),
    row(Kind::kEmbed, kEmbed, "embed_content", "/publishers/google/models/{model}:embedContent"),
}};

}  // namespace

std::span<const Endpoint> endpoints() {
  return kEndpoints;
}

std::string_view method_of(Kind kind) {
  switch (kind) {
    case Kind::kGenerate:
      return "generateContent";
    case Kind::kStream:
    case Kind::kStreamArray:
      return "streamGenerateContent";
    case Kind::kCountTokens:
      return "countTokens";
    case Kind::kEmbed:
      return "embedContent";
    case Kind::kBatchEmbed:
      return "batchEmbedContents";
  }
  return "generateContent";
}

}  // namespace sluice::dialect::gemini
