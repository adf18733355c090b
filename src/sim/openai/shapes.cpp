// check: allow file-sizes because it is one table
#include "sim/openai/shapes.h"

#include <array>

#include "sim/shape_words.h"

namespace sluice::sim {

namespace {

constexpr Shape kCap = integer(1, kInfinity);
constexpr Shape kToolName{.type = Type::kString, .min_size = 1, .max_size = 64};

// ---- content parts ----

constexpr std::string_view kExplicitNames[] = {"explicit"};
constexpr Shape kExplicit = one_of(kExplicitNames);
constexpr std::string_view kBreakpointTtlNames[] = {"30m", "12h"};
constexpr Shape kBreakpointTtl = one_of(kBreakpointTtlNames);
constexpr Field kBreakpointFields[] = {{"mode", &kExplicit, kRequired}, {"ttl", &kBreakpointTtl}};
constexpr Shape kBreakpoint = object(kBreakpointFields);

constexpr Field kTextPartFields[] = {
    {"type", &kText, kRequired}, {"text", &kText, kRequired}, {"prompt_cache_breakpoint", &kBreakpoint}};
constexpr Shape kTextPart = object(kTextPartFields);

constexpr Field kRefusalPartFields[] = {{"type", &kText, kRequired}, {"refusal", &kText, kRequired}};
constexpr Shape kRefusalPart = object(kRefusalPartFields);

constexpr std::string_view kDetailNames[] = {"auto", "low", "high", "original"};
constexpr Shape kDetail = one_of(kDetailNames);
constexpr Field kImageUrlFields[] = {{"url", &kSomeText, kRequired}, {"detail", &kDetail}};
constexpr Shape kImageUrl = object(kImageUrlFields);
constexpr Field kImagePartFields[] = {
    {"type", &kText, kRequired}, {"image_url", &kImageUrl, kRequired}, {"prompt_cache_breakpoint", &kBreakpoint}};
constexpr Shape kImagePart = object(kImagePartFields);

constexpr std::string_view kInputAudioFormatNames[] = {"wav", "mp3"};
constexpr Shape kInputAudioFormat = one_of(kInputAudioFormatNames);
constexpr Field kInputAudioFields[] = {{"data", &kText, kRequired}, {"format", &kInputAudioFormat, kRequired}};
constexpr Shape kInputAudio = object(kInputAudioFields);
constexpr Field kAudioPartFields[] = {
    {"type", &kText, kRequired}, {"input_audio", &kInputAudio, kRequired}, {"prompt_cache_breakpoint", &kBreakpoint}};
constexpr Shape kAudioPart = object(kAudioPartFields);

constexpr Field kFileFields[] = {{"file_data", &kText}, {"file_id", &kText}, {"filename", &kText}};
constexpr Shape kFile = object(kFileFields);
constexpr Field kFilePartFields[] = {
    {"type", &kText, kRequired}, {"file", &kFile, kRequired}, {"prompt_cache_breakpoint", &kBreakpoint}};
constexpr Shape kFilePart = object(kFilePartFields);

constexpr Variant kTextParts[] = {{"text", &kTextPart}};
constexpr Variant kUserParts[] = {
    {"text", &kTextPart}, {"image_url", &kImagePart}, {"input_audio", &kAudioPart}, {"file", &kFilePart}};
constexpr Variant kAssistantParts[] = {{"text", &kTextPart}, {"refusal", &kRefusalPart}};
constexpr Shape kTextPartOnly = by_tag("type", kTextParts, "an object");
constexpr Shape kUserPart = by_tag("type", kUserParts, "an object");
constexpr Shape kAssistantPart = by_tag("type", kAssistantParts, "an object");
constexpr Shape kTextPartList = list(kTextPartOnly, 1);
constexpr Shape kUserPartList = list(kUserPart, 1);
constexpr Shape kAssistantPartList = list(kAssistantPart, 1);

constexpr std::string_view kContentExpected = "one of a string or array of objects";
constexpr const Shape* kTextContentChoices[] = {&kText, &kTextPartList};
constexpr const Shape* kUserContentChoices[] = {&kText, &kUserPartList};
constexpr const Shape* kAssistantContentChoices[] = {&kText, &kAssistantPartList};
constexpr Shape kTextContent = any_of(kTextContentChoices, kContentExpected);
constexpr Shape kUserContent = any_of(kUserContentChoices, kContentExpected);
constexpr Shape kAssistantContent = any_of(kAssistantContentChoices, kContentExpected, Null::kAllowed);

// ---- messages ----

constexpr Field kSystemFields[] = {
    {"role", &kText, kRequired}, {"content", &kTextContent, kRequired}, {"name", &kText}};
constexpr Shape kSystemMessage = object(kSystemFields);
constexpr Field kUserFields[] = {{"role", &kText, kRequired}, {"content", &kUserContent, kRequired}, {"name", &kText}};
constexpr Shape kUserMessage = object(kUserFields);

constexpr Field kCalledFields[] = {{"name", &kText, kRequired}, {"arguments", &kText, kRequired}};
constexpr Shape kCalled = object(kCalledFields);
constexpr Shape kCalledOrNull = object(kCalledFields, Null::kAllowed);
constexpr Field kCalledCustomFields[] = {{"name", &kText, kRequired}, {"input", &kText, kRequired}};
constexpr Shape kCalledCustom = object(kCalledCustomFields);
constexpr Field kFunctionCallFields[] = {
    {"id", &kText, kRequired}, {"type", &kText, kRequired}, {"function", &kCalled, kRequired}};
constexpr Shape kFunctionCall = object(kFunctionCallFields);
constexpr Field kCustomCallFields[] = {
    {"id", &kText, kRequired}, {"type", &kText, kRequired}, {"custom", &kCalledCustom, kRequired}};
constexpr Shape kCustomCall = object(kCustomCallFields);
constexpr Variant kCallVariants[] = {{"function", &kFunctionCall}, {"custom", &kCustomCall}};
constexpr Shape kCall = by_tag("type", kCallVariants, "an object");
constexpr Shape kCallList = list(kCall, 1, 128);

constexpr Field kAudioIdFields[] = {{"id", &kText, kRequired}};
constexpr Shape kAudioId = object(kAudioIdFields, Null::kAllowed);
constexpr Shape kAnyList = list(kAnything);

// `annotations` and `reasoning_content` are parts of answers: a client that sends a whole message back is right.
constexpr Field kAssistantFields[] = {
    {"role", &kText, kRequired},
    {"content", &kAssistantContent},
    {"refusal", &kTextOrNull},
    {"tool_calls", &kCallList},
    {"audio", &kAudioId},
    {"function_call", &kCalledOrNull},
    {"name", &kText},
    {"annotations", &kAnyList},
    {"reasoning_content", &kTextOrNull},
};
constexpr Shape kAssistantMessage = object(kAssistantFields);
constexpr Field kToolFields[] = {
    {"role", &kText, kRequired}, {"content", &kTextContent, kRequired}, {"tool_call_id", &kText, kRequired}};
constexpr Shape kToolMessage = object(kToolFields);
constexpr Field kFunctionFields[] = {
    {"role", &kText, kRequired}, {"content", &kTextOrNull, kRequired}, {"name", &kText, kRequired}};
constexpr Shape kFunctionMessage = object(kFunctionFields);

constexpr Variant kRoles[] = {
    {"system", &kSystemMessage},       {"developer", &kSystemMessage}, {"user", &kUserMessage},
    {"assistant", &kAssistantMessage}, {"tool", &kToolMessage},        {"function", &kFunctionMessage},
};
constexpr Shape kMessage = by_tag("role", kRoles, "an object");
constexpr Shape kMessages{.type = Type::kArray, .min_size = 1, .item = &kMessage, .expected = "an array of objects"};

// ---- tools ----

constexpr Field kDefinitionFields[] = {
    {"name", &kToolName, kRequired}, {"description", &kText}, {"parameters", &kAnyObject}, {"strict", &kBoolOrNull}};
constexpr Shape kDefinition = object(kDefinitionFields);
constexpr Field kLegacyDefinitionFields[] = {
    {"name", &kToolName, kRequired}, {"description", &kText}, {"parameters", &kAnyObject}};
constexpr Shape kLegacyDefinition = object(kLegacyDefinitionFields);
constexpr Shape kLegacyDefinitions = list(kLegacyDefinition, 1, 128);
constexpr Field kFunctionToolFields[] = {{"type", &kText, kRequired}, {"function", &kDefinition, kRequired}};
constexpr Shape kFunctionTool = object(kFunctionToolFields);

constexpr std::string_view kSyntaxNames[] = {"lark", "regex"};
constexpr Shape kSyntax = one_of(kSyntaxNames);
constexpr Field kGrammarFields[] = {{"definition", &kText, kRequired}, {"syntax", &kSyntax, kRequired}};
constexpr Shape kGrammar = object(kGrammarFields);
constexpr Field kTypeOnlyFields[] = {{"type", &kText, kRequired}};
constexpr Shape kTypeOnly = object(kTypeOnlyFields);
constexpr Field kGrammarFormatFields[] = {{"type", &kText, kRequired}, {"grammar", &kGrammar, kRequired}};
constexpr Shape kGrammarFormat = object(kGrammarFormatFields);
constexpr Variant kCustomFormats[] = {{"text", &kTypeOnly}, {"grammar", &kGrammarFormat}};
constexpr Shape kCustomFormat = by_tag("type", kCustomFormats, "an object");
constexpr Field kCustomFields[] = {
    {"name", &kToolName, kRequired}, {"description", &kText}, {"format", &kCustomFormat}};
constexpr Shape kCustom = object(kCustomFields);
constexpr Field kCustomToolFields[] = {{"type", &kText, kRequired}, {"custom", &kCustom, kRequired}};
constexpr Shape kCustomTool = object(kCustomToolFields);
constexpr Variant kToolVariants[] = {{"function", &kFunctionTool}, {"custom", &kCustomTool}};
constexpr Shape kTool = by_tag("type", kToolVariants, "an object");
constexpr Shape kTools = list(kTool, 1, 128);

constexpr Field kNameFields[] = {{"name", &kText, kRequired}};
constexpr Shape kName = object(kNameFields);
constexpr Field kNamedFunctionFields[] = {{"type", &kText, kRequired}, {"function", &kName, kRequired}};
constexpr Shape kNamedFunction = object(kNamedFunctionFields);
constexpr Field kNamedCustomFields[] = {{"type", &kText, kRequired}, {"custom", &kName, kRequired}};
constexpr Shape kNamedCustom = object(kNamedCustomFields);
constexpr std::string_view kAllowedModeNames[] = {"auto", "required"};
constexpr Shape kAllowedMode = one_of(kAllowedModeNames);
constexpr Shape kObjectList = list(kAnyObject);
constexpr Field kAllowedToolsFields[] = {{"mode", &kAllowedMode, kRequired}, {"tools", &kObjectList, kRequired}};
constexpr Shape kAllowedTools = object(kAllowedToolsFields);
constexpr Field kAllowedFields[] = {{"type", &kText, kRequired}, {"allowed_tools", &kAllowedTools, kRequired}};
constexpr Shape kAllowed = object(kAllowedFields);
constexpr Variant kChoiceVariants[] = {
    {"function", &kNamedFunction}, {"custom", &kNamedCustom}, {"allowed_tools", &kAllowed}};
constexpr std::string_view kChoiceNames[] = {"none", "auto", "required"};
constexpr Shape kChoiceWord = one_of(kChoiceNames);
constexpr Shape kChoiceObject = by_tag("type", kChoiceVariants, "an object");
constexpr const Shape* kChoiceChoices[] = {&kChoiceWord, &kChoiceObject};
constexpr Shape kToolChoice = any_of(kChoiceChoices, "one of a string or object");
constexpr std::string_view kLegacyChoiceNames[] = {"none", "auto"};
constexpr Shape kLegacyChoiceWord = one_of(kLegacyChoiceNames);
constexpr const Shape* kLegacyChoiceChoices[] = {&kLegacyChoiceWord, &kName};
constexpr Shape kLegacyChoice = any_of(kLegacyChoiceChoices, "one of a string or object");

// ---- the rest of a chat request ----

constexpr std::string_view kVoiceFormatNames[] = {"wav", "aac", "mp3", "flac", "opus", "pcm16"};
constexpr Shape kVoiceFormat = one_of(kVoiceFormatNames);
constexpr Field kVoiceIdFields[] = {{"id", &kText, kRequired}};
constexpr Shape kVoiceId = object(kVoiceIdFields);
constexpr const Shape* kVoiceChoices[] = {&kText, &kVoiceId};
constexpr Shape kVoice = any_of(kVoiceChoices, "one of a string or object");
constexpr Field kAudioFields[] = {{"format", &kVoiceFormat, kRequired}, {"voice", &kVoice, kRequired}};
constexpr Shape kAudio = object(kAudioFields, Null::kAllowed);

constexpr Shape kBias = number(-100, 100, Null::kRefused);
constexpr Shape kLogitBias = map(kBias, 1 << 20, Null::kAllowed);
constexpr Shape kMetadataValue{.type = Type::kString, .max_size = 512};
constexpr Shape kMetadata = map(kMetadataValue, 16, Null::kAllowed);
constexpr std::string_view kModalityNames[] = {"text", "audio"};
constexpr Shape kModality = one_of(kModalityNames);
constexpr Shape kModalities = list(kModality, 0, 2, Null::kAllowed);
constexpr std::string_view kModerationModeNames[] = {"score", "block"};
constexpr Shape kModerationMode = one_of(kModerationModeNames);
constexpr Field kModerationSideFields[] = {{"mode", &kModerationMode, kRequired}};
constexpr Shape kModerationSide = object(kModerationSideFields, Null::kAllowed);
constexpr Field kModerationPolicyFields[] = {{"input", &kModerationSide}, {"output", &kModerationSide}};
constexpr Shape kModerationPolicy = object(kModerationPolicyFields, Null::kAllowed);
constexpr Field kModerationFields[] = {{"model", &kText, kRequired}, {"policy", &kModerationPolicy}};
constexpr Shape kModeration = object(kModerationFields, Null::kAllowed);
constexpr Field kPredictionFields[] = {{"type", &kText, kRequired}, {"content", &kTextContent, kRequired}};
constexpr Shape kPrediction = object(kPredictionFields, Null::kAllowed);
constexpr std::string_view kCacheModeNames[] = {"implicit", "explicit"};
constexpr Shape kCacheMode = one_of(kCacheModeNames);
constexpr std::string_view kCacheTtlNames[] = {"30m"};
constexpr Shape kCacheTtl = one_of(kCacheTtlNames);
constexpr Field kCacheOptionFields[] = {{"mode", &kCacheMode}, {"ttl", &kCacheTtl}};
constexpr Shape kCacheOptions = object(kCacheOptionFields);
constexpr std::string_view kRetentionNames[] = {"in_memory", "in-memory", "24h"};
constexpr Shape kRetention = one_of(kRetentionNames, Null::kAllowed);
constexpr std::string_view kEffortNames[] = {"none", "minimal", "low", "medium", "high", "xhigh", "max"};
constexpr Shape kEffort = one_of(kEffortNames, Null::kAllowed);
constexpr std::string_view kVerbosityNames[] = {"low", "medium", "high"};
constexpr Shape kVerbosity = one_of(kVerbosityNames, Null::kAllowed);
constexpr Shape kSearchSize = one_of(kVerbosityNames);
constexpr std::string_view kTierNames[] = {"auto", "default", "flex", "scale", "priority", "fast"};
constexpr Shape kTier = one_of(kTierNames, Null::kAllowed);

constexpr Field kSchemaFields[] = {
    {"name", &kToolName, kRequired}, {"description", &kText}, {"schema", &kAnyObject}, {"strict", &kBoolOrNull}};
constexpr Shape kSchema = object(kSchemaFields);
constexpr Field kSchemaFormatFields[] = {{"type", &kText, kRequired}, {"json_schema", &kSchema, kRequired}};
constexpr Shape kSchemaFormat = object(kSchemaFormatFields);
constexpr Variant kFormats[] = {{"text", &kTypeOnly}, {"json_object", &kTypeOnly}, {"json_schema", &kSchemaFormat}};
constexpr Shape kResponseFormat = by_tag("type", kFormats, "an object");

constexpr Shape kStopWords = list(kText, 0, 4);
constexpr const Shape* kStopChoices[] = {&kText, &kStopWords};
constexpr Shape kStop = any_of(kStopChoices, "one of a string or array of strings", Null::kAllowed);
constexpr Field kStreamOptionFields[] = {{"include_usage", &kBool}, {"include_obfuscation", &kBool}};
constexpr Shape kStreamOptions = object(kStreamOptionFields, Null::kAllowed);
constexpr Field kApproximateFields[] = {
    {"city", &kTextOrNull}, {"country", &kTextOrNull}, {"region", &kTextOrNull}, {"timezone", &kTextOrNull}};
constexpr Shape kApproximate = object(kApproximateFields);
constexpr Field kLocationFields[] = {{"type", &kText, kRequired}, {"approximate", &kApproximate, kRequired}};
constexpr Shape kLocation = object(kLocationFields, Null::kAllowed);
constexpr Field kSearchFields[] = {{"search_context_size", &kSearchSize}, {"user_location", &kLocation}};
constexpr Shape kSearch = object(kSearchFields);
constexpr Shape kSafetyId{.type = Type::kString, .null = Null::kAllowed, .max_size = 128};

constexpr Shape kUnit = number(0, 1);
constexpr Shape kTemperature = number(0, 2);
constexpr Shape kPenalty = number(-2, 2);
constexpr Shape kChoiceCount = integer(1, 128);
constexpr Shape kTopLogprobs = integer(0, 20);

constexpr Field kChatFields[] = {
    {"messages", &kMessages, kRequired},
    {"model", &kSomeText, kRequired},
    {"audio", &kAudio},
    {"frequency_penalty", &kPenalty},
    {"function_call", &kLegacyChoice},
    {"functions", &kLegacyDefinitions},
    {"logit_bias", &kLogitBias},
    {"logprobs", &kBoolOrNull},
    {"max_completion_tokens", &kCap},
    {"max_tokens", &kCap},
    {"metadata", &kMetadata},
    {"modalities", &kModalities},
    {"moderation", &kModeration},
    {"n", &kChoiceCount},
    {"parallel_tool_calls", &kBool},
    {"prediction", &kPrediction},
    {"presence_penalty", &kPenalty},
    {"prompt_cache_key", &kTextOrNull},
    {"prompt_cache_options", &kCacheOptions},
    {"prompt_cache_retention", &kRetention},
    {"reasoning_effort", &kEffort},
    {"response_format", &kResponseFormat},
    {"safety_identifier", &kSafetyId},
    {"seed", &kWholeNumber},
    {"service_tier", &kTier},
    {"stop", &kStop},
    {"store", &kBoolOrNull},
    {"stream", &kBoolOrNull},
    {"stream_options", &kStreamOptions},
    {"temperature", &kTemperature},
    {"tool_choice", &kToolChoice},
    {"tools", &kTools},
    {"top_logprobs", &kTopLogprobs},
    {"top_p", &kUnit},
    {"user", &kText},
    {"verbosity", &kVerbosity},
    {"web_search_options", &kSearch},
};
constexpr Shape kChat = object(kChatFields);

// ---- the small endpoints ----

constexpr Shape kTokens = list(kWholeNumber, 1);
constexpr const Shape* kInputItemChoices[] = {&kText, &kWholeNumber, &kTokens};
constexpr Shape kInputItem = any_of(kInputItemChoices, "a string, a token or an array of tokens");
constexpr Shape kInputList = list(kInputItem, 1, 2048);
constexpr const Shape* kInputChoices[] = {&kText, &kInputList};
constexpr Shape kInput = any_of(kInputChoices, "one of a string or array");
constexpr Shape kPromptOrNull = any_of(kInputChoices, "one of a string or array", Null::kAllowed);

constexpr Shape kLegacyLogprobs = integer(0, 5);
constexpr Shape kBestOf = integer(1, 20);
constexpr Field kCompletionFields[] = {
    {"prompt", &kPromptOrNull, kRequired},
    {"model", &kSomeText, kRequired},
    {"best_of", &kBestOf},
    {"echo", &kBoolOrNull},
    {"frequency_penalty", &kPenalty},
    {"logit_bias", &kLogitBias},
    {"logprobs", &kLegacyLogprobs},
    {"max_tokens", &kCap},
    {"n", &kChoiceCount},
    {"presence_penalty", &kPenalty},
    {"seed", &kWholeNumber},
    {"stop", &kStop},
    {"stream", &kBoolOrNull},
    {"stream_options", &kStreamOptions},
    {"suffix", &kTextOrNull},
    {"temperature", &kTemperature},
    {"top_p", &kUnit},
    {"user", &kText},
};
constexpr Shape kCompletion = object(kCompletionFields);

constexpr std::string_view kEncodingNames[] = {"float", "base64"};
constexpr Shape kEncoding = one_of(kEncodingNames);
constexpr Shape kDimensions = integer(1, 65536, Null::kRefused);
constexpr Field kEmbeddingFields[] = {
    {"input", &kInput, kRequired},
    {"model", &kSomeText, kRequired},
    {"dimensions", &kDimensions},
    {"encoding_format", &kEncoding},
    {"user", &kText},
};
constexpr Shape kEmbedding = object(kEmbeddingFields);

constexpr Variant kModeratedParts[] = {{"text", &kTextPart}, {"image_url", &kImagePart}};
constexpr Shape kModeratedPart = by_tag("type", kModeratedParts, "an object");
constexpr const Shape* kModeratedItemChoices[] = {&kText, &kModeratedPart};
constexpr Shape kModeratedItem = any_of(kModeratedItemChoices, "one of a string or object");
constexpr Shape kModeratedList = list(kModeratedItem, 1);
constexpr const Shape* kModeratedChoices[] = {&kText, &kModeratedList};
constexpr Shape kModerated = any_of(kModeratedChoices, "one of a string or array");
constexpr Field kModerationsFields[] = {{"input", &kModerated, kRequired}, {"model", &kSomeText}};
constexpr Shape kModerations = object(kModerationsFields);

constexpr Shape kImageCount = integer(1, 10);
constexpr std::string_view kImageFormatNames[] = {"url", "b64_json"};
constexpr Shape kImageFormat = one_of(kImageFormatNames, Null::kAllowed);
constexpr Shape kPercent = integer(0, 100);
constexpr Shape kPartialImages = integer(0, 3);
constexpr Field kImageFields[] = {
    {"prompt", &kSomeText, kRequired},
    {"model", &kTextOrNull},
    {"background", &kTextOrNull},
    {"moderation", &kTextOrNull},
    {"n", &kImageCount},
    {"output_compression", &kPercent},
    {"output_format", &kTextOrNull},
    {"partial_images", &kPartialImages},
    {"quality", &kTextOrNull},
    {"response_format", &kImageFormat},
    {"size", &kTextOrNull},
    {"stream", &kBoolOrNull},
    {"style", &kTextOrNull},
    {"user", &kText},
};
constexpr Shape kImage = object(kImageFields);

constexpr std::string_view kSpeechFormatNames[] = {"mp3", "opus", "aac", "flac", "wav", "pcm"};
constexpr Shape kSpeechFormat = one_of(kSpeechFormatNames);
constexpr std::string_view kSpeechStreamNames[] = {"sse", "audio"};
constexpr Shape kSpeechStream = one_of(kSpeechStreamNames);
constexpr Shape kSpeed = number(0.25, 4, Null::kRefused);
constexpr Field kSpeechFields[] = {
    {"input", &kSomeText, kRequired},  {"voice", &kVoice, kRequired},       {"model", &kSomeText, kRequired},
    {"instructions", &kText},          {"response_format", &kSpeechFormat}, {"speed", &kSpeed},
    {"stream_format", &kSpeechStream},
};
constexpr Shape kSpeech = object(kSpeechFields);

}  // namespace

const Shape* request_shape(Endpoint endpoint) {
  switch (endpoint) {
    case Endpoint::kChat:
      return &kChat;
    case Endpoint::kCompletions:
      return &kCompletion;
    case Endpoint::kEmbeddings:
      return &kEmbedding;
    case Endpoint::kModerations:
      return &kModerations;
    case Endpoint::kImages:
      return &kImage;
    case Endpoint::kSpeech:
      return &kSpeech;
    default:
      return nullptr;
  }
}

}  // namespace sluice::sim
