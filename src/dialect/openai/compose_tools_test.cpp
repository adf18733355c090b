#include "dialect/openai/compose_fixture_test.h"

namespace sluice::dialect::openai::compose_tools_test {
namespace {

TEST_F(OpenAiCompose, WritesToolsOfOtherDialects) {
  target_.quirks.openai_tools = true;
  add(Role::kUser, PartKind::kText, "a");
  request_.tools.push_back(
      {.kind = chat::ToolKind::kFunction, .name = {"get.weather"}, .schema = R"({"type":"object"})"});
  request_.tools.push_back(
      {.kind = chat::ToolKind::kCustom,
       .name = {"sql"},
       .raw = R"({"type":"custom","name":"sql","format":{"type":"grammar","syntax":"lark","definition":"a"}})"});
  request_.tool_choice = {.mode = chat::ToolChoice::Mode::kSubset, .names = {{"sql"}, {"get.weather"}}};
  request_.parallel_calls = true;
  const Outgoing out = composed();
  ASSERT_EQ(out.renamed.size(), 1u);
  const std::string& name = out.renamed[0].first;
  EXPECT_EQ(out.renamed[0].second, "get.weather");
  EXPECT_EQ(
      out.body,
      R"({"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":")" +
          name +
          R"(","parameters":{"type":"object","properties":{}}}},{"type":"custom","custom":{"name":"sql","format":)"
          R"({"type":"grammar","grammar":{"definition":"a","syntax":"lark"}}}}],"tool_choice":)"
          R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"custom","custom":)"
          R"({"name":"sql"}},{"type":"function","function":{"name":")" +
          name + R"("}}]}},"parallel_tool_calls":true})");
  request_.tools.push_back({.kind = chat::ToolKind::kServer, .name = {"bash"}});
  EXPECT_EQ(refusal(),
            "tools[2]: 'tools[2]' is a tool that its own provider runs, which is not supported by provider 'p' (model "
            "'m').");
}

TEST_F(OpenAiCompose, WritesFreeTextAsAFunctionWhereItIsNotKnown) {
  target_.quirks.openai_tools = false;
  add(Role::kUser, PartKind::kText, "a");
  request_.tools.push_back({.kind = chat::ToolKind::kCustom, .name = {"apply_patch"}, .raw = "{}"});
  request_.tool_choice = {.mode = chat::ToolChoice::Mode::kNamed, .names = {{"apply_patch"}}};
  Part call;
  call.kind = PartKind::kCall;
  call.tool = chat::ToolKind::kCustom;
  call.id = {"c1"};
  call.name = {"apply_patch"};
  call.text = {R"(say \"hi\")"};
  request_.turns.push_back({.role = Role::kAssistant, .parts = {call}});
  const std::string body = composed().body;
  EXPECT_TRUE(body.contains(
      R"("tools":[{"type":"function","function":{"name":"apply_patch","parameters":{"type":"object","properties":)"
      R"({"input":{"type":"string"}},"required":["input"]}}}],"tool_choice":{"type":"function",)"))
      << body;
  EXPECT_TRUE(body.contains(
      R"("type":"function","function":{"name":"apply_patch","arguments":"{\"input\":\"say \\\"hi\\\"\"}"})"))
      << body;
}

}  // namespace
}  // namespace sluice::dialect::openai::compose_tools_test
