#include <gtest/gtest.h>

#include "sim/bedrock/test_converse.h"

namespace sluice::sim::rules_test {
namespace {

struct Bad {
  std::string_view body;
  std::string_view message;
};
// USER and TOOLS stand for a first turn and a tool configuration.
constexpr Bad kBad[] = {
    {R"({"messages":USER,"max_tokens":5})", "#: extraneous key [max_tokens] is not permitted"},
    {R"({"messages":[{"role":"user","content":[{"text":"a","type":"text"}]}]})",
     "#/messages/0/content/0: extraneous key [type]"},
    {R"({"messages":[{"role":"user","content":"a"}]})", "messages.0.content is invalid: expected an array"},
    {R"({"messages":[{"role":"user"}]})",
     "Value at 'messages.1.member.content' failed to satisfy constraint: Member must not be null"},
    {R"({})", "Value at 'messages' failed to satisfy constraint: Member must not be null"},
    {R"({"messages":[]})", "at least one message"},
    {R"({"messages":[{"role":"tool","content":[{"text":"a"}]}]})",
     "Value 'tool' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: "
     "[assistant, system, user]"},
    {R"({"messages":[{"role":"assistant","content":[{"text":"a"}]}]})", "must start with a user message"},
    {R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"user","content":[{"text":"a"}]}]})",
     "must alternate between user and assistant"},
    {R"({"messages":[{"role":"user","content":[]}]})", "Message object at messages.0 is empty"},
    {R"({"messages":[{"role":"user","content":
      [{"text":" \n"}]}]})",
     "ContentBlock object at messages.0.content.0 is blank"},
    {R"({"messages":USER,"system":[{"text":""}]})", "SystemContentBlock object at system.0 is blank"},
    {R"({"messages":[{"role":"user","content":[{}]}]})", "messages.0.content.0 must set exactly one"},
    {R"({"messages":[{"role":"user","content":[{"text":"a","cachePoint":{"type":"default"}}]}]})",
     "messages.0.content.0 must set exactly one"},
    {R"({"messages":USER,"inferenceConfig":{"temperature":1.5}})",
     "Value '1.5' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or "
     "equal to 1"},
    {R"({"messages":USER,"inferenceConfig":{"maxTokens":0}})", "have value greater than or equal to 1"},
    {R"({"messages":USER,"inferenceConfig":{"topK":5}})", "#/inferenceConfig: extraneous key [topK]"},
    {R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"url":"http://x"}}}]}]})",
     "#/messages/0/content/0/image/source: extraneous key [url]"},
    {R"({"messages":[{"role":"user","content":[{"image":{"format":"jpg","source":{"bytes":"aGk="}}}]}]})",
     "messages.1.member.content.1.member.image.format"},
    {R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":
      {"bytes":"data:image/png;base64,"}}}]}]})",
     "messages.0.content.0.image.source.bytes is not valid base64"},
    {R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"/9j/4AAQ"}}}]}]})",
     "the image appears to be a image/jpeg image"},
    {R"({"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"s3Location":
      {"uri":"http://x"}}}}]}]})",
     "regular expression pattern: s3://"},
    {R"({"messages":[{"role":"user","content":[{"document":{"format":"txt","name":"a","source":{"text":"x"}}}]}]})",
     "text block is required"},
    {R"({"messages":[{"role":"user","content":[{"text":"x"},{"document":{"format":"txt","name":"a.txt","source":
      {"text":"x"}}}]}]})",
     "document file name can only contain"},
    {R"({"messages":[{"role":"user","content":[{"text":"x"},{"document":{"name":"a","source":{"text":"x"}}},
      {"document":{"name":"a","source":{"text":"y"}}}]}]})",
     "duplicate document names"},
    {R"({"messages":USER,"system":[{"cachePoint":{"type":"ephemeral"}}]})", "Value 'ephemeral' at 'system.1.member"},
    {R"({"messages":USER,"system":[{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"a"},{"cachePoint":
      {"type":"default"}},
      {"text":"a"},{"cachePoint":{"type":"default"}},{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"a"},
      {"cachePoint":{"type":"default"}}]})",
     "A maximum of 4 blocks"},
    {R"({"messages":USER,"system":[{"text":"a"},{"cachePoint":{"type":"default"}},{"text":"a"},{"cachePoint":
      {"type":"default","ttl":"1h"}}]})",
     "must not come after a ttl='5m'"},
    {R"({"messages":USER,"toolConfig":{"tools":
      []}})",
     "'toolConfig.tools' failed to satisfy constraint: Member must have length"},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a b","inputSchema":{"json":
      {"type":"object"}}}}]}})",
     "regular expression pattern: [a-zA-Z0-9_-]+"},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a","description":"","inputSchema":{"json":
      {"type":"object"}}}}]}})",
     "toolSpec.description"},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{}}}}]}})",
     "toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object."},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"type":"object"}}}]}})",
     "extraneous key [type]"},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{"type":"object"}}}},
      {"toolSpec":{"name":"a","inputSchema":{"json":{"type":"object"}}}}]}})",
     "Tool names must be unique"},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{"type":"object"}}}}],
      "toolChoice":{"none":{}}}})",
     "#/toolConfig/toolChoice: extraneous key [none]"},
    {R"({"messages":USER,"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{"type":"object"}}}}],
      "toolChoice":{"tool":{"name":"b"}}}})",
     "toolConfig.toolChoice.tool.name"},
    {R"({"messages":USER,"guardrailConfig":
      {"streamProcessingMode":"sync"}})",
     "extraneous key [streamProcessingMode]"},
    {R"({"messages":USER,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":
      {}}}}}})",
     "jsonSchema.schema is invalid: expected a string"},
    {R"({"messages":USER,"outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":
      {"schema":"{"}}}}})",
     "jsonSchema.schema is not valid JSON"},
    {R"({"messages":USER,"requestMetadata":{"a":1}})", "requestMetadata.a"},
    {R"({"messages":USER,"additionalModelResponseFieldPaths":["stop"]})", "JSON pointer"},
    {R"({"messages":USER,"serviceTier":{"type":"auto"}})", "Value 'auto' at 'serviceTier.type'"},
    {R"({"messages":[CALL]})", "must start with a user message"},
    {R"({TOOLS,"messages":[FIRST,
      CALL]})",
     "Expected toolResult blocks at messages.2.content for the following Ids: x1"},
    {R"({TOOLS,"messages":[FIRST,CALL,
      FIRST]})",
     "Expected toolResult blocks at messages.2.content for the following Ids: x1"},
    {R"({TOOLS,"messages":[FIRST,CALL,{"role":"user","content":[{"toolResult":{"toolUseId":"x1","content":[]}},
      {"toolResult":{"toolUseId":"x2","content":[]}}]}]})",
     "exceeds the number of toolUse blocks of previous turn"},
    {R"({TOOLS,"messages":[FIRST,CALL,{"role":"user","content":[{"toolResult":{"toolUseId":"x1","content":[]}},
      {"toolResult":{"toolUseId":"x1","content":[]}}]}]})",
     "contain duplicate Ids: x1"},
    {R"({TOOLS,"messages":[FIRST,CALL,{"role":"user","content":[{"text":"so"},{"toolResult":{"toolUseId":"x1",
      "content":[]}}]}]})",
     "`tool_use` ids were found without `tool_result` blocks immediately after: x1"},
    {R"({"messages":[FIRST,CALL,{"role":"user","content":[{"toolResult":{"toolUseId":"x1","content":[]}}]}]})",
     "The toolConfig field must be defined"},
    {R"({TOOLS,"messages":[FIRST,CALL,{"role":"user","content":[{"toolResult":{"toolUseId":"x1","content":
      [{"json":[1]}]}}]}]})",
     "messages.2.content.0.toolResult.content.0.json is invalid. Provide a json object"},
    {R"({TOOLS,"messages":[FIRST,{"role":"assistant","content":[{"toolUse":{"toolUseId":"a|b","name":"get",
      "input":{}}}]}]})",
     "Value 'a|b' at 'messages.2.member.content.1.member.toolUse.toolUseId' failed to satisfy constraint: Member must "
     "satisfy regular expression pattern: [a-zA-Z0-9_.:-]+"},
    {R"({TOOLS,"messages":[FIRST,{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"get",
      "input":"{}"}}]}]})",
     "messages.1.content.0.toolUse.input is invalid. Provide a json object"},
    {R"({"messages":[FIRST,{"role":"assistant","content":[{"image":{"format":"png","source":{"bytes":"aGk="}}}]}]})",
     "can't be in a message with the role assistant"},
    {R"({"messages":[{"role":"user","content":[{"reasoningContent":{"reasoningText":{"text":"a"}}}]}]})",
     "can't be in a message with the role user"},
    {R"({"messages":[FIRST,{"role":"assistant","content":
      [{"text":"so "}]}]})",
     "cannot end with trailing whitespace"},
    {R"({"messages":USER,"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":100}}})",
     "budget_tokens: Input should be greater than or equal to 1024"},
    {R"({"messages":USER,"inferenceConfig":{"maxTokens":2000},"additionalModelRequestFields":{"thinking":
      {"type":"enabled","budget_tokens":2000}}})",
     "`max_tokens` must be greater than"},
    {R"({"messages":USER,"inferenceConfig":{"temperature":0.5},"additionalModelRequestFields":{"thinking":
      {"type":"enabled","budget_tokens":2000}}})",
     "`temperature` may only be set to 1"},
    {R"({"messages":USER,"inferenceConfig":{"temperature":0.5,"topP":0.9}})", "cannot both be specified"},
    {R"({TOOLS,"messages":[FIRST,CALL,{"role":"user","content":[{"toolResult":{"toolUseId":"x1","content":[]}}]}],
      "additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2000}}})",
     "Expected `thinking` or `redacted_thinking`, but found `tool_use`"},
};

std::string filled(std::string_view body) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"USER", R"([{"role":"user","content":[{"text":"a"}]}])"},
      {"FIRST", R"({"role":"user","content":[{"text":"a"}]})"},
      {"CALL", R"({"role":"assistant","content":[{"toolUse":{"toolUseId":"x1","name":"get","input":{}}}]})"},
      {"TOOLS", kConverseTools}};
  std::string out(body);
  for (auto [word, text] : kWords) {
    for (auto at = out.find(word); at != std::string::npos; at = out.find(word, at + text.size())) {
      out.replace(at, word.size(), text);
    }
  }
  return out;
}

TEST(BedrockRules, RefusesWhatTheServiceRefuses) {
  TestSim sim;
  for (const Bad& bad : kBad) {
    auto seen = converse(sim, filled(bad.body));
    EXPECT_EQ(seen.status, 400) << bad.body;
    EXPECT_TRUE(seen.headers["x-amzn-errortype"].starts_with("ValidationException:")) << bad.body;
    if (seen.status == 400) {
      EXPECT_TRUE(std::string_view(seen.json().at("message").as_string()).contains(bad.message)) << bad.body << "\n"
                                                                                                 << seen.body;
    }
  }
}

TEST(BedrockRules, HasTheGuardrailsOfStreams) {
  TestSim sim;
  std::string body = filled(R"({"messages":USER,"guardrailConfig":{"streamProcessingMode":"sync"}})");
  EXPECT_EQ(converse(sim, body, "{}", "/converse-stream").status, 200);
}

TEST(BedrockRules, TakesPromptsThatAreKept) {
  TestSim sim;
  std::string path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aprompt%2FABC%3A1/converse";
  EXPECT_EQ(sim.call("POST", path, R"({"promptVariables":{"a":{"text":"b"}}})").status, 200);
  EXPECT_EQ(sim.call("POST", path, R"({"system":[{"text":"a"}]})").status, 400);
}

}  // namespace
}  // namespace sluice::sim::rules_test
