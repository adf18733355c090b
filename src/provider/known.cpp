#include "provider/known.h"

#include <algorithm>
#include <array>

namespace sluice::provider {

namespace {

// Tools of free text and a choice among some of the tools are known to nobody but OpenAI, as far as is said.
constexpr dialect::Quirks kCompatible{.openai_tools = false};
// Its requests may name other models to fall back to. Source: its pages "Model Fallbacks" and "Presets".
constexpr dialect::Quirks kOpenRouter{.openai_tools = false, .other_models = true};
// They know only max_tokens. (Ollama's own roles are whatever a model's template makes of them.)
constexpr dialect::Quirks kOldMaxTokens{.max_completion_tokens = false, .openai_tools = false};
// The same, and a message of a developer is a system message there.
constexpr dialect::Quirks kOlder{.max_completion_tokens = false, .developer_role = false, .openai_tools = false};
// Its models that think refuse a history without what they thought.
constexpr dialect::Quirks kWantsReasoning{
    .max_completion_tokens = false, .developer_role = false, .reasoning_content = true, .openai_tools = false};
// Usage is on their streams, asked for or not; what they do not know they refuse.
constexpr dialect::Quirks kPerplexity{.stream_options = false,
                                      .usage_on_streams = true,
                                      .max_completion_tokens = false,
                                      .developer_role = false,
                                      .openai_tools = false};
constexpr dialect::Quirks kMistral{.stream_options = false,
                                   .usage_on_streams = true,
                                   .max_completion_tokens = false,
                                   .developer_role = false,
                                   .thinking_chunks = true,
                                   .prefix = true,
                                   .short_tool_ids = true,
                                   .unknown_fields = false,
                                   .random_seed = true,
                                   .openai_tools = false,
                                   .effort_levels = false,
                                   .high_temperature = false};

// Hosts of the Anthropic API refuse members of requests that they do not know, and betas they have not.
constexpr dialect::Quirks kHost{.unknown_fields = false};
// What AWS lists for InvokeModel and Google for rawPredict, or what is known to work there. Both have the search for
// tools by another name.
constexpr std::string_view kBedrockBetas =
    "advanced-tool-use-2025-11-20=tool-search-tool-2025-10-19,compact-2026-01-12,computer-use-2024-10-22,"
    "computer-use-2025-01-24,computer-use-2025-11-24,context-1m-2025-08-07,context-management-2025-06-27,"
    "dev-full-thinking-2025-05-14,effort-2025-11-24,fine-grained-tool-streaming-2025-05-14,"
    "interleaved-thinking-2025-05-14,output-128k-2025-02-19,token-efficient-tools-2025-02-19,"
    "tool-examples-2025-10-29,tool-search-tool-2025-10-19";
constexpr std::string_view kVertexBetas =
    "advanced-tool-use-2025-11-20=tool-search-tool-2025-10-19,compact-2026-01-12,computer-use-2025-01-24,"
    "computer-use-2025-11-24,context-1m-2025-08-07,context-management-2025-06-27,interleaved-thinking-2025-05-14,"
    "tool-search-tool-2025-10-19,web-search-2025-03-05";

constexpr std::array kKnown = {
    Known{.type = "openai",
          .base_url = "https://api.openai.com/v1",
          .key_variables = "OPENAI_API_KEY",
          .dialects = "openai,responses"},
    Known{.type = "azure",
          .base_url = "",
          .key_variables = "AZURE_OPENAI_API_KEY,AZURE_API_KEY",
          .key_style = KeyStyle::kApiKeyHeader,
          .path_style = PathStyle::kAzure},
    Known{.type = "anthropic",
          .base_url = "https://api.anthropic.com/v1",
          .key_variables = "ANTHROPIC_API_KEY",
          .dialects = "anthropic",
          .key_style = KeyStyle::kXApiKey},
    Known{.type = "gemini",
          .base_url = "https://generativelanguage.googleapis.com/v1beta",
          .key_variables = "GEMINI_API_KEY,GOOGLE_API_KEY",
          .dialects = "gemini",
          .key_style = KeyStyle::kGoogApiKey},
    // The braces are filled from the provider's configuration or the usual variables.
    Known{.type = "vertex",
          .base_url = "https://{vertex_host}/v1/projects/{project}/locations/{region}",
          .key_variables = "",
          .dialects = "gemini-vertex,anthropic-vertex",
          .key_style = KeyStyle::kGoogle,
          .quirks = kHost,
          .betas = kVertexBetas},
    Known{.type = "bedrock",
          .base_url = "https://bedrock-runtime.{region}.amazonaws.com",
          .key_variables = "",
          .dialects = "bedrock,anthropic-bedrock",
          .key_style = KeyStyle::kAws,
          .quirks = kHost,
          .betas = kBedrockBetas},
    Known{.type = "cohere",
          .base_url = "https://api.cohere.com/v2",
          .key_variables = "CO_API_KEY,COHERE_API_KEY",
          .dialects = "cohere"},
    Known{.type = "groq",
          .base_url = "https://api.groq.com/openai/v1",
          .key_variables = "GROQ_API_KEY",
          .quirks = kCompatible},
    Known{.type = "deepseek",
          .base_url = "https://api.deepseek.com/v1",
          .key_variables = "DEEPSEEK_API_KEY",
          .quirks = kWantsReasoning},
    Known{.type = "xai", .base_url = "https://api.x.ai/v1", .key_variables = "XAI_API_KEY", .quirks = kCompatible},
    Known{.type = "mistral",
          .base_url = "https://api.mistral.ai/v1",
          .key_variables = "MISTRAL_API_KEY",
          .quirks = kMistral},
    Known{.type = "together",
          .base_url = "https://api.together.xyz/v1",
          .key_variables = "TOGETHER_API_KEY,TOGETHERAI_API_KEY,TOGETHER_AI_API_KEY",
          .quirks = kOlder},
    Known{.type = "fireworks",
          .base_url = "https://api.fireworks.ai/inference/v1",
          .key_variables = "FIREWORKS_API_KEY,FIREWORKS_AI_API_KEY",
          .quirks = kCompatible},
    Known{.type = "openrouter",
          .base_url = "https://openrouter.ai/api/v1",
          .key_variables = "OPENROUTER_API_KEY",
          .quirks = kOpenRouter},
    Known{.type = "perplexity",
          .base_url = "https://api.perplexity.ai",
          .key_variables = "PERPLEXITY_API_KEY,PERPLEXITYAI_API_KEY",
          .quirks = kPerplexity},
    Known{.type = "cerebras",
          .base_url = "https://api.cerebras.ai/v1",
          .key_variables = "CEREBRAS_API_KEY",
          .quirks = kCompatible},
    Known{.type = "nvidia",
          .base_url = "https://integrate.api.nvidia.com/v1",
          .key_variables = "NVIDIA_API_KEY,NVIDIA_NIM_API_KEY",
          .quirks = kOlder},
    Known{.type = "sambanova",
          .base_url = "https://api.sambanova.ai/v1",
          .key_variables = "SAMBANOVA_API_KEY",
          .quirks = kOldMaxTokens},
    Known{.type = "moonshot",
          .base_url = "https://api.moonshot.ai/v1",
          .key_variables = "MOONSHOT_API_KEY",
          .quirks = kWantsReasoning},
    Known{.type = "dashscope",
          .base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
          .key_variables = "DASHSCOPE_API_KEY",
          .quirks = {.developer_role = false, .openai_tools = false}},
    Known{.type = "ollama", .base_url = "http://127.0.0.1:11434/v1", .key_variables = "", .quirks = kOldMaxTokens},
    Known{.type = "vllm", .base_url = "http://127.0.0.1:8000/v1", .key_variables = "", .quirks = kCompatible},
    // Its own default is 127.0.0.1:8080, which is ours too: a silent default would have the gateway call itself.
    Known{.type = "llamacpp", .base_url = "", .key_variables = "", .quirks = kOldMaxTokens},
    Known{.type = "lmstudio", .base_url = "http://127.0.0.1:1234/v1", .key_variables = "", .quirks = kOlder},
};

struct Alias {
  std::string_view name;
  std::string_view type;
};
constexpr Alias kAliases[] = {{"llama.cpp", "llamacpp"}, {"qwen", "dashscope"}};

}  // namespace

std::span<const Known> known_providers() {
  return kKnown;
}

const Known* find_known(std::string_view type) {
  auto alias = std::ranges::find(kAliases, type, &Alias::name);
  if (alias != std::end(kAliases)) type = alias->type;
  auto known = std::ranges::find(kKnown, type, &Known::type);
  return known == kKnown.end() ? nullptr : &*known;
}

}  // namespace sluice::provider
