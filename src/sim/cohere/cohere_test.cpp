#include <gtest/gtest.h>

#include "sim/test_fixtures.h"
#include "sim/test_peer.h"

namespace sluice::sim::cohere_test {
namespace {

namespace bj = boost::json;

constexpr std::string_view kHi = R"({"model":"command-a","messages":[{"role":"user","content":"hello there"}]})";
constexpr std::string_view kTools =
    R"("tools":[{"type":"function","function":{"name":"get","parameters":{"type":"object"}}},)"
    R"({"type":"function","function":{"name":"put","parameters":{"type":"object"}}}])";

Seen chat(TestSim& sim, std::string_view body, std::string_view script = "{}") {
  return sim.call("POST", "/v2/chat", body, "x-sim: " + std::string(script) + "\r\n");
}

bj::object with(std::string_view body, std::string_view more) {
  auto request = bj::parse(body).as_object();
  for (const auto& member : bj::parse("{" + std::string(more) + "}").as_object()) {
    request[member.key()] = member.value();
  }
  return request;
}

std::vector<bj::object> events(const Seen& seen) {
  std::vector<bj::object> found;
  for (const auto& data : seen.events()) {
    if (data != "[DONE]") found.push_back(bj::parse(data).as_object());
  }
  return found;
}

const bj::value& message_of(const bj::object& event) {
  return event.at("delta").at("message");
}

void append(bj::object& to, std::string_view key, const bj::value& text) {
  if (!to.contains(key)) to[key] = "";
  to[key].as_string() += text.as_string();
}

// The message that the events of a stream add up to.
bj::object gathered(const std::vector<bj::object>& stream) {
  bj::object message{{"role", "assistant"}};
  auto list = [&](std::string_view key) -> bj::array& {
    if (!message.contains(key)) message[key] = bj::array();
    return message[key].as_array();
  };
  for (const auto& event : stream) {
    const auto& type = event.at("type").as_string();
    if (type == "tool-plan-delta") append(message, "tool_plan", message_of(event).at("tool_plan"));
    if (type == "content-start") list("content").push_back(message_of(event).at("content"));
    if (type == "tool-call-start") list("tool_calls").push_back(message_of(event).at("tool_calls"));
    if (type == "citation-start") list("citations").push_back(message_of(event).at("citations"));
    if (type == "content-delta") {
      auto& block = list("content").at(event.at("index").to_number<std::size_t>()).as_object();
      const auto& member = *message_of(event).at("content").as_object().begin();
      append(block, member.key(), member.value());
    }
    if (type == "tool-call-delta") {
      auto& call = list("tool_calls").at(event.at("index").to_number<std::size_t>());
      append(call.at("function").as_object(), "arguments",
             message_of(event).at("tool_calls").at("function").at("arguments"));
    }
  }
  return message;
}

TEST(Cohere, EchoesTheLastUserText) {
  TestSim sim;
  auto seen = chat(sim, kHi);
  ASSERT_EQ(seen.status, 200) << seen.body;
  auto body = seen.json();
  EXPECT_EQ(body.at("message").at("content"), bj::parse(R"([{"type":"text","text":"You said: hello there"}])"));
  EXPECT_EQ(body.at("finish_reason"), "COMPLETE");
  EXPECT_EQ(body.at("usage"), bj::parse(R"({"billed_units":{"input_tokens":3,"output_tokens":6},
                          "tokens":{"input_tokens":3,"output_tokens":6},"cached_tokens":0})"));
}

TEST(Cohere, StreamsNamedEvents) {
  TestSim sim;
  auto seen = chat(sim, bj::serialize(with(kHi, R"("stream":true)")));
  auto stream = events(seen);
  ASSERT_EQ(stream.size(), 8U);  // start, the block's start, four words, its end, end
  EXPECT_TRUE(seen.body.starts_with("event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"sim-1\""));
  EXPECT_EQ(gathered(stream).at("content").at(0).at("text"), "You said: hello there");
  EXPECT_EQ(stream[7].at("type"), "message-end");
  EXPECT_EQ(stream[7].at("delta").at("finish_reason"), "COMPLETE");
  EXPECT_EQ(stream[7].at("delta").at("usage").at("tokens").at("output_tokens").to_number<int>(), 6);
  EXPECT_TRUE(seen.body.ends_with("data: [DONE]\n\n"));
  auto cut = chat(sim, bj::serialize(with(kHi, R"("stream":true)")), R"({"no_done":true})");
  EXPECT_FALSE(cut.body.contains("[DONE]"));
}

TEST(Cohere, AcceptsWhatTheServiceHasAccepted) {
  TestSim sim;
  std::size_t count = 0;
  for (const auto& one : recorded("cohere")) {
    if (one.at("response").at("status").to_number<int>() != 200) continue;
    const auto& request = one.at("request");
    auto seen = sim.call("POST", request.at("path").as_string(), bj::serialize(request.at("body")));
    EXPECT_EQ(seen.status, 200) << one.at("id") << seen.body;
    ++count;
  }
  EXPECT_GE(count, 11U);
}

constexpr std::string_view kFull =
    R"({"text":"I will look.","reasoning":"think hard","tool_calls":[{"name":"get","arguments":{"a":"b c d e"}},)"
    R"({"name":"put","arguments":{}}]})";

TEST(Cohere, StreamsWhatItWouldAnswerAsAWhole) {
  TestSim sim({.record = SimOptions::Record::kOn});
  auto stream = events(chat(sim, bj::serialize(with(kHi, std::string(kTools) + R"(,"stream":true)")), kFull));
  auto told = bj::parse(sim.ledger().at(0).at("answer").as_string());
  EXPECT_EQ(gathered(stream), told.at("message"));
  EXPECT_EQ(told.at("finish_reason"), "TOOL_CALL");
  EXPECT_EQ(told.at("message").at("tool_plan"), "I will look.");
  EXPECT_EQ(told.at("message").at("tool_calls").as_array().size(), 2U);
  EXPECT_EQ(told.at("message").at("content").at(0).at("thinking"), "think hard");
}

TEST(Cohere, CitesADocumentItIsGiven) {
  TestSim sim({.record = SimOptions::Record::kOn});
  auto request = with(kHi, R"("stream":true,"documents":[{"id":"d1","data":{"title":"T"}},"more"])");
  auto stream = events(chat(sim, bj::serialize(request)));
  auto told = bj::parse(sim.ledger().at(0).at("answer").as_string());
  EXPECT_EQ(gathered(stream), told.at("message"));
  EXPECT_EQ(told.at("message").at("citations"), bj::parse(R"([{"start":0,"end":3,"text":"You","content_index":0,
    "type":"TEXT_CONTENT","sources":[{"type":"document","id":"d1","document":{"id":"d1","title":"T"}}]}])"));
  request["citation_options"] = bj::object{{"mode", "OFF"}};
  EXPECT_FALSE(chat(sim, bj::serialize(request)).body.contains("citation-start"));
}

bj::object second_turn(const bj::value& message) {
  auto request = with(kHi, kTools);
  auto& messages = request["messages"].as_array();
  messages.push_back(message);
  for (const auto& call : message.at("tool_calls").as_array()) {
    messages.push_back({{"role", "tool"}, {"tool_call_id", call.at("id")}, {"content", "done"}});
  }
  return request;
}

TEST(Cohere, TakesBackItsCallsUnchanged) {
  TestSim sim;
  auto message = chat(sim, bj::serialize(with(kHi, kTools)), kFull).json().at("message");
  auto seen = chat(sim, bj::serialize(second_turn(message)));
  ASSERT_EQ(seen.status, 200) << seen.body;
  EXPECT_EQ(seen.json().at("finish_reason"), "COMPLETE");
  for (auto [key, value] : {std::pair("arguments", R"({"a":"x"})"), std::pair("name", "put")}) {
    auto altered = message;
    altered.at("tool_calls").at(0).at("function").as_object()[key] = value;
    auto refused = chat(sim, bj::serialize(second_turn(altered)));
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(refused.body.contains("was generated with another name or other arguments")) << refused.body;
  }
}

TEST(Cohere, MakesTheCallsItIsAskedFor) {
  TestSim sim;
  auto request =
      with(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"call:get,put"}]}]})", kTools);
  auto message = chat(sim, bj::serialize(request)).json().at("message");
  EXPECT_EQ(message.at("tool_calls").as_array().size(), 2U);
  EXPECT_FALSE(message.as_object().contains("content"));
  request["tool_choice"] = "NONE";
  EXPECT_FALSE(chat(sim, bj::serialize(request)).body.contains("tool_calls"));
}

struct Bad {
  std::string_view path;
  std::string_view body;
  int status;
  std::string_view message;
};
constexpr std::string_view kChat = "/v2/chat";
constexpr std::string_view kEmbed = "/v2/embed";
constexpr std::string_view kRerank = "/v2/rerank";
// USER, CALL, TOOLS stand for a message of each kind and for tools.
constexpr Bad kBad[] = {
    {kChat, R"({"messages":[USER]})", 422, "parameter 'model' is required"},
    {kChat, R"({"model":"m","messages":[]})", 400, "invalid request: list of messages must not be empty"},
    {kChat, R"({"model":"m","messages":[USER],"top_p":0.5})", 422,
     "unknown field: parameter 'top_p' is not a valid field."},
    {kChat, R"({"model":"m","messages":[USER],"max_tokens":"5"})", 422, "invalid type: parameter 'max_tokens'"},
    {kChat, R"({"model":"m","messages":[USER],"temperature":1.5})", 400, "parameter 'temperature': decimal above"},
    {kChat, R"({"model":"m","messages":[USER],"p":1})", 400, "parameter 'p'"},
    {kChat, R"({"model":"m","messages":[USER],"frequency_penalty":-1})", 400, "parameter 'frequency_penalty'"},
    {kChat, R"({"model":"m","messages":[USER],"stop_sequences":["a","b","c","d","e","f"]})", 400, "'stop_sequences'"},
    {kChat, R"({"model":"m","messages":[USER],"seed":-1})", 400, "parameter 'seed'"},
    {kChat, R"({"model":"m","messages":[USER],"safety_mode":"NONE"})", 400, "parameter 'safety_mode'"},
    {kChat, R"({"model":"m","messages":[USER],"thinking":{"type":"adaptive"}})", 400, "parameter 'thinking.type'"},
    {kChat, R"({"model":"m","messages":[USER],TOOLS,"tool_choice":"auto"})", 400, "parameter 'tool_choice'"},
    {kChat, R"({"model":"m","messages":[USER],"tool_choice":"REQUIRED"})", 422,
     "invalid request: tool_choice REQUIRED needs tools"},
    {kChat, R"({"model":"m","messages":[USER],"tools":[{"type":"function","function":{"name":"a"}}]})", 422,
     "'tools[0].function.parameters' is required"},
    {kChat, R"({"model":"m","messages":[USER],"tools":[{"type":"function","function":{"name":"a","parameters":{},
      "strict":true}}]})",
     422, "parameter 'strict' is not a valid field"},
    {kChat, R"({"model":"m","messages":[USER],"strict_tools":true,"tools":[{"type":"function","function":{"name":"a",
      "parameters":{"type":"object","properties":{"b":{"type":"string"}}}}}]})",
     422, "tool a must have at least one required parameter"},
    {kChat, R"({"model":"m","messages":[USER],
      "response_format":{"type":"json_schema"}})",
     400, "'response_format.type'"},
    {kChat, R"({"model":"m","messages":[USER],TOOLS,"response_format":{"type":"json_object"}})", 422,
     "response_format is not supported with tools"},
    {kChat, R"({"model":"m","messages":[USER],"response_format":{"type":"json_object",
      "json_schema":{"type":"array"}}})",
     400, "top level type of json_schema must be object"},
    {kChat, R"({"model":"m","messages":[USER],"response_format":{"type":"json_object","json_schema":{"type":"object",
      "required":["a"],"properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}}}})",
     400, "every object in json_schema must have at least one required field"},
    {kChat, R"({"model":"m","messages":[{"role":"user",
      "content":""}]})",
     400, "message must be at least 1 token long"},
    {kChat, R"({"model":"m","messages":[{"role":"developer","content":"a"}]})", 400, "'messages[0].role'"},
    {kChat, R"({"model":"m","messages":[{"role":"user","content":"a","name":"b"}]})", 422, "parameter 'name'"},
    {kChat, R"({"model":"m","messages":[{"role":"user","content":[{"type":"document",
      "document":{"data":{}}}]}]})",
     400, "'messages[0].content[0].type'"},
    {kChat, R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url",
      "image_url":"http://x"}]}]})",
     422, "'messages[0].content[0].image_url'"},
    {kChat, R"({"model":"m","messages":[USER,{"role":"assistant"},USER]})", 400, "must have content or tool_calls"},
    {kChat, R"({"model":"m","messages":[USER,CALL,USER],TOOLS})", 400, "missing tool results for tool call ids: x1."},
    {kChat, R"({"model":"m","messages":[USER,CALL],TOOLS})", 400, "missing tool results for tool call ids: x1."},
    {kChat, R"({"model":"m","messages":[USER,{"role":"tool","tool_call_id":"x1","content":"a"}]})", 400,
     "tool call id x1 not found in previous tool calls"},
    {kChat, R"({"model":"m","messages":[USER,{"role":"assistant","tool_calls":[{"id":"x","type":"function",
      "function":{"name":"get","arguments":"{"}}]}]})",
     400, "arguments of tool call id x must be a valid JSON object"},
    {kChat, R"({"model":"m","messages":[USER,{"role":"assistant","tool_calls":[{"id":"x","type":"function",
      "function":{"name":"get","arguments":{}}}]}]})",
     422, "invalid type: parameter 'messages[1].tool_calls[0].function.arguments'"},
    {kEmbed, R"({"model":"m","texts":["a"]})", 422, "parameter 'input_type' is required"},
    {kEmbed, R"({"model":"m","input_type":"search_query"})", 400, "exactly one of texts, images or inputs"},
    {kEmbed, R"({"model":"m","texts":[],"input_type":"search_query"})", 400, "parameter 'texts'"},
    {kEmbed, R"({"model":"m","texts":"a","input_type":"search_query"})", 422, "parameter 'texts'"},
    {kEmbed, R"({"model":"m","texts":["a"],"input_type":"query"})", 400, "parameter 'input_type'"},
    {kEmbed, R"({"model":"m","texts":["a"],"input_type":"image"})", 400, "input_type image is not for texts"},
    {kEmbed, R"({"model":"m","images":["http://x"],"input_type":"image"})", 400, "must be data URIs"},
    {kEmbed, R"({"model":"m","texts":["a"],"input_type":"search_query","embedding_types":["f32"]})", 400,
     "parameter 'embedding_types[0]'"},
    {kEmbed, R"({"model":"m","texts":["a"],"input_type":"search_query","output_dimension":100})", 400,
     "output_dimension must be one of"},
    {kEmbed, R"({"model":"m","texts":["a"],"input_type":"search_query",
      "dimensions":256})",
     422, "parameter 'dimensions'"},
    {kRerank, R"({"model":"m","query":"a"})", 422, "parameter 'documents' is required"},
    {kRerank, R"({"model":"m","query":"a","documents":[{"text":"b"}]})", 422, "parameter 'documents[0]'"},
    {kRerank, R"({"model":"m","query":"a","documents":["b"],"top_n":0})", 400, "parameter 'top_n'"},
    {kRerank, R"({"model":"m","query":"a","documents":["b"],"return_documents":true})", 422, "'return_documents'"},
};

std::string filled(std::string_view body) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"USER", R"({"role":"user","content":"a"})"},
      {"CALL", R"({"role":"assistant","tool_calls":[{"id":"x1","type":"function",)"
               R"("function":{"name":"get","arguments":"{}"}}]})"},
      {"TOOLS", kTools}};
  std::string out(body);
  for (auto [word, text] : kWords) {
    for (auto at = out.find(word); at != std::string::npos; at = out.find(word, at + text.size())) {
      out.replace(at, word.size(), text);
    }
  }
  return out;
}

TEST(Cohere, RefusesWhatTheServiceRefuses) {
  TestSim sim;
  for (const Bad& bad : kBad) {
    auto seen = sim.call("POST", bad.path, filled(bad.body));
    EXPECT_EQ(seen.status, bad.status) << bad.body << "\n" << seen.body;
    if (seen.status != 200) {
      EXPECT_TRUE(std::string_view(seen.json().at("message").as_string()).contains(bad.message)) << seen.body;
    }
  }
}

TEST(Cohere, RefusesMoreThan96Texts) {
  TestSim sim;
  auto request = bj::parse(R"({"model":"m","input_type":"search_query"})").as_object();
  request["texts"] = bj::array(96, bj::value("a"));
  EXPECT_EQ(sim.call("POST", kEmbed, bj::serialize(request)).status, 200);
  request["texts"] = bj::array(97, bj::value("a"));
  EXPECT_EQ(sim.call("POST", kEmbed, bj::serialize(request)).status, 400);
}

TEST(Cohere, EmbedsInEveryType) {
  TestSim sim;
  auto seen = sim.call("POST", kEmbed, R"({"model":"m","texts":["aaaa","b","aaaa"],"input_type":"search_document",
    "embedding_types":["float","int8","uint8","binary","ubinary","base64"],"output_dimension":256})");
  ASSERT_EQ(seen.status, 200) << seen.body;
  auto body = seen.json();
  const auto& found = body.at("embeddings").as_object();
  EXPECT_EQ(found.size(), 6U);
  for (const auto& [type, rows] : found) {
    ASSERT_EQ(rows.as_array().size(), 3U) << type;
    EXPECT_EQ(rows.at(0), rows.at(2));
    EXPECT_NE(rows.at(0), rows.at(1));
    std::size_t size = type == "base64" ? 0 : rows.at(0).as_array().size();
    EXPECT_EQ(size, type == "base64" ? 0U : type.ends_with("binary") ? 32U : 256U);
  }
  int whole = found.at("int8").at(0).at(0).to_number<int>();
  EXPECT_EQ(found.at("uint8").at(0).at(0).to_number<int>(), whole + 128);
  EXPECT_DOUBLE_EQ(found.at("float").at(0).at(0).to_number<double>(), whole / 128.0);
  EXPECT_EQ(found.at("ubinary").at(0).at(0).to_number<int>(), found.at("binary").at(0).at(0).to_number<int>() + 128);
  EXPECT_EQ(body.at("texts"), bj::parse(R"(["aaaa","b","aaaa"])"));
  EXPECT_EQ(body.at("meta").at("billed_units").at("input_tokens").to_number<int>(), 3);
}

TEST(Cohere, Reranks) {
  TestSim sim({.record = SimOptions::Record::kOn});
  auto seen =
      sim.call("POST", kRerank,
               R"({"model":"m","query":"blue sky","documents":["grass","the sky is blue","the sky"],"top_n":2})");
  EXPECT_EQ(seen.json().at("results"),
            bj::parse(R"([{"index":1,"relevance_score":1},{"index":2,"relevance_score":0.5}])"));
  EXPECT_EQ(sim.ledger().at(0).at("usage").at("search_units").to_number<int>(), 1);
  auto older = sim.call("POST", "/v1/rerank", R"({"query":"a","documents":[{"text":"a"}],"return_documents":true})");
  EXPECT_EQ(older.json().at("results").at(0).at("document").at("text"), "a");
}

TEST(Cohere, TellsErrorsByTheirStatus) {
  TestSim sim;
  for (int status : {400, 401, 403, 404, 422, 429, 498, 499, 500, 501, 503, 504}) {
    auto seen = chat(sim, kHi, "{\"status\":" + std::to_string(status) + "}");
    EXPECT_EQ(seen.status, status);
    EXPECT_FALSE(seen.json().at("message").as_string().empty());
  }
  EXPECT_EQ(sim.call("GET", "/v2/chat").status, 405);
  auto seen =
      chat(sim, bj::serialize(with(kHi, R"("stream":true)")), R"({"error_after":1,"error":{"message":"lost"}})");
  EXPECT_EQ(events(seen).back().at("delta"), bj::parse(R"({"finish_reason":"ERROR","error":"lost"})"));
}

TEST(Cohere, WantsItsKey) {
  TestSim sim({.key = Secret("right")});
  EXPECT_EQ(sim.call("POST", "/v2/chat", kHi, "authorization: Bearer right\r\n").status, 200);
  auto wrong = sim.call("POST", "/v2/chat", kHi, "authorization: Bearer wrong\r\n");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.json().at("message"), "invalid api token");
  EXPECT_EQ(sim.call("POST", "/v2/chat", kHi).json().at("message"), "no api key supplied");
}

}  // namespace
}  // namespace sluice::sim::cohere_test
