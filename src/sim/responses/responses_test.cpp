#include <gtest/gtest.h>

#include "sim/dom.h"
#include "sim/responses/items.h"
#include "sim/test_fixtures.h"
#include "sim/test_peer.h"
#include "sim/vouch.h"

namespace sluice::sim::responses_test {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view kPath = "/v1/responses";

struct ResponsesSim : TestSim {
  using TestSim::TestSim;

  Seen ask(std::string_view body, std::string_view script = "{}") {
    return call("POST", kPath, body, "x-sim: " + std::string(script) + "\r\n");
  }
  Seen ask(const object& body, std::string_view script = "{}") { return ask(boost::json::serialize(body), script); }

  object answer(std::string_view body, std::string_view script = "{}") {
    Seen seen = ask(body, script);
    EXPECT_EQ(seen.status, 200) << seen.body;
    return seen.json().as_object();
  }
};

std::string with(std::string_view more) {
  return R"({"model":"gpt-4.1","input":"hello there",)" + std::string(more) + "}";
}
std::string talk(std::string_view items, std::string_view more = "") {
  return R"({"model":"gpt-4.1","input":[)" + std::string(items) + "]" + std::string(more) + "}";
}

// ---- recorded requests ----

// What only the provider that was recorded can know: its own signatures and ids.
void make_ours(object& body, ResponsesSim& sim) {
  if (body.contains("previous_response_id")) {
    body["previous_response_id"] = sim.answer(R"({"model":"gpt-5.5","input":"hi"})").at("id");
  }
  if (!body.at("input").is_array()) return;
  for (value& item : body.at("input").as_array()) {
    if (type_of(item.as_object()) != "reasoning") continue;
    item.as_object()["encrypted_content"] = sealed_reasoning("", summary_of(item.as_object()));
  }
}

TEST(ResponsesRecorded, GoodRequestsAreTaken) {
  ResponsesSim sim;
  int taken = 0;
  for (const object& one : recorded("openai-responses")) {
    if (one.at("response").at("status").to_number<int>() != 200) continue;
    object body = one.at("request").at("body").as_object();
    make_ours(body, sim);
    Seen seen = sim.ask(body);
    EXPECT_EQ(seen.status, 200) << one.at("id") << seen.body;
    ++taken;
  }
  EXPECT_GT(taken, 15);
}

// ---- refusals ----

struct Bad {
  std::string body;
  std::string param;  // empty: null
  std::string code;   // empty: null
  std::string message;
};

void expect_refused(const std::vector<Bad>& table) {
  ResponsesSim sim;
  for (const Bad& bad : table) {
    Seen seen = sim.ask(bad.body);
    ASSERT_EQ(seen.status, 400) << bad.body << seen.body;
    object error = seen.json().at("error").as_object();
    EXPECT_EQ(text_in(error, "param"), bad.param) << bad.body << seen.body;
    EXPECT_EQ(text_in(error, "code"), bad.code) << bad.body << seen.body;
    EXPECT_EQ(text_in(error, "type"), "invalid_request_error");
    EXPECT_TRUE(text_in(error, "message").contains(bad.message)) << bad.message << seen.body;
  }
}

TEST(ResponsesRefusals, FieldsOfTheRequest) {
  expect_refused({
      {R"({"input":"x"})", "model", "missing_required_parameter", "Missing required parameter: 'model'."},
      {R"({"model":"m"})", "input", "missing_required_parameter", R"(One of "input" or "previous_response_id")"},
      {R"({"model":"m","input":[]})", "input", "missing_required_parameter", "must be provided"},
      {R"({"model":"m","input":1})", "input", "invalid_type", "one of a string or array of input items"},
      {R"({"model":"m","messages":[]})", "messages", "unknown_parameter", "Unknown parameter: 'messages'."},
      {with(R"("max_tokens":20)"), "max_tokens", "unknown_parameter", "Unknown"},
      {with(R"("max_output_tokens":15)"), "max_output_tokens", "integer_below_min_value", ">= 16, but got 15"},
      {with(R"("temperature":2.5)"), "temperature", "decimal_above_max_value", "<= 2"},
      {with(R"("include":["all"])"), "include[0]", "invalid_value", "Invalid value: 'all'. Supported values are: "},
      {with(R"("service_tier":"slow")"), "service_tier", "invalid_value", "Invalid value: 'slow'."},
      {with(R"("text":{"format":{"type":"json_schema","json_schema":{}}})"), "text.format.json_schema",
       "unknown_parameter", "Unknown"},
      {with(R"("text":{"format":{"type":"json_object"}})"), "input", "", "must contain the word 'json'"},
      {with(R"("reasoning_effort":"low")"), "reasoning_effort", "unknown_parameter", "Unknown"},
      {with(R"("stream_options":{"include_obfuscation":false})"), "stream_options", "", "only allowed when 'stream'"},
      {with(R"("metadata":{"a":1})"), "metadata.a", "invalid_type", "expected a string"},
      {with(R"("previous_response_id":"resp_gone")"), "previous_response_id", "previous_response_not_found",
       "Previous response with id 'resp_gone' not found."},
      {with(R"("previous_response_id":"chatcmpl-1")"), "previous_response_id", "invalid_value", "begins with 'resp'"},
      {with(R"("previous_response_id":"resp_a","conversation":"conv_b")"), "", "mutually_exclusive_parameters",
       "Mutually exclusive"},
      {with(R"("background":true,"store":false)"), "background", "invalid_value", "requires 'store'"},
  });
}

TEST(ResponsesRefusals, WhatAModelLacks) {
  expect_refused({
      {R"({"model":"o3","input":"x","temperature":1})", "temperature", "unsupported_parameter", "not supported with"},
      {R"({"model":"gpt-5.5","input":"x","top_p":0.5})", "top_p", "unsupported_parameter", "not supported with"},
      {R"({"model":"gpt-5","input":"x","reasoning":{"effort":"none"}})", "reasoning.effort", "unsupported_value",
       "does not support 'none' with this model. Supported values are: 'minimal', 'low', 'medium', 'high'."},
      {R"({"model":"gpt-4o","input":"x","reasoning":{"effort":"low"}})", "reasoning.effort", "unsupported_parameter",
       "'reasoning.effort' is not supported"},
      {R"({"model":"gpt-4o","input":"x","include":["reasoning.encrypted_content"]})", "include", "",
       "Encrypted content is not supported with this model."},
      {R"({"model":"gpt-4o","input":"x","text":{"verbosity":"low"}})", "text.verbosity", "unsupported_value", "medium"},
  });
}

TEST(ResponsesRefusals, Tools) {
  expect_refused({
      {with(R"("tools":[{"type":"function","function":{"name":"f"}}])"), "tools[0].function", "unknown_parameter", ""},
      {with(R"("tools":[{"type":"function","parameters":{}}])"), "tools[0].name", "missing_required_parameter", ""},
      {with(R"("tools":[{"type":"function","name":"a b"}])"), "tools[0].name", "invalid_value", "^[a-zA-Z0-9_-]+$"},
      {with(R"("tools":[{"type":"function","name":"f","parameters":{}}])"), "tools[0].parameters",
       "invalid_function_parameters", "got 'type: \"None\"'"},
      {with(R"("tools":[{"type":"function","name":"f","strict":true,"parameters":{"type":"object","properties":{}}}])"),
       "tools[0].parameters", "invalid_function_parameters", "In context=(), 'additionalProperties' is required"},
      {with(R"("tools":[{"type":"function","name":"f","strict":true,"parameters":{"type":"object","properties":)"
            R"({"a":{"type":"string"}},"required":[],"additionalProperties":false}}])"),
       "tools[0].parameters", "invalid_function_parameters", "Missing 'a'."},
      {with(R"("tools":[{"type":"retrieval"}])"), "tools[0].type", "invalid_value", "Invalid value: 'retrieval'."},
      {with(R"("tool_choice":"required")"), "tool_choice", "", "must be specified with 'tools'"},
      {with(R"("tool_choice":"any")"), "tool_choice", "invalid_value", "'none', 'auto', and 'required'"},
      {with(R"("tool_choice":{"type":"function","function":{"name":"f"}})"), "tool_choice.function",
       "unknown_parameter", ""},
      {with(R"("tool_choice":{"type":"function","name":"g"},"tools":[{"type":"function","name":"f"}])"), "tool_choice",
       "", "Tool choice 'g' not found in 'tools' parameter."},
  });
}

TEST(ResponsesRefusals, Items) {
  expect_refused({
      {talk(R"({"role":"user","content":12})"), "input[0].content", "invalid_type",
       "expected one of an array of objects or string, but got"},
      {talk(R"({"role":"tool","content":"x"})"), "input[0]", "invalid_value", "Invalid value: 'tool'."},
      {talk(R"({"type":"tool_call"})"), "input[0]", "invalid_value", "Invalid value: 'tool_call'."},
      {talk(R"({"role":"user","content":"x","name":"n"})"), "input[0].name", "unknown_parameter", ""},
      {talk(R"({"role":"user","content":[{"type":"text","text":"x"}]})"), "input[0].content[0]", "invalid_value",
       "Invalid value: 'text'."},
      {talk(R"({"role":"assistant","content":[{"type":"input_text","text":"x"}]})"), "input[0].content[0]",
       "invalid_value", "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'."},
      {talk(R"({"role":"user","content":[{"type":"input_image","image_url":{"url":"u"}}]})"),
       "input[0].content[0].image_url", "invalid_type", "a URL, but got an object"},
      {talk(R"({"role":"user","content":[{"type":"input_image","image_url":"iVBORw0K"}]})"),
       "input[0].content[0].image_url", "invalid_value", "Expected a valid URL"},
      {talk(R"({"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,@@"}]})"),
       "input[0].content[0].image_url", "invalid_base64_image", "base64"},
      {talk(R"({"role":"user","content":[{"type":"input_file","file_data":"data:application/pdf;base64,aGk="}]})"),
       "input[0].content[0].filename", "missing_required_parameter", ""},
      {talk(R"({"role":"user","content":"x"},{"type":"function_call_output","call_id":"c","output":{"a":1}})"),
       "input[1].output", "invalid_type", ""},
      {talk(R"({"type":"message","id":"chatcmpl-1","role":"assistant","content":"x"})"), "input[0].id", "invalid_value",
       "Expected an ID that begins with 'msg'."},
      {talk(R"({"type":"message","id":"msg_a.b","role":"assistant","content":"x"})"), "input[0].id", "invalid_value",
       "letters, numbers, underscores, or dashes"},
      {talk(R"({"type":"message","id":"msg_)" + std::string(61, 'a') + R"(","role":"assistant","content":"x"})"),
       "input[0].id", "string_above_max_length", "maximum length 64, but got a string with length 65"},
      {talk(R"({"type":"message","id":"msg_1","role":"user","content":"x"},)"
            R"({"type":"message","id":"msg_1","role":"user","content":"x"})"),
       "input", "", "Duplicate item found with id msg_1."},
  });
}

TEST(ResponsesRefusals, WhatDoesNotBelongTogether) {
  std::string call = R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{}"})";
  std::string result = R"({"type":"function_call_output","call_id":"c1","output":"1"})";
  std::string custom = R"({"type":"custom_tool_call","call_id":"c1","name":"f","input":"x"})";
  std::string thought =
      R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":")" + sealed_reasoning("", "") + R"("})";
  expect_refused({
      {talk(call), "input", "", "No tool output found for function call c1."},
      {talk(result), "input", "", "No tool call found for function call output with call_id c1."},
      {talk(result + "," + call), "input", "", "No tool call found for function call output with call_id c1."},
      {talk(call + "," + result + "," + result), "input", "", "Duplicate tool output"},
      {talk(custom + "," + result), "input", "", "No tool call found for function call output"},
      {talk(custom), "input", "", "No tool output found for custom tool call c1."},
      {talk(thought), "input", "", "Item 'rs_1' of type 'reasoning' was provided without its required following item."},
      {talk(thought + R"(,{"role":"user","content":"x"})"), "input", "", "without its required following item."},
      {talk(R"({"type":"reasoning","summary":[]},{"role":"assistant","content":"x"})"), "input[0].id",
       "missing_required_parameter", ""},
      {talk(R"({"type":"reasoning","id":"rs_7","summary":[],"encrypted_content":"gAAAAAB1=="},)"
            R"({"role":"assistant","content":"x"})"),
       "", "invalid_encrypted_content", "The encrypted content for item rs_7 could not be verified."},
  });
}

TEST(ResponsesRefusals, WhatIsNotKept) {
  ResponsesSim sim;
  for (std::string item :
       {R"({"type":"item_reference","id":"msg_sim-1_0"})",
        R"({"type":"reasoning","id":"rs_sim-1_0","summary":[]},{"role":"assistant","content":"x"})"}) {
    Seen seen = sim.ask(talk(item));
    EXPECT_EQ(seen.status, 404) << seen.body;
    EXPECT_TRUE(seen.body.contains("Items are not persisted when `store` is set to false.")) << seen.body;
  }
  EXPECT_EQ(sim.ask(with(R"("conversation":"conv_1")")).status, 404);
}

// ---- what is taken ----

TEST(ResponsesRequest, TakesEverythingTheApiTakes) {
  ResponsesSim sim;
  for (
      std::string body : {
          with(
              R"("instructions":"be brief","max_output_tokens":16,"max_tool_calls":1,"truncation":"auto","user":"u",)"
              R"("temperature":0.5,"top_p":1,"top_logprobs":2,"include":["message.output_text.logprobs"],)"
              R"("prompt_cache_key":"k","prompt_cache_options":{"mode":"explicit","ttl":"12h"},"store":null,)"
              R"("service_tier":"ultrafast","safety_identifier":"s","context_management":[{"type":"compaction"}],)"
              R"("text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"}},"verbosity":"medium"})"),
          with(R"("tools":[{"type":"web_search","filters":{"allowed_domains":["a.b"]}},{"type":"web_search_preview"},)"
               R"({"type":"file_search","vector_store_ids":["vs"],"filters":{"type":"eq","key":"k","value":1}},)"
               R"({"type":"computer_use_preview","display_height":1,"display_width":1,"environment":"mac"},)"
               R"({"type":"code_interpreter","container":{"type":"auto"}},{"type":"image_generation","size":"auto"},)"
               R"({"type":"mcp","server_label":"l","server_url":"https://a.b","require_approval":"never"},)"
               R"({"type":"local_shell"},{"type":"shell","environment":{"type":"container_auto"}},)"
               R"({"type":"apply_patch"},{"type":"tool_search"},{"type":"programmatic_tool_calling"},)"
               R"({"type":"namespace","name":"n","description":"d","tools":[{"type":"function","name":"f"}]}],)"
               R"("tool_choice":{"type":"mcp","server_label":"l","name":"x"})"),
          talk(R"({"role":"developer","content":"d"},{"role":"user","content":[{"type":"input_text","text":"a"},)"
               R"({"type":"input_image","image_url":"https://a.b/c.png","detail":"original"},)"
               R"({"type":"input_file","file_id":"file-1"}]},{"role":"assistant","content":"x","phase":"commentary"})"),
          std::string(R"({"model":"gpt-5.1","input":"x","temperature":0.2,"reasoning":{"effort":"none"}})"),
          std::string(R"({"prompt":{"id":"pmpt_1","variables":{"a":"b"}}})"),
      }) {
    Seen seen = sim.ask(body);
    EXPECT_EQ(seen.status, 200) << body << seen.body;
  }
}

TEST(ResponsesRequest, IsReadWithoutBeingCheckedWhenTheScriptSaysSo) {
  ResponsesSim sim;
  constexpr std::string_view kLax = R"({"strict":false})";
  object answer = sim.answer(R"({"model":"m","input":[{"role":"tool","content":"x"},1,{"type":7}],"odd":1})", kLax);
  object next{{"model", 1}, {"input", array{nullptr}}, {"tools", "x"}, {"reasoning", array()}};
  next["previous_response_id"] = answer.at("id");
  EXPECT_EQ(sim.ask(next, kLax).status, 200);
  EXPECT_EQ(sim.ask(R"({"previous_response_id":"resp_gone","input":{}})", kLax).status, 200);
  EXPECT_EQ(sim.ask("[]", kLax).status, 400);
}

TEST(ResponsesRequest, CountsItsTokens) {
  ResponsesSim sim;
  Seen seen = sim.call("POST", "/v1/responses/input_tokens", with(R"("instructions":"Be terse.")"));
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json().at("object"), "response.input_tokens");
  EXPECT_EQ(seen.json().at("input_tokens").to_number<int>(), 5);
  EXPECT_EQ(sim.call("POST", "/v1/responses/input_tokens", with(R"("messages":[])")).status, 400);
  EXPECT_EQ(sim.call("GET", "/v1/responses/input_tokens").status, 405);
}

}  // namespace
}  // namespace sluice::sim::responses_test
