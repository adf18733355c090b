#include "dialect/anthropic/fields.h"

#include <array>

namespace sluice::dialect::anthropic {

namespace {

using chat::Field;
using rows::nowhere;
using rows::own;
using rows::typed;
using enum chat::Unplaced;

constexpr std::string_view kOwnFiles = "files stay with the provider that has them";
constexpr std::string_view kOwnItems = "goes back to its own provider only";

constexpr std::array kFields = {
    typed("model", Field::kModel),
    typed("max_tokens", Field::kMaxTokens, "the model's limit where a client of another API gives none"),
    typed("stream", Field::kStream),
    typed("messages", Field::kMessages),
    typed("messages[].role", Field::kMessages,
          "system in between is told as a user's text where the model has no place"),
    typed("messages[].content", Field::kMessages),
    typed("messages[].content[].type", Field::kMessages),
    typed("messages[].content[].text", Field::kMessages),
    typed("messages[].content[].cache_control", Field::kMessages, "5m is short, 1h is long; at most 4"),
    typed("messages[].content[].citations", Field::kMessages,
          "documents are cited by Anthropic and Bedrock only; on texts they go back to their own provider only"),
    typed("messages[].content[].source", Field::kMessages),
    typed("messages[].content[].source.type", Field::kMessages),
    typed("messages[].content[].source.media_type", Field::kMessages),
    typed("messages[].content[].source.data", Field::kMessages),
    typed("messages[].content[].source.url", Field::kMessages),
    own("messages[].content[].source.file_id", Field::kMessages, kOwnFiles),
    typed("messages[].content[].source.content", Field::kMessages, "its texts are one document"),
    nowhere("messages[].content[].transformations", kDropped, "says how this API scales images"),
    typed("messages[].content[].title", Field::kMessages),
    typed("messages[].content[].context", Field::kMessages),
    typed("messages[].content[].content", Field::kMessages, "of results of tools and of search results"),
    own("messages[].content[].thinking", Field::kMessages, kOwnItems),
    own("messages[].content[].signature", Field::kMessages, kOwnItems),
    own("messages[].content[].data", Field::kMessages, kOwnItems),
    typed("messages[].content[].id", Field::kMessages),
    typed("messages[].content[].name", Field::kMessages),
    typed("messages[].content[].input", Field::kMessages),
    nowhere("messages[].content[].caller", kSilent, "says who called the tool"),
    nowhere("messages[].content[].toolset_name", kSilent, "belongs to tools of this API"),
    typed("messages[].content[].tool_use_id", Field::kMessages),
    typed("messages[].content[].is_error", Field::kMessages),
    own("messages[].content[].file_id", Field::kMessages, kOwnFiles),
    typed("system", Field::kSystem),
    typed("system[].type", Field::kSystem),
    typed("system[].text", Field::kSystem),
    typed("system[].cache_control", Field::kSystem),
    nowhere("system[].citations", kSilent, "texts of the client cite nothing"),
    typed("tools", Field::kTools),
    typed("tools[].type", Field::kTools, "tools that the API defines have a place in no other one"),
    typed("tools[].name", Field::kTools),
    typed("tools[].description", Field::kTools),
    typed("tools[].input_schema", Field::kTools),
    typed("tools[].strict", Field::kTools),
    typed("tools[].cache_control", Field::kTools),
    nowhere("tools[].defer_loading", kDropped, "no other API looks for tools"),
    nowhere("tools[].eager_input_streaming", kSilent, "arguments are streamed as they come"),
    nowhere("tools[].input_examples", kDropped, "no other API has them"),
    nowhere("tools[].allowed_callers", kDropped, "no other API calls tools from code"),
    typed("tool_choice", Field::kToolChoice),
    typed("tool_choice.type", Field::kToolChoice),
    typed("tool_choice.name", Field::kToolChoice),
    typed("tool_choice.disable_parallel_tool_use", Field::kParallelCalls),
    typed("thinking", Field::kReasoning),
    typed("thinking.type", Field::kReasoning, "adaptive and between_tools: the model decides"),
    typed("thinking.budget_tokens", Field::kReasoning, "below max_tokens; an effort where the model takes no budget"),
    typed("thinking.display", Field::kReasoning),
    typed("output_config", Field::kOutputFormat),
    typed("output_config.effort", Field::kReasoning, "the next lower one that the model has"),
    typed("output_config.format", Field::kOutputFormat),
    typed("output_config.format.type", Field::kOutputFormat),
    typed("output_config.format.schema", Field::kOutputFormat),
    typed("output_format", Field::kOutputFormat, "the older place of output_config.format"),
    typed("temperature", Field::kTemperature, "at most 1; today's models take none"),
    typed("top_p", Field::kTopP, "today's models take none"),
    typed("top_k", Field::kTopK, "today's models take none"),
    typed("stop_sequences", Field::kStop),
    typed("metadata", Field::kEndUser),
    typed("metadata.user_id", Field::kEndUser),
    typed("service_tier", Field::kServiceTier, "standard_only is default elsewhere"),
    typed("speed", Field::kServiceTier, "fast is the tier priority elsewhere"),
    typed("cache_control", Field::kAutoCache),
    nowhere("inference_geo", kRefused, "says where the model is to run, which cannot be promised"),
    nowhere("container", kRefused, "is kept by its own provider, and is not supported"),
    nowhere("diagnostics", kSilent, "asks for notes about prompt caching"),
    nowhere("context_management", kDropped, "only this API edits the context"),
    nowhere("mcp_servers", kRefused, "are called by this API, and are not supported"),
    nowhere("fallbacks", kDropped, "name models of this API"),
    nowhere("thread", kRefused, "is kept by its own provider, and is not supported"),
    nowhere("billing_policy", kSilent, "is about an account of this API"),
    nowhere("compaction", kDropped, "only this API edits the context"),
    nowhere("user_profile_id", kSilent, "names who speaks to this API"),
    nowhere("workspace_id", kSilent, "names who speaks to this API"),
};

}  // namespace

FieldTable fields() {
  return kFields;
}

}  // namespace sluice::dialect::anthropic
