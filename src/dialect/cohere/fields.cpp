#include "dialect/cohere/fields.h"

#include <array>

namespace sluice::dialect::cohere {

namespace {

using chat::Field;
using rows::nowhere;
using rows::typed;
using rows::value;
using enum chat::Unplaced;

constexpr std::array kChatFields = {
    typed("model", Field::kModel),
    typed("stream", Field::kStream),
    typed("messages", Field::kMessages),
    typed("messages[].role", Field::kSystem, "A system prompt is a message."),
    typed("messages[].content", Field::kMessages, "documents only as texts, no audio and video"),
    typed("messages[].content[].type", Field::kMessages),
    typed("messages[].content[].text", Field::kMessages),
    typed("messages[].content[].thinking", Field::kMessages, "goes back to the provider that made it"),
    typed("messages[].content[].image_url", Field::kMessages),
    typed("messages[].content[].image_url.url", Field::kMessages),
    typed("messages[].content[].image_url.detail", Field::kMessages),
    nowhere("messages[].content[].document", kDropped, "what tools say is written as text"),
    nowhere("messages[].content[].document.id", kDropped),
    nowhere("messages[].content[].document.data", kDropped),
    typed("messages[].tool_calls", Field::kMessages),
    typed("messages[].tool_calls[].id", Field::kMessages),
    typed("messages[].tool_calls[].type", Field::kMessages),
    typed("messages[].tool_calls[].function", Field::kMessages),
    typed("messages[].tool_calls[].function.name", Field::kMessages),
    typed("messages[].tool_calls[].function.arguments", Field::kMessages),
    typed("messages[].tool_plan", Field::kMessages, "reasoning elsewhere; goes back to the provider that made it"),
    nowhere("messages[].citations", kSilent),
    typed("messages[].tool_call_id", Field::kMessages),
    typed("tools", Field::kTools),
    typed("tools[].type", Field::kTools),
    typed("tools[].function", Field::kTools),
    typed("tools[].function.name", Field::kTools),
    typed("tools[].function.description", Field::kTools),
    typed("tools[].function.parameters", Field::kTools),
    typed("strict_tools", Field::kTools, "set where all tools are strict"),
    typed("tool_choice", Field::kToolChoice, "a named tool is demanded by sending no other"),
    nowhere("documents", kRefused),
    nowhere("documents[].id", kRefused),
    nowhere("documents[].data", kRefused),
    nowhere("citation_options", kDropped),
    nowhere("citation_options.mode", kDropped),
    typed("response_format", Field::kOutputFormat, "not beside tools"),
    typed("response_format.type", Field::kOutputFormat),
    typed("response_format.json_schema", Field::kOutputFormat),
    nowhere("safety_mode", kRefused),
    value("max_tokens", Field::kMaxTokens),
    typed("stop_sequences", Field::kStop, "at most five"),
    typed("temperature", Field::kTemperature, "0 to 1"),
    typed("seed", Field::kSeed, "not negative"),
    typed("frequency_penalty", Field::kFrequencyPenalty, "0 to 1"),
    typed("presence_penalty", Field::kPresencePenalty, "0 to 1"),
    typed("k", Field::kTopK, "0 to 500"),
    typed("p", Field::kTopP, "0.01 to 0.99"),
    typed("logprobs", Field::kLogprobs),
    typed("thinking", Field::kReasoning, "models that reason"),
    typed("thinking.type", Field::kReasoning),
    typed("thinking.token_budget", Field::kReasoning),
    nowhere("priority", kSilent),
};

constexpr std::array kEmbedFields = {
    typed("model", Field::kModel),
    typed("texts", Field::kMessages, "at most 96"),
    nowhere("images", kRefused),
    nowhere("inputs", kRefused),
    typed("input_type", Field::kOutputFormat, "search_document where a client names no purpose"),
    typed("embedding_types", Field::kOutputFormat, "float; answers are coded anew"),
    typed("output_dimension", Field::kOutputFormat),
    nowhere("max_tokens", kDropped),
    nowhere("truncate", kDropped),
    nowhere("priority", kSilent),
};

constexpr std::array kRerankFields = {
    typed("model", Field::kModel),
    typed("query", Field::kMessages),
    typed("documents", Field::kMessages, "texts, or objects that hold `text`"),
    typed("top_n", Field::kCandidates),
    typed("top_k", Field::kCandidates, "another name of top_n"),
    typed("return_documents", Field::kInclude),
    typed("max_tokens_per_doc", Field::kMaxTokens),
    nowhere("priority", kSilent),
    nowhere("truncation", kDropped),
    nowhere("rank_fields", kDropped),
    nowhere("max_chunks_per_doc", kDropped),
};

}  // namespace

FieldTable fields_of(Operation operation) {
  switch (operation) {
    case Operation::kChat:
      return kChatFields;
    case Operation::kEmbed:
      return kEmbedFields;
    case Operation::kRerank:
      return kRerankFields;
    default:
      return {};
  }
}

}  // namespace sluice::dialect::cohere
