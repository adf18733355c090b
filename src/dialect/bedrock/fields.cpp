#include "dialect/bedrock/fields.h"

#include <array>

namespace sluice::dialect::bedrock {

namespace {

using chat::Field;
using rows::nowhere;
using rows::own;
using rows::typed;
using rows::value;
using enum chat::Unplaced;

constexpr FieldRow message(std::string_view path, std::string_view note = {}) {
  return typed(path, Field::kMessages, note);
}

constexpr std::string_view kAddress = "an address only this API can read: s3://";
constexpr std::string_view kOwnOnly = "only for providers of this dialect";
constexpr std::string_view kNamed = "the name is cut to the letters the API takes";

constexpr std::array kChatFields = {
    typed("modelId", Field::kModel, "in the path"),
    message("messages"),
    message("messages[].role"),
    message("messages[].content"),
    message("messages[].content[].text", "blank texts are left out: the API refuses them"),
    message("messages[].content[].image", "bytes only: no URLs"),
    message("messages[].content[].image.format"),
    message("messages[].content[].image.source"),
    message("messages[].content[].image.source.bytes"),
    message("messages[].content[].image.source.s3Location", kAddress),
    nowhere("messages[].content[].image.error", kSilent, "is of answers"),
    message("messages[].content[].document", "a text is put beside it where there is none"),
    message("messages[].content[].document.format"),
    message("messages[].content[].document.name", kNamed),
    message("messages[].content[].document.source"),
    message("messages[].content[].document.source.bytes"),
    message("messages[].content[].document.source.text"),
    message("messages[].content[].document.source.content", "joined to one text elsewhere"),
    message("messages[].content[].document.source.s3Location", kAddress),
    message("messages[].content[].document.context"),
    message("messages[].content[].document.citations", "documents are cited by Anthropic and Bedrock only"),
    message("messages[].content[].document.citations.enabled"),
    message("messages[].content[].video"),
    message("messages[].content[].video.format"),
    message("messages[].content[].video.source"),
    message("messages[].content[].video.source.bytes"),
    message("messages[].content[].video.source.s3Location", kAddress),
    message("messages[].content[].audio"),
    message("messages[].content[].audio.format"),
    message("messages[].content[].audio.source"),
    message("messages[].content[].audio.source.bytes"),
    message("messages[].content[].audio.source.s3Location", kAddress),
    nowhere("messages[].content[].audio.error", kSilent, "is of answers"),
    message("messages[].content[].toolUse"),
    message("messages[].content[].toolUse.toolUseId"),
    message("messages[].content[].toolUse.name"),
    message("messages[].content[].toolUse.input"),
    own("messages[].content[].toolUse.type", Field::kMessages, kOwnOnly),
    message("messages[].content[].toolResult"),
    message("messages[].content[].toolResult.toolUseId"),
    message("messages[].content[].toolResult.content"),
    message("messages[].content[].toolResult.content[].json", "its text elsewhere"),
    message("messages[].content[].toolResult.content[].text"),
    message("messages[].content[].toolResult.content[].image"),
    message("messages[].content[].toolResult.content[].document"),
    message("messages[].content[].toolResult.content[].video"),
    message("messages[].content[].toolResult.content[].searchResult", "a text document elsewhere"),
    message("messages[].content[].toolResult.status"),
    own("messages[].content[].toolResult.type", Field::kMessages, kOwnOnly),
    message("messages[].content[].cachePoint", "marks the block before it"),
    message("messages[].content[].cachePoint.type"),
    message("messages[].content[].cachePoint.ttl", "5m is short, 1h is long"),
    message("messages[].content[].guardContent", "its text or image elsewhere"),
    message("messages[].content[].reasoningContent", "goes back to the provider that made it"),
    message("messages[].content[].reasoningContent.reasoningText"),
    message("messages[].content[].reasoningContent.reasoningText.text"),
    message("messages[].content[].reasoningContent.reasoningText.signature"),
    message("messages[].content[].reasoningContent.redactedContent"),
    message("messages[].content[].citationsContent", "its text elsewhere"),
    message("messages[].content[].citationsContent.content"),
    message("messages[].content[].citationsContent.citations"),
    message("messages[].content[].searchResult", "a text document elsewhere"),
    own("messages[].content[].toolAddition", Field::kMessages, kOwnOnly),
    own("messages[].content[].toolRemoval", Field::kMessages, kOwnOnly),
    typed("system", Field::kSystem),
    typed("system[].text", Field::kSystem),
    typed("system[].cachePoint", Field::kSystem),
    typed("system[].guardContent", Field::kSystem, "its text elsewhere"),
    typed("inferenceConfig", Field::kMaxTokens, "an object of settings"),
    value("inferenceConfig.maxTokens", Field::kMaxTokens),
    value("inferenceConfig.temperature", Field::kTemperature, "at most 1 for Claude; none for its newest models"),
    value("inferenceConfig.topP", Field::kTopP),
    typed("inferenceConfig.stopSequences", Field::kStop),
    typed("toolConfig", Field::kTools, "made from the history where a client gives no tools but has called some"),
    typed("toolConfig.tools", Field::kTools),
    typed("toolConfig.tools[].toolSpec", Field::kTools),
    typed("toolConfig.tools[].toolSpec.name", Field::kTools),
    typed("toolConfig.tools[].toolSpec.description", Field::kTools),
    typed("toolConfig.tools[].toolSpec.inputSchema", Field::kTools),
    typed("toolConfig.tools[].toolSpec.inputSchema.json", Field::kTools),
    typed("toolConfig.tools[].toolSpec.strict", Field::kTools),
    typed("toolConfig.tools[].systemTool", Field::kTools, "a tool that the provider runs"),
    typed("toolConfig.tools[].systemTool.name", Field::kTools),
    typed("toolConfig.tools[].cachePoint", Field::kTools, "marks the tool before it"),
    typed("toolConfig.toolChoice", Field::kToolChoice,
          "there is no \"none\": the tools are left out where they can be"),
    typed("toolConfig.toolChoice.auto", Field::kToolChoice),
    typed("toolConfig.toolChoice.any", Field::kToolChoice),
    typed("toolConfig.toolChoice.tool", Field::kToolChoice),
    typed("toolConfig.toolChoice.tool.name", Field::kToolChoice),
    own("guardrailConfig", Field::kSafety, kOwnOnly),
    typed("additionalModelRequestFields", Field::kReasoning, "thinking, effort and top_k are read, others are dropped"),
    typed("additionalModelRequestFields.thinking", Field::kReasoning, "Claude"),
    typed("additionalModelRequestFields.reasoning_effort", Field::kReasoning, "OpenAI's open models"),
    typed("additionalModelRequestFields.reasoningConfig", Field::kReasoning, "Nova"),
    typed("additionalModelRequestFields.top_k", Field::kTopK, "Claude"),
    typed("additionalModelRequestFields.inferenceConfig.topK", Field::kTopK, "Nova"),
    nowhere("additionalModelRequestFields.anthropic_beta", kDropped),
    nowhere("promptVariables", kRefused, "fill a prompt that only Amazon Bedrock keeps, which cannot be used"),
    own("additionalModelResponseFieldPaths", Field::kInclude, kOwnOnly),
    own("requestMetadata", Field::kMetadata, kOwnOnly),
    nowhere("performanceConfig", kDropped),
    typed("serviceTier", Field::kServiceTier),
    typed("serviceTier.type", Field::kServiceTier),
    typed("outputConfig", Field::kOutputFormat),
    typed("outputConfig.textFormat", Field::kOutputFormat),
    typed("outputConfig.textFormat.type", Field::kOutputFormat),
    typed("outputConfig.textFormat.structure", Field::kOutputFormat),
    typed("outputConfig.textFormat.structure.jsonSchema", Field::kOutputFormat),
    typed("outputConfig.textFormat.structure.jsonSchema.schema", Field::kOutputFormat, "the schema as a string"),
    typed("outputConfig.textFormat.structure.jsonSchema.name", Field::kOutputFormat),
    typed("outputConfig.textFormat.structure.jsonSchema.description", Field::kOutputFormat),
    typed("outputConfig.effort", Field::kReasoning),
    message("input", "of a count of tokens"),
    message("input.converse", "of a count of tokens"),
    nowhere("input.invokeModel", kRefused, "is a request in a language of the model, which cannot be read"),
};

}  // namespace

FieldTable chat_fields() {
  return kChatFields;
}

bool is_own(const chat::Request& request) {
  return request.path(Field::kModel) == kModelId;
}

}  // namespace sluice::dialect::bedrock
