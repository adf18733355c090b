// check: allow file-sizes because it is one table
#include "sim/bedrock/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/shape_words.h"

namespace sluice::sim {

namespace {

constexpr std::string_view kOneMember = "an object with exactly one member";

constexpr Shape one_member(std::span<const Field> fields) {
  return {.type = Type::kObject, .fields = fields, .expected = kOneMember};
}
constexpr Shape sized_text(std::size_t min, std::size_t max) {
  return {.type = Type::kString, .min_size = min, .max_size = max};
}

// ---- sources of media ----

constexpr Shape kUri = sized_text(1, 1024);
constexpr Shape kOwner = sized_text(12, 12);
constexpr Field kS3Fields[] = {{"uri", &kUri, kRequired}, {"bucketOwner", &kOwner}};
constexpr Shape kS3 = object(kS3Fields);
constexpr Field kMediaSourceFields[] = {{"bytes", &kSomeText}, {"s3Location", &kS3}};
constexpr Shape kMediaSource = one_member(kMediaSourceFields);

constexpr Field kErrorFields[] = {{"message", &kText}};
constexpr Shape kError = object(kErrorFields);

constexpr std::string_view kImageFormats[] = {"gif", "jpeg", "png", "webp"};
constexpr Shape kImageFormat = one_of(kImageFormats);
constexpr Field kImageFields[] = {
    {"format", &kImageFormat, kRequired}, {"source", &kMediaSource, kRequired}, {"error", &kError}};
constexpr Shape kImage = object(kImageFields);

constexpr std::string_view kVideoFormats[] = {"flv", "mkv", "mov", "mp4", "mpeg", "mpg", "three_gp", "webm", "wmv"};
constexpr Shape kVideoFormat = one_of(kVideoFormats);
constexpr Field kVideoFields[] = {{"format", &kVideoFormat, kRequired}, {"source", &kMediaSource, kRequired}};
constexpr Shape kVideo = object(kVideoFields);

constexpr std::string_view kAudioFormats[] = {"aac",  "flac", "m4a",  "mka", "mkv", "mp3",  "mp4",  "mpeg",
                                              "mpga", "ogg",  "opus", "pcm", "wav", "webm", "x-aac"};
constexpr Shape kAudioFormat = one_of(kAudioFormats);
constexpr Field kAudioFields[] = {
    {"format", &kAudioFormat, kRequired}, {"source", &kMediaSource, kRequired}, {"error", &kError}};
constexpr Shape kAudio = object(kAudioFields);

// ---- documents and search results ----

constexpr Field kEnabledFields[] = {{"enabled", &kBool, kRequired}};
constexpr Shape kEnabled = object(kEnabledFields);
constexpr Field kTextMemberFields[] = {{"text", &kText}};
constexpr Shape kTextMember = one_member(kTextMemberFields);
constexpr Shape kTextMembers = list(kTextMember);

constexpr std::string_view kDocumentFormats[] = {"csv", "doc", "docx", "html", "md", "pdf", "txt", "xls", "xlsx"};
constexpr Shape kDocumentFormat = one_of(kDocumentFormats);
constexpr Field kDocumentSourceFields[] = {
    {"bytes", &kSomeText}, {"content", &kTextMembers}, {"s3Location", &kS3}, {"text", &kSomeText}};
constexpr Shape kDocumentSource = one_member(kDocumentSourceFields);
constexpr Shape kDocumentName = sized_text(1, 200);
constexpr Field kDocumentFields[] = {{"format", &kDocumentFormat},
                                     {"name", &kDocumentName, kRequired},
                                     {"source", &kDocumentSource, kRequired},
                                     {"context", &kText},
                                     {"citations", &kEnabled}};
constexpr Shape kDocument = object(kDocumentFields);

constexpr Field kFoundTextFields[] = {{"text", &kText, kRequired}};
constexpr Shape kFoundText = object(kFoundTextFields);
constexpr Shape kFoundTexts = list(kFoundText);
constexpr Field kSearchResultFields[] = {{"source", &kText, kRequired},
                                         {"title", &kText, kRequired},
                                         {"content", &kFoundTexts, kRequired},
                                         {"citations", &kEnabled}};
constexpr Shape kSearchResult = object(kSearchResultFields);

// ---- tools ----

constexpr Shape kId = sized_text(1, 64);
constexpr Shape kName = sized_text(1, 64);
constexpr std::string_view kToolUseTypes[] = {"server_tool_use"};
constexpr Shape kToolUseType = one_of(kToolUseTypes);
constexpr Field kToolUseFields[] = {{"toolUseId", &kId, kRequired},
                                    {"name", &kName, kRequired},
                                    {"input", &kAnything, kRequired},
                                    {"type", &kToolUseType}};
constexpr Shape kToolUse = object(kToolUseFields);

constexpr Field kResultPartFields[] = {{"document", &kDocument},         {"image", &kImage}, {"json", &kAnything},
                                       {"searchResult", &kSearchResult}, {"text", &kText},   {"video", &kVideo}};
constexpr Shape kResultPart = one_member(kResultPartFields);
constexpr Shape kResultParts = list(kResultPart);
constexpr std::string_view kResultStatuses[] = {"error", "success"};
constexpr Shape kResultStatus = one_of(kResultStatuses);
constexpr Field kToolResultFields[] = {{"toolUseId", &kId, kRequired},
                                       {"content", &kResultParts, kRequired},
                                       {"status", &kResultStatus},
                                       {"type", &kText}};
constexpr Shape kToolResult = object(kToolResultFields);

constexpr Field kToolReferenceFields[] = {{"type", &kText}, {"name", &kText}, {"serverName", &kText}};
constexpr Shape kToolReference = object(kToolReferenceFields);
constexpr Field kToolChangeFields[] = {{"tool", &kToolReference, kRequired}};
constexpr Shape kToolChange = object(kToolChangeFields);

// ---- caching, reasoning, citations, guardrails ----

constexpr std::string_view kCachePointTypes[] = {"default"};
constexpr Shape kCachePointType = one_of(kCachePointTypes);
constexpr std::string_view kCacheTtls[] = {"5m", "1h"};
constexpr Shape kCacheTtl = one_of(kCacheTtls);
constexpr Field kCachePointFields[] = {{"type", &kCachePointType, kRequired}, {"ttl", &kCacheTtl}};
constexpr Shape kCachePoint = object(kCachePointFields);

constexpr Field kReasoningTextFields[] = {{"text", &kText, kRequired}, {"signature", &kText}};
constexpr Shape kReasoningText = object(kReasoningTextFields);
constexpr Field kReasoningFields[] = {{"reasoningText", &kReasoningText}, {"redactedContent", &kText}};
constexpr Shape kReasoning = one_member(kReasoningFields);

constexpr Shape kCount = integer(0, kInfinity, Null::kRefused);
constexpr Field kDocumentSpanFields[] = {{"documentIndex", &kCount}, {"start", &kCount}, {"end", &kCount}};
constexpr Shape kDocumentSpan = object(kDocumentSpanFields);
constexpr Field kResultSpanFields[] = {{"searchResultIndex", &kCount}, {"start", &kCount}, {"end", &kCount}};
constexpr Shape kResultSpan = object(kResultSpanFields);
constexpr Field kWebFields[] = {{"url", &kText}, {"domain", &kText}};
constexpr Shape kWeb = object(kWebFields);
constexpr Field kLocationFields[] = {{"documentChar", &kDocumentSpan},
                                     {"documentChunk", &kDocumentSpan},
                                     {"documentPage", &kDocumentSpan},
                                     {"searchResultLocation", &kResultSpan},
                                     {"web", &kWeb}};
constexpr Shape kLocation = one_member(kLocationFields);
constexpr Field kCitationFields[] = {
    {"title", &kText}, {"source", &kText}, {"sourceContent", &kTextMembers}, {"location", &kLocation}};
constexpr Shape kCitation = object(kCitationFields);
constexpr Shape kCitations = list(kCitation);
constexpr Field kCitedFields[] = {{"content", &kTextMembers}, {"citations", &kCitations}};
constexpr Shape kCited = object(kCitedFields);

constexpr std::string_view kQualifiers[] = {"grounding_source", "guard_content", "query"};
constexpr Shape kQualifier = one_of(kQualifiers);
constexpr Shape kQualifierList = list(kQualifier);
constexpr Field kGuardTextFields[] = {{"text", &kText, kRequired}, {"qualifiers", &kQualifierList}};
constexpr Shape kGuardText = object(kGuardTextFields);
constexpr std::string_view kGuardImageFormats[] = {"jpeg", "png"};
constexpr Shape kGuardImageFormat = one_of(kGuardImageFormats);
constexpr Field kBytesFields[] = {{"bytes", &kSomeText}};
constexpr Shape kBytes = one_member(kBytesFields);
constexpr Field kGuardImageFields[] = {{"format", &kGuardImageFormat, kRequired}, {"source", &kBytes, kRequired}};
constexpr Shape kGuardImage = object(kGuardImageFields);
constexpr Field kGuardFields[] = {{"image", &kGuardImage}, {"text", &kGuardText}};
constexpr Shape kGuard = one_member(kGuardFields);

// ---- messages ----

constexpr Field kBlockFields[] = {
    {"audio", &kAudio},
    {"cachePoint", &kCachePoint},
    {"citationsContent", &kCited},
    {"document", &kDocument},
    {"guardContent", &kGuard},
    {"image", &kImage},
    {"reasoningContent", &kReasoning},
    {"searchResult", &kSearchResult},
    {"text", &kText},
    {"toolAddition", &kToolChange},
    {"toolRemoval", &kToolChange},
    {"toolResult", &kToolResult},
    {"toolUse", &kToolUse},
    {"video", &kVideo},
};
constexpr Shape kBlock = one_member(kBlockFields);
constexpr Shape kBlocks = list(kBlock);
constexpr std::string_view kRoles[] = {"assistant", "system", "user"};
constexpr Shape kRole = one_of(kRoles);
constexpr Field kMessageFields[] = {{"role", &kRole, kRequired}, {"content", &kBlocks, kRequired}};
constexpr Shape kMessage = object(kMessageFields);
constexpr Shape kMessages = list(kMessage);

constexpr Field kSystemFields[] = {{"cachePoint", &kCachePoint}, {"guardContent", &kGuard}, {"text", &kText}};
constexpr Shape kSystemBlock = one_member(kSystemFields);
constexpr Shape kSystem = list(kSystemBlock);

// ---- tools a model may call ----

constexpr Field kInputSchemaFields[] = {{"json", &kAnything}};
constexpr Shape kInputSchema = one_member(kInputSchemaFields);
constexpr Field kToolSpecFields[] = {{"name", &kName, kRequired},
                                     {"description", &kSomeText},
                                     {"inputSchema", &kInputSchema, kRequired},
                                     {"strict", &kBool}};
constexpr Shape kToolSpec = object(kToolSpecFields);
constexpr Field kNamedFields[] = {{"name", &kName, kRequired}};
constexpr Shape kNamed = object(kNamedFields);
constexpr Field kToolFields[] = {{"cachePoint", &kCachePoint}, {"systemTool", &kNamed}, {"toolSpec", &kToolSpec}};
constexpr Shape kTool = one_member(kToolFields);
constexpr Shape kTools = list(kTool, 1);
constexpr Shape kNothing = object(std::span<const Field>());
constexpr Field kToolChoiceFields[] = {{"any", &kNothing}, {"auto", &kNothing}, {"tool", &kNamed}};
constexpr Shape kToolChoice = one_member(kToolChoiceFields);
constexpr Field kToolConfigFields[] = {{"tools", &kTools, kRequired}, {"toolChoice", &kToolChoice}};
constexpr Shape kToolConfig = object(kToolConfigFields);

// ---- settings ----

constexpr Shape kMaxTokens = integer(1, kInfinity, Null::kRefused);
constexpr Shape kFraction = number(0, 1, Null::kRefused);
constexpr Shape kStopSequences = list(kSomeText, 0, 2500);
constexpr Field kInferenceFields[] = {
    {"maxTokens", &kMaxTokens}, {"temperature", &kFraction}, {"topP", &kFraction}, {"stopSequences", &kStopSequences}};
constexpr Shape kInference = object(kInferenceFields);

constexpr std::string_view kTraces[] = {"disabled", "enabled", "enabled_full"};
constexpr Shape kTrace = one_of(kTraces);
constexpr std::string_view kProcessingModes[] = {"async", "sync"};
constexpr Shape kProcessingMode = one_of(kProcessingModes);
constexpr Shape kGuardrailId = sized_text(0, 2048);
constexpr Field kGuardrailFields[] = {
    {"guardrailIdentifier", &kGuardrailId}, {"guardrailVersion", &kText}, {"trace", &kTrace}};
constexpr Shape kGuardrail = object(kGuardrailFields);
constexpr Field kStreamGuardrailFields[] = {{"guardrailIdentifier", &kGuardrailId},
                                            {"guardrailVersion", &kText},
                                            {"trace", &kTrace},
                                            {"streamProcessingMode", &kProcessingMode}};
constexpr Shape kStreamGuardrail = object(kStreamGuardrailFields);

constexpr Shape kVariables = map(kTextMember);
constexpr Shape kPointer = sized_text(1, 256);
constexpr Shape kPointers = list(kPointer, 0, 10);
constexpr Shape kMetadataValue = sized_text(0, 256);
constexpr Shape kMetadata = map(kMetadataValue, 16);
constexpr std::string_view kLatencies[] = {"optimized", "standard"};
constexpr Shape kLatency = one_of(kLatencies);
constexpr Field kPerformanceFields[] = {{"latency", &kLatency}};
constexpr Shape kPerformance = object(kPerformanceFields);
constexpr std::string_view kTiers[] = {"default", "flex", "priority", "reserved"};
constexpr Shape kTier = one_of(kTiers);
constexpr Field kServiceTierFields[] = {{"type", &kTier, kRequired}};
constexpr Shape kServiceTier = object(kServiceTierFields);

constexpr Field kJsonSchemaFields[] = {{"schema", &kSomeText, kRequired}, {"name", &kText}, {"description", &kText}};
constexpr Shape kJsonSchema = object(kJsonSchemaFields);
constexpr Field kStructureFields[] = {{"jsonSchema", &kJsonSchema}};
constexpr Shape kStructure = one_member(kStructureFields);
constexpr std::string_view kTextFormats[] = {"json_schema"};
constexpr Shape kTextFormatType = one_of(kTextFormats);
constexpr Field kTextFormatFields[] = {{"type", &kTextFormatType, kRequired}, {"structure", &kStructure, kRequired}};
constexpr Shape kTextFormat = object(kTextFormatFields);
constexpr Field kOutputFields[] = {{"textFormat", &kTextFormat}, {"effort", &kSomeText}};
constexpr Shape kOutput = object(kOutputFields);

// ---- the request ----

constexpr auto fields_of(const Shape& guardrail) {
  return std::to_array<Field>({{"messages", &kMessages},
                               {"system", &kSystem},
                               {"inferenceConfig", &kInference},
                               {"toolConfig", &kToolConfig},
                               {"guardrailConfig", &guardrail},
                               {"additionalModelRequestFields", &kAnyObject},
                               {"promptVariables", &kVariables},
                               {"additionalModelResponseFieldPaths", &kPointers},
                               {"requestMetadata", &kMetadata},
                               {"performanceConfig", &kPerformance},
                               {"serviceTier", &kServiceTier},
                               {"outputConfig", &kOutput}});
}
constexpr auto kWholeFields = fields_of(kGuardrail);
constexpr Shape kWhole = object(kWholeFields);
constexpr auto kStreamFields = fields_of(kStreamGuardrail);
constexpr Shape kStream = object(kStreamFields);

// ---- the request to count tokens ----

constexpr Field kCountedFields[] = {{"messages", &kMessages},
                                    {"system", &kSystem},
                                    {"toolConfig", &kToolConfig},
                                    {"additionalModelRequestFields", &kAnyObject}};
constexpr Shape kCounted = object(kCountedFields);
constexpr Field kInvokedFields[] = {{"body", &kSomeText, kRequired}};
constexpr Shape kInvoked = object(kInvokedFields);
constexpr Field kInputFields[] = {{"converse", &kCounted}, {"invokeModel", &kInvoked}};
constexpr Shape kInput = one_member(kInputFields);
constexpr Field kCountTokensFields[] = {{"input", &kInput, kRequired}};
constexpr Shape kCountTokens = object(kCountTokensFields);

Problem wrong_union(const Shape& shape, const std::string& path) {
  std::string known;
  for (const Field& field : shape.fields) known += fmt::format("{}{}", known.empty() ? "" : ", ", field.name);
  return {"The object at ", path, fmt::format(" must set exactly one of the following keys: {}.", known), "rule"};
}

}  // namespace

const Shape& count_tokens_shape() {
  return kCountTokens;
}

const Shape& converse_shape(bool stream) {
  return stream ? kStream : kWhole;
}

std::optional<Problem> check_unions(const boost::json::value& value, const Shape& shape, const std::string& path) {
  if (value.is_array() && shape.item) {
    std::size_t index = 0;
    for (const auto& item : value.get_array()) {
      if (auto problem = check_unions(item, *shape.item, fmt::format("{}[{}]", path, index++))) return problem;
    }
  }
  if (!value.is_object()) return std::nullopt;
  const auto& members = value.get_object();
  if (shape.expected == kOneMember && members.size() != 1) return wrong_union(shape, path);
  for (const auto& member : members) {
    const std::string inner =
        path.empty() ? std::string(member.key()) : fmt::format("{}.{}", path, std::string_view(member.key()));
    auto field = std::ranges::find(shape.fields, std::string_view(member.key()), &Field::name);
    const Shape* next = field != shape.fields.end() ? field->shape : shape.item;
    if (!next) continue;
    if (auto problem = check_unions(member.value(), *next, inner)) return problem;
  }
  return std::nullopt;
}

}  // namespace sluice::sim
