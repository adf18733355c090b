#include "dialect/responses/fields.h"

#include <array>

namespace sluice::dialect::responses {

namespace {

using chat::Field;
using chat::Unplaced;
using rows::nowhere;
using rows::typed;
using rows::value;

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
    nowhere("reasoning.context", Unplaced::kDropped),
    nowhere("reasoning.mode", Unplaced::kDropped),
    typed("include", Field::kInclude, "Encrypted reasoning is always asked for."),
    typed("include[]", Field::kLogprobs, "message.output_text.logprobs asks for log probabilities."),
    typed("store", Field::kStore, "Nothing is stored for translated requests."),
    nowhere("previous_response_id", Unplaced::kRefused, kNoState),
    nowhere("conversation", Unplaced::kRefused, kNoState),
    nowhere("prompt", Unplaced::kRefused, kNoState),
    nowhere("background", Unplaced::kRefused, kNoState),
    nowhere("truncation", Unplaced::kDropped, "'disabled', the default, is silent."),
    nowhere("context_management", Unplaced::kDropped),
    nowhere("max_tool_calls", Unplaced::kDropped, "It limits calls of the provider's own tools."),
    value("metadata", Field::kMetadata),
    typed("service_tier", Field::kServiceTier),
    typed("safety_identifier", Field::kEndUser),
    typed("user", Field::kEndUser, "Used where there is no safety_identifier."),
    value("prompt_cache_key", Field::kCacheKey),
    nowhere("prompt_cache_options", Unplaced::kSilent, "Costs only."),
    nowhere("prompt_cache_options.mode", Unplaced::kSilent, "Costs only."),
    nowhere("prompt_cache_options.ttl", Unplaced::kSilent, "Costs only."),
    nowhere("prompt_cache_options.prewarm", Unplaced::kSilent, "Costs only."),
    nowhere("prompt_cache_options.comparison_response_id", Unplaced::kSilent, "Costs only."),
    nowhere("prompt_cache_retention", Unplaced::kSilent, "Costs only."),
    nowhere("moderation", Unplaced::kRefused, "blocks what only OpenAI can block, which is not supported"),
    nowhere("access_programs", Unplaced::kDropped),
    nowhere("image", Unplaced::kDropped),

    // items of input
    typed("input[].type", Field::kMessages, "Items of built-in tools go to providers of this API only."),
    typed("input[].role", Field::kMessages),
    typed("input[].content", Field::kMessages),
    nowhere("input[].phase", Unplaced::kDropped, "Kept where the provider speaks this API."),
    typed("input[].status", Field::kMessages),
    typed("input[].id", Field::kMessages, "Of reasoning; other ids go to providers of this API only."),
    typed("input[].call_id", Field::kMessages),
    typed("input[].name", Field::kMessages),
    typed("input[].arguments", Field::kMessages),
    typed("input[].input", Field::kMessages),
    typed("input[].output", Field::kMessages),
    nowhere("input[].namespace", Unplaced::kDropped, "Kept where the provider speaks this API."),
    nowhere("input[].async", Unplaced::kDropped, "Kept where the provider speaks this API."),
    nowhere("input[].caller", Unplaced::kDropped, "Kept where the provider speaks this API."),
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
    nowhere("tools[].async", Unplaced::kDropped, "Kept where the provider speaks this API."),
    nowhere("tools[].defer_loading", Unplaced::kDropped, "Kept where the provider speaks this API."),
    nowhere("tools[].allowed_callers", Unplaced::kDropped, "Kept where the provider speaks this API."),
    nowhere("tools[].output_schema", Unplaced::kDropped, "Kept where the provider speaks this API."),
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
