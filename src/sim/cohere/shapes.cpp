#include "sim/cohere/shapes.h"

#include "sim/shape_words.h"

namespace sluice::sim {

namespace {

// ---- content ----

constexpr Field kTextFields[] = {{"type", &kText, kRequired}, {"text", &kText, kRequired}};
constexpr Shape kTextPart = object(kTextFields);
constexpr Field kThinkingFields[] = {{"type", &kText, kRequired}, {"thinking", &kText, kRequired}};
constexpr Shape kThinkingPart = object(kThinkingFields);
constexpr std::string_view kDetails[] = {"auto", "low", "high"};
constexpr Shape kDetail = one_of(kDetails);
constexpr Field kImageUrlFields[] = {{"url", &kSomeText, kRequired}, {"detail", &kDetail}};
constexpr Shape kImageUrl = object(kImageUrlFields);
constexpr Field kImageFields[] = {{"type", &kText, kRequired}, {"image_url", &kImageUrl, kRequired}};
constexpr Shape kImagePart = object(kImageFields);
constexpr Field kDocumentFields[] = {{"data", &kAnyObject, kRequired}, {"id", &kText}};
constexpr Shape kDocument = object(kDocumentFields);
constexpr Field kDocumentPartFields[] = {{"type", &kText, kRequired}, {"document", &kDocument, kRequired}};
constexpr Shape kDocumentPart = object(kDocumentPartFields);

constexpr std::string_view kExpected = "one of a string or an array of objects";
constexpr Variant kSystemParts[] = {{"text", &kTextPart}};
constexpr Variant kUserParts[] = {{"text", &kTextPart}, {"image_url", &kImagePart}};
constexpr Variant kAssistantParts[] = {{"text", &kTextPart}, {"thinking", &kThinkingPart}};
constexpr Variant kToolParts[] = {{"text", &kTextPart}, {"document", &kDocumentPart}};
constexpr Shape kSystemPart = by_tag("type", kSystemParts, "an object");
constexpr Shape kUserPart = by_tag("type", kUserParts, "an object");
constexpr Shape kAssistantPart = by_tag("type", kAssistantParts, "an object");
constexpr Shape kToolPart = by_tag("type", kToolParts, "an object");
constexpr Shape kSystemList = list(kSystemPart);
constexpr Shape kUserList = list(kUserPart);
constexpr Shape kAssistantList = list(kAssistantPart);
constexpr Shape kToolList = list(kToolPart);
constexpr const Shape* kSystemChoices[] = {&kText, &kSystemList};
constexpr const Shape* kUserChoices[] = {&kText, &kUserList};
constexpr const Shape* kAssistantChoices[] = {&kText, &kAssistantList};
constexpr const Shape* kToolChoices[] = {&kText, &kToolList};
constexpr Shape kSystemContent = any_of(kSystemChoices, kExpected);
constexpr Shape kUserContent = any_of(kUserChoices, kExpected);
constexpr Shape kAssistantContent = any_of(kAssistantChoices, kExpected, Null::kAllowed);
constexpr Shape kToolContent = any_of(kToolChoices, kExpected);

// ---- messages ----

constexpr Field kSystemFields[] = {{"role", &kText, kRequired}, {"content", &kSystemContent, kRequired}};
constexpr Shape kSystemMessage = object(kSystemFields);
constexpr Field kUserFields[] = {{"role", &kText, kRequired}, {"content", &kUserContent, kRequired}};
constexpr Shape kUserMessage = object(kUserFields);

constexpr std::string_view kFunctionNames[] = {"function"};
constexpr Shape kFunctionType = one_of(kFunctionNames);
constexpr Field kCalledFields[] = {{"name", &kSomeText, kRequired}, {"arguments", &kText, kRequired}};
constexpr Shape kCalled = object(kCalledFields);
constexpr Field kCallFields[] = {
    {"id", &kSomeText, kRequired}, {"type", &kFunctionType, kRequired}, {"function", &kCalled, kRequired}};
constexpr Shape kCall = object(kCallFields);
constexpr Shape kCalls = list(kCall, 0, 1 << 20, Null::kAllowed);

constexpr Shape kPosition = integer(0, kInfinity, Null::kRefused);
constexpr Field kToolSourceFields[] = {{"type", &kText, kRequired}, {"id", &kText}, {"tool_output", &kAnyObject}};
constexpr Shape kToolSource = object(kToolSourceFields);
constexpr Field kDocumentSourceFields[] = {{"type", &kText, kRequired}, {"id", &kText}, {"document", &kAnyObject}};
constexpr Shape kDocumentSource = object(kDocumentSourceFields);
constexpr Variant kSources[] = {{"tool", &kToolSource}, {"document", &kDocumentSource}};
constexpr Shape kSource = by_tag("type", kSources, "an object");
constexpr Shape kSourceList = list(kSource);
constexpr std::string_view kCitationTypes[] = {"TEXT_CONTENT", "THINKING_CONTENT", "PLAN"};
constexpr Shape kCitationType = one_of(kCitationTypes);
constexpr Field kCitationFields[] = {
    {"start", &kPosition},     {"end", &kPosition},           {"text", &kText},
    {"sources", &kSourceList}, {"content_index", &kPosition}, {"type", &kCitationType}};
constexpr Shape kCitation = object(kCitationFields);
constexpr Shape kCitations = list(kCitation, 0, 1 << 20, Null::kAllowed);

constexpr Field kAssistantFields[] = {{"role", &kText, kRequired},
                                      {"content", &kAssistantContent},
                                      {"tool_calls", &kCalls},
                                      {"tool_plan", &kTextOrNull},
                                      {"citations", &kCitations}};
constexpr Shape kAssistantMessage = object(kAssistantFields);
constexpr Field kToolFields[] = {
    {"role", &kText, kRequired}, {"tool_call_id", &kSomeText, kRequired}, {"content", &kToolContent, kRequired}};
constexpr Shape kToolMessage = object(kToolFields);

constexpr Variant kRoles[] = {
    {"user", &kUserMessage}, {"assistant", &kAssistantMessage}, {"system", &kSystemMessage}, {"tool", &kToolMessage}};
constexpr Shape kMessage = by_tag("role", kRoles, "an object");
constexpr Shape kMessages = list(kMessage);

// ---- settings of chat ----

constexpr Field kFunctionFields[] = {
    {"name", &kSomeText, kRequired}, {"description", &kText}, {"parameters", &kAnyObject, kRequired}};
constexpr Shape kFunction = object(kFunctionFields);
constexpr Field kToolSpecFields[] = {{"type", &kFunctionType, kRequired}, {"function", &kFunction, kRequired}};
constexpr Shape kToolSpec = object(kToolSpecFields);
constexpr Shape kTools = list(kToolSpec);
constexpr std::string_view kToolChoiceNames[] = {"REQUIRED", "NONE"};
constexpr Shape kToolChoice = one_of(kToolChoiceNames);

constexpr const Shape* kDocumentChoices[] = {&kText, &kDocument};
constexpr Shape kTextOrDocument = any_of(kDocumentChoices, "one of a string or an object");
constexpr Shape kDocuments = list(kTextOrDocument);
constexpr std::string_view kCitationModes[] = {"ENABLED", "DISABLED", "FAST", "ACCURATE", "OFF"};
constexpr Shape kCitationMode = one_of(kCitationModes);
constexpr Field kCitationOptionFields[] = {{"mode", &kCitationMode}};
constexpr Shape kCitationOptions = object(kCitationOptionFields);

constexpr Field kTextFormatFields[] = {{"type", &kText, kRequired}};
constexpr Shape kTextFormat = object(kTextFormatFields);
constexpr Field kJsonFormatFields[] = {{"type", &kText, kRequired}, {"json_schema", &kAnyObject}};
constexpr Shape kJsonFormat = object(kJsonFormatFields);
constexpr Variant kFormats[] = {{"text", &kTextFormat}, {"json_object", &kJsonFormat}};
constexpr Shape kFormat = by_tag("type", kFormats, "an object");

constexpr std::string_view kSafetyModes[] = {"CONTEXTUAL", "STRICT", "OFF"};
constexpr Shape kSafetyMode = one_of(kSafetyModes);
constexpr Shape kCap = integer(0, kInfinity, Null::kRefused);
constexpr Shape kStops = list(kText, 0, 5);
constexpr Shape kFraction = number(0, 1, Null::kRefused);
constexpr Shape kSeed = integer(0, 18446744073709551615.0, Null::kRefused);
constexpr Shape kTopK = integer(0, 500, Null::kRefused);
constexpr Shape kTopP = number(0.01, 0.99, Null::kRefused);
constexpr Shape kPriority = integer(0, 999, Null::kRefused);
constexpr Shape kBudget = integer(1, kInfinity, Null::kRefused);
constexpr std::string_view kThinkingTypes[] = {"enabled", "disabled"};
constexpr Shape kThinkingType = one_of(kThinkingTypes);
constexpr Field kThinkingOptionFields[] = {{"type", &kThinkingType, kRequired}, {"token_budget", &kBudget}};
constexpr Shape kThinkingOptions = object(kThinkingOptionFields);

constexpr Field kChatFields[] = {
    {"stream", &kBool},
    {"model", &kSomeText, kRequired},
    {"messages", &kMessages, kRequired},
    {"tools", &kTools},
    {"strict_tools", &kBool},
    {"documents", &kDocuments},
    {"citation_options", &kCitationOptions},
    {"response_format", &kFormat},
    {"safety_mode", &kSafetyMode},
    {"max_tokens", &kCap},
    {"stop_sequences", &kStops},
    {"temperature", &kFraction},
    {"seed", &kSeed},
    {"frequency_penalty", &kFraction},
    {"presence_penalty", &kFraction},
    {"k", &kTopK},
    {"p", &kTopP},
    {"logprobs", &kBool},
    {"tool_choice", &kToolChoice},
    {"thinking", &kThinkingOptions},
    {"priority", &kPriority},
};
constexpr Shape kChat = object(kChatFields);

// ---- embeddings and reranking ----

constexpr Field kEmbedUrlFields[] = {{"url", &kSomeText, kRequired}};
constexpr Shape kEmbedUrl = object(kEmbedUrlFields);
constexpr Field kEmbedImageFields[] = {{"type", &kText, kRequired}, {"image_url", &kEmbedUrl, kRequired}};
constexpr Shape kEmbedImage = object(kEmbedImageFields);
constexpr Variant kEmbedParts[] = {{"text", &kTextPart}, {"image_url", &kEmbedImage}};
constexpr Shape kEmbedPart = by_tag("type", kEmbedParts, "an object");
constexpr Shape kEmbedContent = list(kEmbedPart, 1);
constexpr Field kEmbedInputFields[] = {{"content", &kEmbedContent, kRequired}};
constexpr Shape kEmbedInput = object(kEmbedInputFields);
constexpr Shape kEmbedInputs = list(kEmbedInput, 1, 96);
constexpr Shape kEmbedTexts = list(kText, 1, 96);
constexpr Shape kEmbedImages = list(kSomeText, 1, 1);
constexpr std::string_view kInputTypes[] = {"search_document", "search_query", "classification", "clustering", "image"};
constexpr Shape kInputType = one_of(kInputTypes);
constexpr std::string_view kEmbeddingTypes[] = {"float", "int8", "uint8", "binary", "ubinary", "base64"};
constexpr Shape kEmbeddingType = one_of(kEmbeddingTypes);
constexpr Shape kEmbeddingTypeList = list(kEmbeddingType, 1);
constexpr std::string_view kTruncates[] = {"NONE", "START", "END"};
constexpr Shape kTruncate = one_of(kTruncates);
constexpr Field kEmbedFields[] = {
    {"texts", &kEmbedTexts},          {"images", &kEmbedImages},
    {"model", &kSomeText, kRequired}, {"input_type", &kInputType, kRequired},
    {"inputs", &kEmbedInputs},        {"max_tokens", &kCap},
    {"output_dimension", &kCap},      {"embedding_types", &kEmbeddingTypeList},
    {"truncate", &kTruncate},         {"priority", &kPriority},
};
constexpr Shape kEmbed = object(kEmbedFields);

constexpr Shape kTexts = list(kText, 1);
constexpr Shape kAtLeastOne = integer(1, kInfinity, Null::kRefused);
constexpr Field kRerankFields[] = {
    {"model", &kSomeText, kRequired}, {"query", &kSomeText, kRequired},     {"documents", &kTexts, kRequired},
    {"top_n", &kAtLeastOne},          {"max_tokens_per_doc", &kAtLeastOne}, {"priority", &kPriority},
};
constexpr Shape kRerank = object(kRerankFields);

constexpr Shape kTextMap = map(kText);
constexpr const Shape* kFirstDocumentChoices[] = {&kText, &kTextMap};
constexpr Shape kFirstDocument = any_of(kFirstDocumentChoices, "one of a string or an object");
constexpr Shape kFirstDocuments = list(kFirstDocument, 1);
constexpr Field kFirstRerankFields[] = {
    {"model", &kSomeText},
    {"query", &kSomeText, kRequired},
    {"documents", &kFirstDocuments, kRequired},
    {"top_n", &kAtLeastOne},
    {"rank_fields", &kTexts},
    {"return_documents", &kBool},
    {"max_chunks_per_doc", &kAtLeastOne},
};
constexpr Shape kFirstRerank = object(kFirstRerankFields);

}  // namespace

const Shape* cohere_shape(const Place& place) {
  switch (place.endpoint) {
    case Endpoint::kChat:
      return &kChat;
    case Endpoint::kEmbeddings:
      return &kEmbed;
    case Endpoint::kRerank:
      return place.id == kFirstVersion ? &kFirstRerank : &kRerank;
    default:
      return nullptr;
  }
}

}  // namespace sluice::sim
