#include "dialect/responses/fields.h"

#include <array>

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Unplaced;

constexpr FieldRow value(std::string_view path, Field field, std::string_view note = {}) {
  return {.path = path, .place = Place::kValue, .field = field, .note = note};
}
constexpr FieldRow typed(std::string_view path, Field field, std::string_view note = {}) {
  return {.path = path, .place = Place::kTyped, .field = field, .note = note};
}
constexpr FieldRow dropped(std::string_view path, std::string_view note = {}) {
  return {.path = path, .place = Place::kNowhere, .unplaced = Unplaced::kDropped, .note = note};
}
constexpr FieldRow silent(std::string_view path, std::string_view note) {
  return {.path = path, .place = Place::kNowhere, .unplaced = Unplaced::kSilent, .note = note};
}
constexpr FieldRow refused(std::string_view path, std::string_view note) {
  return {.path = path, .place = Place::kNowhere, .unplaced = Unplaced::kRefused, .note = note};
}

// In a message: "'previous_response_id' asks for … by provider 'x' (model 'y')."
constexpr std::string_view kNoState =
    "asks for state that is not kept (send the whole conversation in 'input' instead)";

constexpr auto kFields = std::to_array<FieldRow>({
    typed("model", Field::kModel),
    typed(kInput, Field::kMessages),
    typed("instructions", Field::kSystem, "The first system message."),
    typed("stream", Field::kStream),
    typed("stream_options", Field::kStreamOptions, "Padding against eavesdroppers; nothing of the answer."),
    typed("stream_options.include_obfuscation", Field::kStreamOptions),
    typed("max_output_tokens", Field::kMaxTokens, "At least 16."),
    value("temperature", Field::kTemperature),
    value("top_p", Field::kTopP),
    typed("top_logprobs", Field::kTopLogprobs),
    typed("tools", Field::kTools),
    typed("tool_choice", Field::kToolChoice),
    typed("parallel_tool_calls", Field::kParallelCalls),
    typed("text.format", Field::kOutputFormat),
    typed("text", Field::kOutputFormat),
    typed("text.format.type", Field::kOutputFormat),
    typed("text.format.name", Field::kOutputFormat),
    typed("text.format.description", Field::kOutputFormat),
    typed("text.format.schema", Field::kOutputFormat),
    typed("text.format.strict", Field::kOutputFormat),
    value("text.verbosity", Field::kVerbosity),
    typed("reasoning", Field::kReasoning),
    typed("reasoning.effort", Field::kReasoning),
    typed("reasoning.summary", Field::kReasoning),
    typed("reasoning.generate_summary", Field::kReasoning, "The older name of summary."),
    dropped("reasoning.context"),
    dropped("reasoning.mode"),
    typed("include", Field::kInclude, "Encrypted reasoning is always asked for."),
    typed("include[]", Field::kLogprobs, "message.output_text.logprobs asks for log probabilities."),
    typed("store", Field::kStore, "Nothing is stored for translated requests."),
    refused("previous_response_id", kNoState),
    refused("conversation", kNoState),
    refused("prompt", kNoState),
    refused("background", kNoState),
    dropped("truncation", "'disabled', the default, is silent."),
    dropped("context_management"),
    dropped("max_tool_calls", "It limits calls of the provider's own tools."),
    value("metadata", Field::kMetadata),
    typed("service_tier", Field::kServiceTier),
    typed("safety_identifier", Field::kEndUser),
    typed("user", Field::kEndUser, "Used where there is no safety_identifier."),
    value("prompt_cache_key", Field::kCacheKey),
    silent("prompt_cache_options", "Costs only."),
    silent("prompt_cache_options.mode", "Costs only."),
    silent("prompt_cache_options.ttl", "Costs only."),
    silent("prompt_cache_options.prewarm", "Costs only."),
    silent("prompt_cache_options.comparison_response_id", "Costs only."),
    silent("prompt_cache_retention", "Costs only."),
    refused("moderation", "blocks what only OpenAI can block, which is not supported"),
    dropped("access_programs"),
    dropped("image"),

    // items of input
    typed("input[].type", Field::kMessages, "Items of built-in tools go to providers of this API only."),
    typed("input[].role", Field::kMessages),
    typed("input[].content", Field::kMessages),
    dropped("input[].phase", "Kept where the provider speaks this API."),
    typed("input[].status", Field::kMessages),
    typed("input[].id", Field::kMessages, "Of reasoning; other ids go to providers of this API only."),
    typed("input[].call_id", Field::kMessages),
    typed("input[].name", Field::kMessages),
    typed("input[].arguments", Field::kMessages),
    typed("input[].input", Field::kMessages),
    typed("input[].output", Field::kMessages),
    dropped("input[].namespace", "Kept where the provider speaks this API."),
    dropped("input[].async", "Kept where the provider speaks this API."),
    dropped("input[].caller", "Kept where the provider speaks this API."),
    typed("input[].summary", Field::kMessages),
    typed("input[].encrypted_content", Field::kMessages, "Goes back to its maker only."),

    // parts of messages and outputs
    typed("input[].content[].type", Field::kMessages),
    typed("input[].content[].text", Field::kMessages),
    typed("input[].content[].refusal", Field::kMessages),
    typed("input[].content[].image_url", Field::kMessages),
    typed("input[].content[].detail", Field::kMessages),
    typed("input[].content[].file_id", Field::kMessages, "Goes to the provider that has the file only."),
    typed("input[].content[].file_data", Field::kMessages),
    typed("input[].content[].file_url", Field::kMessages),
    typed("input[].content[].filename", Field::kMessages),
    typed("input[].content[].input_audio", Field::kMessages),
    typed("input[].content[].annotations", Field::kMessages),
    typed("input[].content[].logprobs", Field::kMessages, "Of an earlier answer: read by nobody."),
    typed("input[].content[].prompt_cache_breakpoint", Field::kMessages),

    // tools
    typed("tools[].type", Field::kTools, "Built-in tools other than web search go to providers of this API only."),
    typed("tools[].name", Field::kTools),
    typed("tools[].description", Field::kTools),
    typed("tools[].parameters", Field::kTools),
    typed("tools[].strict", Field::kTools),
    typed("tools[].format", Field::kTools),
    dropped("tools[].async", "Kept where the provider speaks this API."),
    dropped("tools[].defer_loading", "Kept where the provider speaks this API."),
    dropped("tools[].allowed_callers", "Kept where the provider speaks this API."),
    dropped("tools[].output_schema", "Kept where the provider speaks this API."),
    typed("tools[].search_context_size", Field::kWebSearch, "A web_search tool that is the only built-in one."),
    typed("tools[].filters", Field::kWebSearch),
    typed("tools[].user_location", Field::kWebSearch),
    typed("tools[].external_web_access", Field::kWebSearch),
    typed("tools[].search_content_types", Field::kWebSearch),
    typed("tool_choice.type", Field::kToolChoice),
    typed("tool_choice.name", Field::kToolChoice),
    typed("tool_choice.mode", Field::kToolChoice),
    typed("tool_choice.tools", Field::kToolChoice),
    typed("tool_choice.server_label", Field::kToolChoice),
});

}  // namespace

FieldTable fields() {
  return kFields;
}

}  // namespace sluice::dialect::responses
