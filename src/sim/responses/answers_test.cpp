#include <gtest/gtest.h>

#include "sim/dom.h"
#include "sim/responses/items.h"
#include "sim/test_peer.h"
#include "sim/vouch.h"

namespace sluice::sim::answers_test {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view kPath = "/v1/responses";
constexpr std::string_view kTools =
    R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"custom","name":"c"}])";
constexpr std::string_view kThinks =
    R"({"model":"gpt-5.5","input":"17*23?","store":false,"reasoning":{"summary":"auto"},)"
    R"("include":["reasoning.encrypted_content"]})";

struct ResponsesTalk : TestSim {
  using TestSim::TestSim;

  Seen ask(const object& body, std::string_view script = "{}") {
    return call("POST", kPath, boost::json::serialize(body), "x-sim: " + std::string(script) + "\r\n");
  }
  object answer(const object& body, std::string_view script = "{}") {
    Seen seen = ask(body, script);
    EXPECT_EQ(seen.status, 200) << seen.body;
    return seen.json().as_object();
  }
  // The events of a stream; checks their names and numbers.
  std::vector<object> stream(object body, std::string_view script = "{}") {
    body["stream"] = true;
    Seen seen = ask(body, script);
    EXPECT_EQ(seen.status, 200) << seen.body;
    std::vector<object> events;
    for (const std::string& data : seen.events()) {
      events.push_back(boost::json::parse(data).as_object());
      EXPECT_EQ(events.back().at("sequence_number").to_number<std::size_t>(), events.size() - 1);
      EXPECT_TRUE(seen.body.contains("event: " + std::string(events.back().at("type").as_string()) + "\ndata: "));
    }
    return events;
  }
};

object parsed(std::string_view json) {
  return boost::json::parse(json).as_object();
}
object hello() {
  return parsed(R"({"model":"gpt-4.1","input":"hello there"})");
}
object calling(std::string_view names) {
  return parsed(R"({"model":"gpt-4.1","input":"call:)" + std::string(names) + R"( now",)" + std::string(kTools) + "}");
}

std::vector<std::string> types_of(const std::vector<object>& events) {
  std::vector<std::string> types;
  for (const object& event : events) types.emplace_back(text_in(event, "type"));
  return types;
}

std::string joined(const std::vector<object>& events, std::string_view type, std::size_t index) {
  std::string text;
  for (const object& event : events) {
    if (text_in(event, "type") != type || event.at("output_index").to_number<std::size_t>() != index) continue;
    text += event.at("delta").as_string();
  }
  return text;
}

array input_of(const object& body) {
  if (body.at("input").is_array()) return body.at("input").as_array();
  return {object{{"role", "user"}, {"content", body.at("input")}}};
}

// The request that goes on from an answer by sending it back.
object going_on(const object& body, const object& answer) {
  array input = input_of(body);
  for (const value& item : answer.at("output").as_array()) input.push_back(item);
  for (const value& item : answer.at("output").as_array()) {
    std::string type(text_in(item.as_object(), "type"));
    if (!type.ends_with("_call")) continue;
    input.push_back(object{{"type", type + "_output"}, {"call_id", item.at("call_id")}, {"output", "42"}});
  }
  input.push_back(object{{"role", "user"}, {"content", "and now?"}});
  object next = body;
  next["input"] = std::move(input);
  return next;
}

// Whole and streamed, the same is said.
void expect_same(const object& streamed, const object& whole) {
  auto bare = [](const object& response) {
    array items = response.at("output").as_array();
    for (value& item : items) {
      item.as_object().erase("id");
      item.as_object().erase("call_id");
    }
    return items;
  };
  EXPECT_EQ(bare(streamed), bare(whole));
  EXPECT_EQ(streamed.at("usage"), whole.at("usage"));
  EXPECT_EQ(streamed.at("status"), whole.at("status"));
}

TEST(ResponsesAnswer, IsAnEcho) {
  ResponsesTalk sim;
  object answer = sim.answer(hello());
  EXPECT_EQ(answer.at("object"), "response");
  EXPECT_EQ(answer.at("status"), "completed");
  EXPECT_EQ(answer.at("model"), "gpt-4.1");
  const value& item = answer.at("output").at(0);
  EXPECT_EQ(item.at("content").at(0).at("text"), "You said: hello there");
  EXPECT_TRUE(item.at("id").as_string().starts_with("msg_"));
  EXPECT_EQ(answer.at("usage").at("input_tokens"), 3);
  EXPECT_EQ(answer.at("usage").at("total_tokens"), 9);
}

TEST(ResponsesAnswer, IsStreamedEventByEvent) {
  ResponsesTalk sim;
  auto events = sim.stream(hello(), R"({"nonce":"!"})");
  std::vector<std::string> types{"response.created", "response.in_progress", "response.output_item.added",
                                 "response.content_part.added"};
  types.insert(types.end(), 4, "response.output_text.delta");
  for (auto type : {"output_text.done", "content_part.done", "output_item.done", "completed"}) {
    types.emplace_back("response." + std::string(type));
  }
  EXPECT_EQ(types_of(events), types);
  EXPECT_EQ(joined(events, "response.output_text.delta", 0), "You! said:! hello! there!");
  EXPECT_EQ(events[8].at("text"), "You! said:! hello! there!");
  EXPECT_EQ(events[5].at("item_id"), events[2].at("item").at("id"));
  EXPECT_EQ(events[5].at("obfuscation").as_string().size() % 16, 16 - std::string_view("said:!").size() - 1);
  expect_same(sim.stream(hello()).back().at("response").as_object(), sim.answer(hello()));
  object plain = hello();
  plain["stream_options"] = object{{"include_obfuscation", false}};
  for (const object& event : sim.stream(plain)) EXPECT_FALSE(event.contains("obfuscation"));
}

TEST(ResponsesAnswer, CallsTwoToolsAtOnce) {
  ResponsesTalk sim;
  object answer = sim.answer(calling("f,c"));
  const array& items = answer.at("output").as_array();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].at("arguments"), R"({"text":"call:f,c now"})");
  EXPECT_EQ(items[1].at("input"), "call:f,c now");
  for (std::string style : {"fragments", "whole", "with_finish", "together"}) {
    auto events = sim.stream(calling("f,c"), R"({"tool_style":")" + style + "\"}");
    expect_same(events.back().at("response").as_object(), answer);
    bool silent = style == "with_finish";
    EXPECT_EQ(joined(events, "response.function_call_arguments.delta", 0), silent ? "" : R"({"text":"call:f,c now"})");
    EXPECT_EQ(joined(events, "response.custom_tool_call_input.delta", 1), silent ? "" : "call:f,c now");
  }
}

TEST(ResponsesAnswer, EndsAsTheScriptSays) {
  ResponsesTalk sim;
  object cut = sim.answer(hello(), R"({"finish_reason":"max_output_tokens"})");
  EXPECT_EQ(cut.at("status"), "incomplete");
  EXPECT_EQ(cut.at("incomplete_details").at("reason"), "max_output_tokens");
  EXPECT_EQ(cut.at("output").at(0).at("status"), "incomplete");
  EXPECT_EQ(types_of(sim.stream(hello(), R"({"finish_reason":"content_filter"})")).back(), "response.incomplete");
  auto failed = sim.stream(hello(), R"({"finish_reason":"failed"})");
  EXPECT_EQ(failed.back().at("type"), "response.failed");
  EXPECT_EQ(failed.back().at("response").at("error").at("code"), "server_error");
  EXPECT_EQ(types_of(sim.stream(hello(), R"({"no_done":true})")).back(), "response.output_item.done");
}

TEST(ResponsesAnswer, IsRecordedAsAWhole) {
  ResponsesTalk sim({.record = SimOptions::Record::kOn});
  auto events = sim.stream(calling("f"));
  auto entry = sim.ledger().at(0).as_object();
  EXPECT_EQ(boost::json::parse(entry.at("answer").as_string()), events.back().at("response"));
  EXPECT_EQ(entry.at("usage"), events.back().at("response").at("usage"));
}

TEST(ResponsesErrors, ComeInTheMiddleOfAStream) {
  ResponsesTalk sim;
  auto events = sim.stream(hello(), R"({"error_after":2})");
  EXPECT_EQ(types_of(events).back(), "error");
  EXPECT_EQ(events.size(), 7U);
  EXPECT_EQ(events.back().at("error").at("code"), "server_error");
  auto own = sim.stream(hello(), R"({"error_after":0,"error":{"code":"x","message":"m"}})");
  EXPECT_EQ(own.size(), 3U);
  EXPECT_EQ(own.back().at("error").at("code"), "x");
  auto flat = sim.stream(hello(), R"({"error_after":99,"error":{"type":"error","code":"x","message":"m"}})");
  EXPECT_EQ(flat.back().at("code"), "x");
}

TEST(ResponsesErrors, AreSpelledByStatus) {
  ResponsesTalk sim;
  struct Case {
    int status;
    std::string_view type;
    std::string_view code;
  };
  for (const Case& one : {Case{429, "requests", "rate_limit_exceeded"}, Case{500, "server_error", "server_error"},
                          Case{503, "service_unavailable_error", "server_is_overloaded"},
                          Case{401, "invalid_request_error", "invalid_api_key"}}) {
    Seen seen = sim.ask(hello(), R"({"status":)" + std::to_string(one.status) + "}");
    EXPECT_EQ(seen.status, one.status);
    EXPECT_EQ(std::string_view(seen.json().at("error").at("type").as_string()), one.type);
    EXPECT_EQ(std::string_view(seen.json().at("error").at("code").as_string()), one.code);
  }
}

TEST(ResponsesKey, IsABearerOrAzures) {
  TestSim sim({.key = Secret("secret")});
  std::string body = boost::json::serialize(hello());
  EXPECT_EQ(sim.call("POST", kPath, body, "authorization: Bearer secret\r\n").status, 200);
  Seen none = sim.call("POST", kPath, body);
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(none.json().at("error").at("message"), "You didn't provide an API key.");
  EXPECT_TRUE(none.json().at("error").at("code").is_null());
  Seen wrong = sim.call("POST", kPath, body, "authorization: Bearer no\r\n");
  EXPECT_EQ(wrong.json().at("error").at("code"), "invalid_api_key");
  EXPECT_EQ(sim.call("POST", kPath, body, "api-key: secret\r\n").status, 401);
  EXPECT_EQ(sim.call("POST", "/openai/v1/responses", body, "api-key: secret\r\n").status, 200);
  EXPECT_EQ(sim.call("POST", "/openai/responses", body, "api-key: secret\r\n").status, 404);
  EXPECT_EQ(sim.call("POST", "/openai/responses?api-version=1", body, "api-key: secret\r\n").status, 200);
  EXPECT_EQ(sim.call("GET", kPath, "", "authorization: Bearer secret\r\n").status, 405);
}

// ---- going on ----

TEST(ResponsesTurns, TakeBackWhatWasAnswered) {
  ResponsesTalk sim;
  object thinks = parsed(kThinks);
  std::string script = R"({"reasoning":"**Multiply** first."})";
  object answer = sim.answer(thinks, script);
  const value& thought = answer.at("output").at(0);
  EXPECT_EQ(thought.at("summary").at(0).at("text"), "**Multiply** first.");
  EXPECT_EQ(thought.at("encrypted_content"), value(sealed_reasoning("", "**Multiply** first.")));
  object streamed = sim.stream(thinks, script).back().at("response").as_object();
  expect_same(streamed, answer);
  EXPECT_EQ(sim.ask(going_on(thinks, answer)).status, 200);
  object calls = calling("f,c");
  EXPECT_EQ(sim.ask(going_on(calls, sim.answer(calls))).status, 200);
}

TEST(ResponsesTurns, RefuseWhatWasChanged) {
  ResponsesTalk sim;
  object thinks = parsed(kThinks);
  object answer = sim.answer(thinks, R"({"reasoning":"so"})");
  auto refused = [&](const object& body) {
    Seen seen = sim.ask(body);
    EXPECT_EQ(seen.status, 400) << seen.body;
    return seen.body;
  };
  object other_text = going_on(thinks, answer);
  other_text.at("input").at(1).at("summary").at(0).as_object()["text"] = "so!";
  EXPECT_TRUE(refused(other_text).contains("invalid_encrypted_content"));
  object other_kind = going_on(thinks, answer);
  other_kind.at("input").at(1).as_object()["encrypted_content"] = vouch("anthropic thinking", "so");
  EXPECT_TRUE(refused(other_kind).contains("invalid_encrypted_content"));
  object no_answer = going_on(thinks, answer);
  array& items = no_answer.at("input").as_array();
  items.erase(items.begin() + 2);
  EXPECT_TRUE(refused(no_answer).contains("without its required following item"));

  object calls = calling("f,c");
  object called = sim.answer(calls);
  object other_arguments = going_on(calls, called);
  other_arguments.at("input").at(1).as_object()["arguments"] = R"({"text":"no"})";
  EXPECT_TRUE(refused(other_arguments).contains("input[1].arguments"));
  object other_input = going_on(calls, called);
  other_input.at("input").at(2).as_object()["input"] = "no";
  EXPECT_TRUE(refused(other_input).contains("input[2].input"));
  object spelled = going_on(calls, called);
  spelled.at("input").at(1).as_object()["arguments"] = R"({ "text": "call:f,c now" })";
  EXPECT_EQ(sim.ask(spelled).status, 200);
}

TEST(ResponsesTurns, TellNoSummaryThatWasNotAskedFor) {
  ResponsesTalk sim;
  object answer = sim.answer(parsed(R"({"model":"gpt-5.5","input":"x"})"), R"({"reasoning":"so"})");
  const object& thought = answer.at("output").at(0).as_object();
  EXPECT_TRUE(thought.at("summary").as_array().empty());
  EXPECT_FALSE(thought.contains("encrypted_content"));
}

TEST(ResponsesTurns, GoOnFromWhatIsKept) {
  ResponsesTalk sim;
  object first = sim.answer(calling("f"), R"({"reasoning":"so"})");
  object next = parsed(R"({"model":"gpt-4.1"})");
  next["previous_response_id"] = first.at("id");
  next["input"] = array{
      object{{"type", "function_call_output"}, {"call_id", first.at("output").at(1).at("call_id")}, {"output", "42"}}};
  object second = sim.answer(next);
  EXPECT_EQ(second.at("output").at(0).at("content").at(0).at("text"), "You said: call:f now");
  EXPECT_EQ(second.at("previous_response_id"), first.at("id"));

  object unanswered = next;
  unanswered["input"] = "never mind";
  Seen seen = sim.ask(unanswered);
  EXPECT_EQ(seen.status, 400);
  EXPECT_TRUE(seen.body.contains("No tool output found for function call")) << seen.body;

  object third = parsed(R"({"model":"gpt-4.1","input":"thanks"})");
  third["previous_response_id"] = second.at("id");
  EXPECT_GT(sim.answer(third).at("usage").at("input_tokens").to_number<int>(), 5);

  object unkept = parsed(R"({"model":"gpt-4.1","input":"x"})");
  unkept["previous_response_id"] = sim.answer(parsed(R"({"model":"m","input":"x","store":false})")).at("id");
  EXPECT_TRUE(sim.ask(unkept).body.contains("previous_response_not_found"));
}

TEST(ResponsesTurns, KnowKeptItemsByTheirIds) {
  ResponsesTalk sim;
  object calls = calling("f");
  object answer = sim.answer(calls, R"({"reasoning":"so"})");
  object by_id = going_on(calls, answer);
  EXPECT_EQ(sim.ask(by_id).status, 200);

  object dropped = by_id;
  array& items = dropped.at("input").as_array();
  items.erase(items.begin() + 1);
  Seen seen = sim.ask(dropped);
  EXPECT_EQ(seen.status, 400);
  EXPECT_TRUE(seen.body.contains("was provided without its required 'reasoning' item: 'rs_")) << seen.body;
  items[1].as_object().erase("id");
  EXPECT_EQ(sim.ask(dropped).status, 200);

  object changed = by_id;
  changed.at("input").at(1).as_object()["summary"] = array{object{{"type", "summary_text"}, {"text", "no"}}};
  EXPECT_TRUE(sim.ask(changed).body.contains("input[1].summary"));

  object referred = by_id;
  for (std::size_t i : {1U, 2U}) {
    value id = referred.at("input").at(i).at("id");
    referred.at("input").at(i) = object{{"type", "item_reference"}, {"id", std::move(id)}};
  }
  EXPECT_EQ(sim.ask(referred).status, 200);
}

TEST(ResponsesKept, AreReadListedAndDeleted) {
  ResponsesTalk sim;
  object answer = sim.answer(hello());
  std::string path = std::string(kPath) + "/" + std::string(answer.at("id").as_string());
  EXPECT_EQ(sim.call("GET", path).json(), answer);
  Seen items = sim.call("GET", path + "/input_items");
  EXPECT_EQ(items.json().at("data").at(0).at("content").at(0).at("text"), "hello there");
  EXPECT_EQ(items.json().at("has_more"), false);
  EXPECT_EQ(sim.call("GET", path + "/input_items?limit=0").status, 400);
  EXPECT_EQ(sim.call("POST", path + "/cancel").status, 400);
  EXPECT_EQ(sim.call("POST", path).status, 405);
  EXPECT_EQ(sim.call("DELETE", path).json().at("deleted"), true);
  EXPECT_EQ(sim.call("GET", path).status, 404);
  EXPECT_EQ(sim.call("GET", std::string(kPath) + "/chatcmpl-1").status, 400);
}

TEST(ResponsesKept, AreReadyInTheBackground) {
  ResponsesTalk sim;
  object body = hello();
  body["background"] = true;
  object queued = sim.answer(body);
  EXPECT_EQ(queued.at("status"), "queued");
  EXPECT_TRUE(queued.at("output").as_array().empty());
  std::string path = std::string(kPath) + "/" + std::string(queued.at("id").as_string());
  EXPECT_EQ(sim.call("GET", path).json().at("status"), "completed");
  EXPECT_EQ(sim.call("POST", path + "/cancel").status, 200);
  EXPECT_EQ(types_of(sim.stream(body))[1], "response.queued");
}

}  // namespace
}  // namespace sluice::sim::answers_test
