// What a request to a model can say, in words that belong to no API: the columns of the translation table.
//
// Each dialect maps its own fields to these (dialect/fields.h). A field that the provider's dialect has no place for is
// dropped and reported, or refused, as facts() says; `silent` ones change nothing in the answer.
//
// Thread rule: constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sluice::chat {

enum class Field : std::uint8_t {
  // what every dialect has in some form
  kModel,
  kStream,
  kMessages,
  kSystem,
  kTools,
  kToolChoice,
  kParallelCalls,
  kMaxTokens,
  kOutputFormat,
  kReasoning,
  // sampling
  kTemperature,
  kTopP,
  kTopK,
  kMinP,
  kSeed,
  kStop,
  kFrequencyPenalty,
  kPresencePenalty,
  kLogitBias,
  kLogprobs,
  kTopLogprobs,
  kCandidates,
  // the rest
  kStreamOptions,
  kVerbosity,
  kPrediction,
  kModalities,
  kAudioOutput,
  kServiceTier,
  kEndUser,
  kMetadata,
  kStore,
  kInclude,
  kCacheKey,
  kAutoCache,
  kWebSearch,
  kSafety,
  kDocuments,
  kCitations,
  kServerState,   // an earlier answer, conversation, container or cached content that the provider keeps
  kContextEdits,  // truncation, compaction
  kDiagnostics,
  kCount,
};

enum class Unplaced { kSilent, kDropped, kRefused };

struct FieldFacts {
  Field field;
  std::string_view name;  // in the table: "temperature"
  Unplaced unplaced;      // what happens where a provider's dialect has no place for it
};

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::kCount);

std::span<const FieldFacts, kFieldCount> fields();
const FieldFacts& facts(Field field);

}  // namespace sluice::chat
