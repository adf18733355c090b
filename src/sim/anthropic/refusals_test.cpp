#include <gtest/gtest.h>

#include "sim/anthropic/models.h"
#include "sim/anthropic/test_words.h"

namespace sluice::sim::anthropic::refusals_test {
namespace {

namespace bj = boost::json;

TEST(AnthropicRefusals, NoneOfWhatWasRecordedAsGood) {
  TestSim sim;
  int good = 0;
  for (std::string_view folder : {"anthropic", "anthropic-hosted"}) {
    for (auto& one : recorded(folder)) {
      if (one.at("response").at("status").as_int64() != 200) continue;
      // Its second stop sequence is white space only, which the provider refuses.
      if (one.at("id") == "anthropic/stop_sequence") continue;
      sign_thoughts(one.at("request").at("body"));
      auto seen = replay(sim, one.at("request").as_object());
      EXPECT_EQ(seen.status, 200) << one.at("id") << seen.body;
      ++good;
    }
  }
  EXPECT_GT(good, 30);
}

TEST(AnthropicRefusals, OfWhatWasRecordedAsRefused) {
  TestSim sim;
  int refused = 0;
  for (const auto& one : recorded("anthropic")) {
    auto id = std::string_view(one.at("id").as_string());
    if (id != "anthropic/error_400_sampling_removed" && id != "anthropic/error_400_thinking_type") continue;
    auto seen = replay(sim, one.at("request").as_object());
    EXPECT_EQ(seen.status, 400);
    EXPECT_EQ(error_of(seen), std::string(one.at("response").at("body").at("error").at("message").as_string()));
    ++refused;
  }
  EXPECT_EQ(refused, 2);
}

TEST(AnthropicRefusals, OfReasoningThatIsNotItsOwn) {
  TestSim sim;
  for (const auto& one : recorded("anthropic")) {
    if (one.at("id") != "anthropic/thinking_tool_loop_turn") continue;
    auto seen = replay(sim, one.at("request").as_object());
    EXPECT_EQ(error_of(seen), "messages.1.content.0: Invalid `signature` in `thinking` block");
  }
}

TEST(AnthropicRefusals, OfVersions) {
  TestSim sim;
  constexpr std::string_view kBody = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]})";
  EXPECT_EQ(error_of(ask(sim, kBody, "{}", "")), "anthropic-version: header is required");
  EXPECT_EQ(error_of(ask(sim, kBody, "{}", "anthropic-version: 2023-01-01\r\n")),
            "anthropic-version: \"2023-01-01\" is not a valid version");
  EXPECT_TRUE(error_of(ask(sim, R"({"model":)")).starts_with("The request body is not valid JSON: "));
}

struct Bad {
  std::string_view body;     // members of a request beside the model, max_tokens and messages
  std::string_view message;  // how its refusal begins
  std::string_view model = "claude-haiku-4-5";
  std::string_view headers = kOld;
};

constexpr Bad kBadFields[] = {
    {R"("foo":1)", "foo: Extra inputs are not permitted"},
    {R"("user_profile_id":"u")", "user_profile_id: Extra inputs are not permitted"},
    {R"("anthropic_version":"vertex-2023-10-16")", "anthropic_version: Extra inputs are not permitted"},
    {R"("context_management":{"edits":[]})", "context_management: Extra inputs are not permitted"},
    {R"("stream":"yes")", "stream: Input should be a valid boolean"},
    {R"("temperature":1.5)", "temperature: Input should be less than or equal to 1"},
    {R"("temperature":-1)", "temperature: Input should be greater than or equal to 0"},
    {R"("top_k":1.5)", "top_k: Input should be a valid integer"},
    {R"("temperature":1,"top_p":0.5)", "`temperature` and `top_p` cannot both be specified for this model."},
    {R"("temperature":0.5)", "temperature: may only be set to 1 for this model", "claude-opus-4-7"},
    {R"("top_p":0.9)", "top_p: must be greater than or equal to 0.99", "claude-sonnet-5"},
    {R"("top_k":9)", "top_k: must be unset", "claude-fable-5-1"},
    {R"("top_p":1)", "top_p: this parameter is not supported in API version 2026-10-21", "m", kNew},
    {R"("service_tier":"fast")", "service_tier: Input should be 'auto' or 'standard_only'"},
    {R"("metadata":{"user":"x"})", "metadata.user: Extra inputs are not permitted"},
    {R"("stop_sequences":["a"," \n"])", "stop_sequences.1: each stop sequence must contain non-whitespace"},
    {R"("system":[{"type":"text","text":""}])", "system: text content blocks must be non-empty"},
    {R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"2h"}}])",
     "system.0.cache_control.ephemeral.ttl: Input should be '5m' or '1h'"},
    {R"("thinking":{"type":"enabled","budget_tokens":1000})",
     "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"},
    {R"("thinking":{"type":"enabled"})", "thinking.enabled.budget_tokens: Field required"},
    {R"("thinking":{"type":"enabled","budget_tokens":4096})", "`max_tokens` must be greater than"},
    {R"("thinking":{"type":"on"})", "thinking: Input tag 'on' found using 'type' does not match any of the expected"},
    {R"("thinking":{"type":"adaptive"})", "adaptive thinking is not supported on this model"},
    {R"("thinking":{"type":"disabled"})", "\"thinking.type.disabled\" is not supported", "claude-opus-5-5"},
    {R"("thinking":{"type":"enabled","budget_tokens":1024},"temperature":0.5)", "`temperature` may only be set to 1"},
    {R"("thinking":{"type":"enabled","budget_tokens":1024},"top_p":0.9)", "`top_p` must be greater than or equal"},
    {R"("thinking":{"type":"enabled","budget_tokens":1024},"top_k":9)", "`top_k` must be unset when thinking"},
    {R"("output_config":{"effort":"high"})", "This model does not support the effort parameter."},
    {R"("output_config":{"effort":"huge"})",
     "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or"},
    {R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{}}}})",
     "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"},
};

constexpr Bad kBadTools[] = {
    {R"("tools":[{"name":"f"}])", "tools.0.custom.input_schema: Field required"},
    {R"("tools":[{"name":"a.b","input_schema":{"type":"object"}}])",
     "tools.0.custom.name: String should match pattern"},
    {R"("tools":[{"name":"f","input_schema":{}}])", "tools.0.custom.input_schema.type: Field required"},
    {R"("tools":[{"name":"f","input_schema":{"type":"string"}}])",
     "tools.0.custom.input_schema.type: Input should be 'object'"},
    {R"("tools":[{"name":"f","input_schema":{"type":"object","anyOf":[]}}])",
     "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level"},
    {R"("tools":[{"type":"function","name":"f"}])", "tools.0: Input tag 'function' found using 'type'"},
    {R"("tools":[{"name":"f","input_schema":{"type":"object"},"parameters":{}}])",
     "tools.0.custom.parameters: Extra inputs are not permitted"},
    {R"("tools":[{"name":"f","strict":true,"input_schema":{"type":"object"}}])", "tools.0.custom: For 'object' type"},
    {R"("tools":[{"type":"bash_20250124","name":"sh"}])", "tools.0.bash_20250124.name: Input should be 'bash'"},
    {R"("tools":[{"name":"f","input_schema":{"type":"object"}},{"name":"f","input_schema":{"type":"object"}}])",
     "tools: Tool names must be unique."},
    {R"("tools":[{"type":"mcp_toolset","mcp_server_name":"s"}])", "tools.0: Input tag 'mcp_toolset' found"},
    {R"("tool_choice":{"type":"auto"})", "tool_choice: tool_choice may only be specified while providing tools"},
    {R"("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"g"})",
     "Tool 'g' not found in provided tools"},
    {R"("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool"})",
     "tool_choice.tool.name: Field required"},
    {R"("tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"})",
     "\"tool_choice.type.any\" is not supported for this model.", "claude-sonnet-5-5"},
    {R"("thinking":{"type":"enabled","budget_tokens":1024},"tools":[{"name":"f","input_schema":{"type":"object"}}],)"
     R"("tool_choice":{"type":"any"})",
     "Thinking may not be enabled when tool_choice forces tool use."},
};

std::string with_fields(const Bad& bad) {
  return R"({"model":")" + std::string(bad.model) +
         R"(","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],)" + std::string(bad.body) + "}";
}

void expect_refused(TestSim& sim, const std::string& body, const Bad& bad) {
  auto seen = ask(sim, body, "{}", bad.headers);
  EXPECT_EQ(seen.status, 400) << body;
  EXPECT_TRUE(error_of(seen).starts_with(bad.message)) << error_of(seen) << "\nfor " << body;
}

TEST(AnthropicRefusals, OfFields) {
  TestSim sim;
  for (const Bad& bad : kBadFields) expect_refused(sim, with_fields(bad), bad);
  for (const Bad& bad : kBadTools) expect_refused(sim, with_fields(bad), bad);
  EXPECT_EQ(error_of(ask(sim, R"({"model":"m","messages":[{"role":"user","content":"hi"}]})")),
            "max_tokens: Field required");
  EXPECT_EQ(error_of(ask(sim, R"({"max_tokens":1,"messages":[{"role":"user","content":"hi"}]})")),
            "model: Field required");
}

TEST(AnthropicRefusals, NotOfBetasThatAreAskedFor) {
  TestSim sim;
  auto headers = std::string(kOld) + "anthropic-beta: a, context-management-2025-06-27\r\n";
  auto body = with_fields({R"("context_management":{"edits":[]})", ""});
  EXPECT_EQ(ask(sim, body, "{}", headers).status, 200);
}

constexpr Bad kBadMessages[] = {
    {R"([])", "messages: at least one message is required"},
    {R"([{"role":"assistant","content":"a"},{"role":"user","content":"b"}])", "messages: first message must use"},
    {R"([{"role":"tool","content":"a"}])", "messages.0.role: Input should be 'user', 'assistant' or 'system'"},
    {R"([{"role":"user","content":""}])", "messages.0: all messages must have non-empty content"},
    {R"([{"role":"user","content":[]}])", "messages.0: all messages must have non-empty content"},
    {R"([{"role":"user","content":" "}])", "messages: text content blocks must contain non-whitespace text"},
    {R"([{"role":"user","content":[{"type":"text","text":""}]}])", "messages: text content blocks must be non-empty"},
    {R"([{"role":"user","content":[{"type":"text"}]}])", "messages.0.content.0.text.text: Field required"},
    {R"([{"role":"user","content":[{"type":"input_text","text":"a"}]}])",
     "messages.0.content.0: Input tag 'input_text' found using 'type' does not match any of the expected tags: 'text'"},
    {R"([{"role":"user","content":"a","name":"b"}])", "messages.0.name: Extra inputs are not permitted"},
    {R"([{"role":"user","content":5}])", "messages.0.content: Input should be a valid string or a valid list"},
    {R"([{"role":"user","content":"a"},{"role":"system","content":"b"}])", "messages: Unexpected role \"system\"."},
    {R"([{"role":"user","content":"a"},{"role":"assistant","content":"b "}])",
     "messages: final assistant content cannot end with trailing whitespace"},
    {R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"}])",
     "This model does not support assistant message prefill.", "claude-opus-4-6"},
    {R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":)"
     R"("iVBORw0KGgoAAAANSUhEUg=="}}]}])",
     "messages.0.content.0.image.source.base64.data: The image was specified using the image/jpeg media type, but"},
    {R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/bmp","data":""}}]}])",
     "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or"},
    {R"([{"role":"user","content":[{"type":"image","source":{"type":"url","url":"http://a/b.png"}}]}])",
     "messages.0.content.0.image.source.url.url: Only HTTPS URLs are supported."},
    {R"([{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf",)"
     R"("data":"aGVsbG8="}}]}])",
     "messages.0.content.0.document.source.base64.data: The PDF specified was not valid."},
    {R"([{"role":"user","content":[{"type":"text","text":"a","citations":[{"type":"search_result_location",)"
     R"("cited_text":"a","search_result_index":0,"source":"s","title":null,"start_block_index":0,)"
     R"("end_block_index":1}]}]}])",
     "messages.0.content.0.text.citations: citations are not supported", "m", kNew},
    {R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"document","source":{"type":"text",)"
     R"("media_type":"text/plain","data":"d"}}]},{"role":"user","content":"b"}])",
     "messages.1.content.0: `document` blocks are not supported in `assistant` messages", "m", kNew},
    {R"([{"role":"user","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}])",
     "messages.0.content.0: `tool_use` blocks can only be in `assistant` messages"},
    {R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"b"}]}])",
     "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a."},
};

// What follows a call of f with the id "a".
constexpr Bad kBadResults[] = {
    {R"({"role":"user","content":"no"})", "messages.1: `tool_use` ids were found without `tool_result` blocks"},
    {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"b"}]})", "messages.2.content.0: unexpected"},
    {R"({"role":"user","content":[{"type":"text","text":"x"},{"type":"tool_result","tool_use_id":"a"}]})",
     "messages.2.content.1: `tool_result` blocks must come first"},
    {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"},{"type":"tool_result","tool_use_id":"a"}]})",
     "messages.2.content.1: each tool_use must have a single result."},
    {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":""}]}]})",
     "messages: text content blocks must be non-empty"},
    {R"({"role":"assistant","content":"x"},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]})",
     "messages.1: `tool_use` ids were found without `tool_result` blocks"},
    {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]},{"role":"assistant","content":)"
     R"([{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":"x"})",
     "messages: `tool_use` ids must be unique"},
    {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]},{"role":"assistant","content":)"
     R"([{"type":"tool_use","id":"a.b","name":"f","input":{}}]},{"role":"user","content":"x"})",
     "messages.3.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"},
    {R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]},{"role":"assistant","content":)"
     R"([{"type":"tool_use","id":"b","name":"f","input":"{}"}]},{"role":"user","content":"x"})",
     "messages.3.content.0.tool_use.input: Input should be a valid dictionary"},
};

std::string with_messages(std::string_view messages, std::string_view more, std::string_view model) {
  return R"({"model":")" + std::string(model) + R"(","max_tokens":4096,)" + std::string(more) + R"("messages":)" +
         std::string(messages) + "}";
}

std::string after_call(std::string_view turns) {
  return R"([{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f",)"
         R"("input":{}}]},)" +
         std::string(turns) + "]";
}

TEST(AnthropicRefusals, OfMessages) {
  TestSim sim;
  for (const Bad& bad : kBadMessages) expect_refused(sim, with_messages(bad.body, "", bad.model), bad);
  for (const Bad& bad : kBadResults) expect_refused(sim, with_messages(after_call(bad.body), "", bad.model), bad);
  auto good = after_call(R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]})");
  EXPECT_EQ(ask(sim, with_messages(good, "", "claude-haiku-4-5")).status, 200);
}

TEST(AnthropicRefusals, OfToolLoopsWithoutTheirThoughts) {
  TestSim sim;
  constexpr std::string_view kThinking = R"("thinking":{"type":"enabled","budget_tokens":1024},)";
  constexpr std::string_view kResult = R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]})";
  auto seen = ask(sim, with_messages(after_call(kResult), kThinking, "claude-haiku-4-5"));
  EXPECT_TRUE(
      error_of(seen).starts_with("messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but "
                                 "found `tool_use`."))
      << error_of(seen);
  // An answer that came after the loop ends it.
  auto over =
      after_call(std::string(kResult) + R"(,{"role":"assistant","content":"4"},{"role":"user","content":"and?"})");
  EXPECT_EQ(ask(sim, with_messages(over, kThinking, "claude-haiku-4-5")).status, 200);
  auto thought = R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t",)"
                 R"("signature":")" +
                 signature_of("t") + R"("}]},{"role":"user","content":"b"}])";
  EXPECT_EQ(error_of(ask(sim, with_messages(thought, "", "m"))),
            "messages.1: The final block in an assistant message cannot be `thinking`.");
}

TEST(AnthropicRefusals, OfBreakpoints) {
  TestSim sim;
  auto block = [](std::string_view ttl) {
    return R"({"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":")" + std::string(ttl) + R"("}})";
  };
  auto body = [&](const std::string& blocks, std::string_view more) {
    return with_messages(R"([{"role":"user","content":[)" + blocks + "]}]", more, "m");
  };
  std::string four = block("1h") + "," + block("1h") + "," + block("5m") + "," + block("5m");
  EXPECT_EQ(ask(sim, body(four, "")).status, 200);
  EXPECT_EQ(error_of(ask(sim, body(four, R"("cache_control":{"type":"ephemeral"},)"))),
            "A maximum of 4 blocks with cache_control may be provided. Found 5.");
  auto seen = ask(sim, body(block("5m") + "," + block("1h"), ""));
  EXPECT_TRUE(
      error_of(seen).starts_with("messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must "
                                 "not come after a ttl='5m'"))
      << error_of(seen);
}

TEST(AnthropicRefusals, KnowModelsByTheirNames) {
  EXPECT_TRUE(model_of("us.anthropic.claude-sonnet-4-5-20250929-v1:0").from(4, 5));
  EXPECT_TRUE(model_of("claude-sonnet-4-5@20250929").before(4, 6));
  EXPECT_TRUE(model_of("claude-3-5-sonnet-20241022").before(4, 0));
  EXPECT_EQ(model_of("claude-opus-4-20250514").minor, 0);
  EXPECT_FALSE(model_of("gpt-4o").known());
  EXPECT_EQ(plain_name("eu.anthropic.claude-opus-4-6-v1"), "claude-opus-4-6");
}

}  // namespace
}  // namespace sluice::sim::anthropic::refusals_test
