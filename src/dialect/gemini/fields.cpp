#include "dialect/gemini/fields.h"

#include <algorithm>
#include <array>

namespace sluice::dialect::gemini {

namespace {

using chat::Field;
using rows::nowhere;
using rows::own;
using rows::typed;
using rows::value;
using enum chat::Unplaced;

constexpr FieldRow server_tool(std::string_view path) {
  return own(path, Field::kTools, "a tool that the provider runs: only for providers of this dialect");
}

constexpr std::array kChatFields = {
    typed("contents", Field::kMessages),
    typed("contents[].role", Field::kMessages),
    typed("contents[].parts", Field::kMessages),
    typed("contents[].parts[].text", Field::kMessages),
    typed("contents[].parts[].thought", Field::kMessages, "reasoning"),
    typed("contents[].parts[].thoughtSignature", Field::kMessages, "goes back to the provider that made it"),
    typed("contents[].parts[].inlineData", Field::kMessages),
    typed("contents[].parts[].inlineData.mimeType", Field::kMessages),
    typed("contents[].parts[].inlineData.data", Field::kMessages),
    typed("contents[].parts[].inlineData.displayName", Field::kMessages),
    typed("contents[].parts[].fileData", Field::kMessages, "Files API and gs:// addresses only within this dialect"),
    typed("contents[].parts[].fileData.mimeType", Field::kMessages),
    typed("contents[].parts[].fileData.fileUri", Field::kMessages),
    typed("contents[].parts[].fileData.displayName", Field::kMessages),
    typed("contents[].parts[].functionCall", Field::kMessages),
    typed("contents[].parts[].functionCall.id", Field::kMessages),
    typed("contents[].parts[].functionCall.name", Field::kMessages),
    typed("contents[].parts[].functionCall.args", Field::kMessages),
    nowhere("contents[].parts[].functionCall.partialArgs", kRefused, "are of streams, not of a history"),
    nowhere("contents[].parts[].functionCall.willContinue", kSilent),
    typed("contents[].parts[].functionResponse", Field::kMessages),
    typed("contents[].parts[].functionResponse.id", Field::kMessages),
    typed("contents[].parts[].functionResponse.name", Field::kMessages),
    typed("contents[].parts[].functionResponse.response", Field::kMessages,
          "{\"output\": text} is a text, {\"error\": …} an error, all else its JSON"),
    typed("contents[].parts[].functionResponse.parts", Field::kMessages),
    nowhere("contents[].parts[].functionResponse.willContinue", kDropped),
    nowhere("contents[].parts[].functionResponse.scheduling", kDropped),
    own("contents[].parts[].executableCode", Field::kMessages, "only for providers of this dialect"),
    own("contents[].parts[].codeExecutionResult", Field::kMessages, "only for providers of this dialect"),
    own("contents[].parts[].toolCall", Field::kMessages, "only for providers of this dialect"),
    own("contents[].parts[].toolResponse", Field::kMessages, "only for providers of this dialect"),
    nowhere("contents[].parts[].videoMetadata", kDropped),
    nowhere("contents[].parts[].mediaResolution", kDropped),
    nowhere("contents[].parts[].mediaProcessing", kDropped),
    nowhere("contents[].parts[].partMetadata", kSilent),
    nowhere("contents[].parts[].audioTranscription", kDropped),
    nowhere("contents[].parts[].speechMetadata", kDropped),
    typed("systemInstruction", Field::kSystem),
    typed("tools", Field::kTools),
    typed("tools[].functionDeclarations", Field::kTools),
    typed("tools[].functionDeclarations[].name", Field::kTools),
    typed("tools[].functionDeclarations[].description", Field::kTools),
    typed("tools[].functionDeclarations[].parameters", Field::kTools, "made a JSON Schema"),
    typed("tools[].functionDeclarations[].parametersJsonSchema", Field::kTools),
    nowhere("tools[].functionDeclarations[].response", kDropped),
    nowhere("tools[].functionDeclarations[].responseJsonSchema", kDropped),
    nowhere("tools[].functionDeclarations[].behavior", kDropped),
    server_tool("tools[].googleSearch"),
    server_tool("tools[].googleSearchRetrieval"),
    server_tool("tools[].codeExecution"),
    server_tool("tools[].urlContext"),
    server_tool("tools[].googleMaps"),
    server_tool("tools[].computerUse"),
    server_tool("tools[].fileSearch"),
    server_tool("tools[].mcpServers"),
    server_tool("tools[].retrieval"),
    server_tool("tools[].enterpriseWebSearch"),
    server_tool("tools[].exaAiSearch"),
    server_tool("tools[].parallelAiSearch"),
    typed("toolConfig", Field::kToolChoice),
    typed("toolConfig.functionCallingConfig", Field::kToolChoice),
    typed("toolConfig.functionCallingConfig.mode", Field::kToolChoice, "VALIDATED without names is taken for AUTO"),
    typed("toolConfig.functionCallingConfig.allowedFunctionNames", Field::kToolChoice),
    nowhere("toolConfig.functionCallingConfig.streamFunctionCallArguments", kSilent),
    nowhere("toolConfig.retrievalConfig", kDropped),
    nowhere("toolConfig.includeServerSideToolInvocations", kDropped),
    own("safetySettings", Field::kSafety, "settings that only relax are dropped elsewhere, others refused"),
    own("cachedContent", Field::kServerState),
    typed("serviceTier", Field::kServiceTier),
    own("labels", Field::kMetadata, "written only for a client of this dialect"),
    own("store", Field::kStore),
    nowhere("continuationToken", kRefused, "is state kept by the provider, which cannot be used"),
    nowhere("modelArmorConfig", kRefused, "is not supported"),
    nowhere("outputConfig", kRefused, "is not supported"),
    nowhere("model", kSilent, "the path names it"),
    typed("generationConfig", Field::kMaxTokens, "an object of settings"),
    value("generationConfig.temperature", Field::kTemperature),
    value("generationConfig.topP", Field::kTopP),
    value("generationConfig.topK", Field::kTopK),
    value("generationConfig.candidateCount", Field::kCandidates),
    value("generationConfig.maxOutputTokens", Field::kMaxTokens),
    typed("generationConfig.stopSequences", Field::kStop, "at most five"),
    typed("generationConfig.seed", Field::kSeed, "within 32 bits"),
    value("generationConfig.presencePenalty", Field::kPresencePenalty),
    value("generationConfig.frequencyPenalty", Field::kFrequencyPenalty),
    typed("generationConfig.responseLogprobs", Field::kLogprobs),
    value("generationConfig.logprobs", Field::kTopLogprobs),
    typed("generationConfig.responseMimeType", Field::kOutputFormat),
    typed("generationConfig.responseSchema", Field::kOutputFormat, "made a JSON Schema"),
    typed("generationConfig.responseJsonSchema", Field::kOutputFormat),
    typed("generationConfig.responseModalities", Field::kModalities),
    nowhere("generationConfig.mediaResolution", kDropped),
    nowhere("generationConfig.speechConfig", kRefused, "is not supported"),
    nowhere("generationConfig.imageConfig", kDropped),
    typed("generationConfig.thinkingConfig", Field::kReasoning),
    typed("generationConfig.thinkingConfig.includeThoughts", Field::kReasoning),
    typed("generationConfig.thinkingConfig.thinkingBudget", Field::kReasoning),
    typed("generationConfig.thinkingConfig.thinkingLevel", Field::kReasoning),
    nowhere("generationConfig.audioTranscriptionConfig", kDropped),
    nowhere("generationConfig.enableEnhancedCivicAnswers", kDropped),
    nowhere("generationConfig.audioTimestamp", kDropped),
    nowhere("generationConfig.routingConfig", kDropped),
    nowhere("generationConfig.modelConfig", kDropped),
};

constexpr std::array kEmbedFields = {
    typed("requests", Field::kCount),
    typed("content", Field::kCount),
    typed("taskType", Field::kCount),
    typed("title", Field::kCount),
    typed("outputDimensionality", Field::kCount),
    nowhere("model", kSilent, "the path names it"),
    nowhere("autoTruncate", kDropped),
    nowhere("mimeType", kDropped),
    nowhere("documentOcr", kDropped),
    nowhere("audioTrackExtraction", kDropped),
};

}  // namespace

FieldTable chat_fields() {
  return kChatFields;
}

FieldTable embed_fields() {
  return kEmbedFields;
}

FieldTable fields_of(Operation operation) {
  switch (operation) {
    case Operation::kChat:
    case Operation::kCountTokens:
      return kChatFields;
    case Operation::kEmbed:
      return kEmbedFields;
    case Operation::kRerank:
    case Operation::kNative:
      break;
  }
  return {};
}

std::string camel(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  bool upper = false;
  for (const char c : name) {
    if (c == '_' && !out.empty()) {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    upper = false;
  }
  return out;
}

void lose(std::vector<chat::Request::Lost>& lost, std::string_view path, chat::Unplaced unplaced,
          std::string_view why) {
  constexpr std::size_t kMost = 100;
  if (lost.size() >= kMost && unplaced != chat::Unplaced::kRefused) return;
  if (std::ranges::find(lost, path, &chat::Request::Lost::path) != lost.end()) return;
  lost.push_back({std::string(path), unplaced, std::string(why)});
}

}  // namespace sluice::dialect::gemini
