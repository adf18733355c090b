#include "chat/field.h"

#include <array>

namespace sluice::chat {

namespace {

using enum Field;
using enum Unplaced;

constexpr std::array<FieldFacts, kFieldCount> kFields{{
    {kModel, "model", kSilent},
    {kStream, "stream", kSilent},
    {kMessages, "messages", kRefused},
    {kSystem, "system prompt", kRefused},
    {kTools, "tools", kRefused},
    {kToolChoice, "tool choice", kRefused},
    {kParallelCalls, "parallel tool calls", kDropped},
    {kMaxTokens, "output token limit", kDropped},
    {kOutputFormat, "output format", kRefused},
    {kReasoning, "reasoning", kDropped},
    {kTemperature, "temperature", kDropped},
    {kTopP, "top p", kDropped},
    {kTopK, "top k", kDropped},
    {kMinP, "min p", kDropped},
    {kSeed, "seed", kDropped},
    {kStop, "stop sequences", kRefused},
    {kFrequencyPenalty, "frequency penalty", kDropped},
    {kPresencePenalty, "presence penalty", kDropped},
    {kLogitBias, "logit bias", kRefused},
    {kLogprobs, "log probabilities", kRefused},
    {kTopLogprobs, "top log probabilities", kRefused},
    {kCandidates, "number of answers", kRefused},
    {kStreamOptions, "stream options", kSilent},
    {kVerbosity, "verbosity", kDropped},
    {kPrediction, "predicted output", kSilent},
    {kModalities, "output modalities", kRefused},
    {kAudioOutput, "audio output", kRefused},
    {kServiceTier, "service tier", kDropped},
    {kEndUser, "end user", kSilent},
    {kMetadata, "metadata", kSilent},
    {kStore, "store", kDropped},
    {kInclude, "extra output", kDropped},
    {kCacheKey, "prompt cache key", kSilent},
    {kAutoCache, "automatic prompt caching", kSilent},
    {kWebSearch, "web search", kRefused},
    {kSafety, "safety settings", kRefused},
    {kDocuments, "documents", kRefused},
    {kCitations, "citations", kDropped},
    {kServerState, "state kept by the provider", kRefused},
    {kContextEdits, "context management", kDropped},
    {kDiagnostics, "diagnostics", kSilent},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (static_cast<std::size_t>(kFields[i].field) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::span<const FieldFacts, kFieldCount> fields() {
  return kFields;
}

const FieldFacts& facts(Field field) {
  return kFields[static_cast<std::size_t>(field)];
}

}  // namespace sluice::chat
