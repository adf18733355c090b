#include "dialect/openai/fields.h"

#include <array>

namespace sluice::dialect::openai {

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
    nowhere("messages[].name", kDropped, "No other API names who speaks."),
    typed("messages[].content", Field::kMessages),
    typed("messages[].content[].type", Field::kMessages),
    typed("messages[].content[].text", Field::kMessages),
    typed("messages[].content[].refusal", Field::kMessages),
    typed("messages[].content[].prompt_cache_breakpoint", Field::kMessages, "30m is short, 12h is long."),
    typed("messages[].content[].cache_control", Field::kMessages, "Anthropic's mark, which clients send here too."),
    typed("messages[].content[].image_url", Field::kMessages),
    typed("messages[].content[].image_url.url", Field::kMessages, "data: URLs become bytes, others stay URLs."),
    typed("messages[].content[].image_url.detail", Field::kMessages),
    typed("messages[].content[].input_audio", Field::kMessages),
    typed("messages[].content[].input_audio.data", Field::kMessages),
    typed("messages[].content[].input_audio.format", Field::kMessages),
    typed("messages[].content[].file", Field::kMessages),
    typed("messages[].content[].file.file_data", Field::kMessages),
    typed("messages[].content[].file.file_id", Field::kMessages, "Files stay with the provider that has them."),
    typed("messages[].content[].file.filename", Field::kMessages),
    typed("messages[].refusal", Field::kMessages),
    nowhere("messages[].audio", kRefused, "refers to audio that only its provider has, which is not supported"),
    typed("messages[].tool_calls", Field::kMessages),
    typed("messages[].tool_calls[].id", Field::kMessages),
    typed("messages[].tool_calls[].type", Field::kMessages),
    typed("messages[].tool_calls[].function", Field::kMessages),
    typed("messages[].tool_calls[].function.name", Field::kMessages),
    typed("messages[].tool_calls[].function.arguments", Field::kMessages),
    typed("messages[].tool_calls[].custom", Field::kMessages),
    typed("messages[].tool_calls[].custom.name", Field::kMessages),
    typed("messages[].tool_calls[].custom.input", Field::kMessages),
    typed("messages[].tool_calls[].extra_content", Field::kMessages, "Google's thought signature."),
    typed("messages[].tool_call_id", Field::kMessages),
    typed("messages[].function_call", Field::kMessages, "The older form of one tool call."),
    typed("messages[].function_call.name", Field::kMessages),
    typed("messages[].function_call.arguments", Field::kMessages),
    typed("messages[].reasoning_content", Field::kMessages, "Goes back to the provider that made it."),
    typed("messages[].reasoning", Field::kMessages, "Another name of reasoning_content."),
    typed("messages[].reasoning_details", Field::kMessages, "Goes back to the provider that made it."),
    typed("messages[].prefix", Field::kMessages),
    nowhere("messages[].annotations", kSilent, "What a model cited is no part of what it reads."),
    typed("tools", Field::kTools),
    typed("tools[].type", Field::kTools),
    typed("tools[].function", Field::kTools),
    typed("tools[].function.name", Field::kTools),
    typed("tools[].function.description", Field::kTools),
    typed("tools[].function.parameters", Field::kTools),
    typed("tools[].function.strict", Field::kTools),
    typed("tools[].custom", Field::kTools),
    typed("tools[].custom.name", Field::kTools),
    typed("tools[].custom.description", Field::kTools),
    typed("tools[].custom.format", Field::kTools),
    typed("tools[].cache_control", Field::kTools, "Anthropic's mark, which clients send here too."),
    typed("functions", Field::kTools, "The older form of tools."),
    typed("functions[].name", Field::kTools),
    typed("functions[].description", Field::kTools),
    typed("functions[].parameters", Field::kTools),
    typed("function_call", Field::kToolChoice, "The older form of tool_choice."),
    typed("function_call.name", Field::kToolChoice),
    typed("tool_choice", Field::kToolChoice),
    typed("tool_choice.type", Field::kToolChoice),
    typed("tool_choice.function.name", Field::kToolChoice),
    typed("tool_choice.custom.name", Field::kToolChoice),
    typed("tool_choice.allowed_tools.mode", Field::kToolChoice),
    typed("tool_choice.allowed_tools.tools", Field::kToolChoice),
    typed("parallel_tool_calls", Field::kParallelCalls, "true is what all do."),
    typed("max_completion_tokens", Field::kMaxTokens),
    typed("max_tokens", Field::kMaxTokens, "max_completion_tokens wins."),
    typed("response_format", Field::kOutputFormat),
    typed("response_format.type", Field::kOutputFormat),
    typed("response_format.json_schema", Field::kOutputFormat),
    typed("response_format.json_schema.name", Field::kOutputFormat),
    typed("response_format.json_schema.description", Field::kOutputFormat),
    typed("response_format.json_schema.schema", Field::kOutputFormat),
    typed("response_format.json_schema.strict", Field::kOutputFormat),
    typed("reasoning_effort", Field::kReasoning),
    typed("stop", Field::kStop),
    value("temperature", Field::kTemperature),
    value("top_p", Field::kTopP),
    typed("frequency_penalty", Field::kFrequencyPenalty, "0 is what all do."),
    typed("presence_penalty", Field::kPresencePenalty, "0 is what all do."),
    value("logit_bias", Field::kLogitBias),
    typed("logprobs", Field::kLogprobs, "false is what all do."),
    typed("top_logprobs", Field::kTopLogprobs, "0 is what all do."),
    typed("n", Field::kCandidates, "1 is what all do."),
    typed("seed", Field::kSeed),
    typed("random_seed", Field::kSeed, "Mistral's name of seed."),
    typed("stream_options", Field::kStreamOptions),
    typed("stream_options.include_usage", Field::kStreamOptions),
    typed("stream_options.include_obfuscation", Field::kStreamOptions, "Padding against eavesdroppers."),
    typed("service_tier", Field::kServiceTier),
    typed("safety_identifier", Field::kEndUser),
    typed("user", Field::kEndUser, "Used where there is no safety_identifier."),
    typed("metadata", Field::kMetadata, "Written where the answer is stored too: the API wants it so."),
    typed("store", Field::kStore, "false is what all do."),
    value("verbosity", Field::kVerbosity),
    value("prediction", Field::kPrediction),
    typed("modalities", Field::kModalities, "[\"text\"] is what all do."),
    value("audio", Field::kAudioOutput),
    value("prompt_cache_key", Field::kCacheKey),
    nowhere("prompt_cache_options", kSilent, "Says how this provider caches."),
    nowhere("prompt_cache_retention", kSilent, "Says how this provider caches."),
    typed("web_search_options", Field::kWebSearch),
    typed("web_search_options.search_context_size", Field::kWebSearch),
    typed("web_search_options.user_location", Field::kWebSearch),
    nowhere("safe_prompt", kRefused, "asks for a safety prompt that only Mistral has, which is not supported"),
    nowhere("guardrails", kRefused, "asks for guardrails that only Mistral has, which is not supported"),
    nowhere("moderation", kRefused, "asks for a moderation that only its provider makes, which is not supported"),
};

constexpr std::array kEmbedFields = {
    typed("model", Field::kModel),
    typed("input", Field::kMessages, "Texts; token numbers only for providers of this dialect."),
    typed("dimensions", Field::kOutputFormat),
    typed("encoding_format", Field::kOutputFormat, "Answers are coded anew."),
    nowhere("user", kSilent),
};

}  // namespace

chat::Escaped fitted_user(chat::Request& request) {
  constexpr chat::Alphabet kUsers{.longest = 64, .beside_alphanumeric = "_-.:@|+/="};
  std::string_view user = request.value(Field::kEndUser);
  if (user.size() >= 2 && user.front() == '"') user = user.substr(1, user.size() - 2);
  return user.empty() ? chat::Escaped{} : chat::fitted({user}, kUsers, request.texts);
}

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
    default:
      return {};
  }
}

}  // namespace sluice::dialect::openai
