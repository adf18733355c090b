#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "sim/test_peer.h"

namespace sluice::sim::gemini_rules_test {
namespace {

namespace bj = boost::json;

struct Case {
  std::string body;
  std::string message;  // how it begins
};

constexpr std::string_view kUser = R"({"role":"user","parts":[{"text":"a"}]})";

std::string asking(std::string_view more) {
  return R"({"contents":[)" + std::string(kUser) + "]," + std::string(more) + "}";
}
std::string talk(std::string_view contents) {
  return R"({"contents":[)" + std::string(contents) + "]}";
}
std::string config(std::string_view more) {
  return asking(R"("generationConfig":{)" + std::string(more) + "}");
}
std::string function(std::string_view more) {
  return asking(R"("tools":[{"functionDeclarations":[{"name":"f",)" + std::string(more) + "}]}]");
}
std::string schema(std::string_view more) {
  return function(R"("parameters":{"type":"OBJECT","properties":{"p":{)" + std::string(more) + "}}}");
}
std::string path_of(std::string_view model, std::string_view verb = "generateContent") {
  return "/v1beta/models/" + std::string(model) + ":" + std::string(verb);
}

std::string message_of(const Seen& seen) {
  return std::string(seen.json().at_pointer("/error/message").as_string());
}

void expect_refused(TestSim& sim, const Case& one, const std::string& path) {
  auto seen = sim.call("POST", path, one.body);
  EXPECT_EQ(seen.status, 400) << one.body;
  if (seen.status != 400) return;
  EXPECT_TRUE(message_of(seen).starts_with(one.message)) << one.body << "\n" << message_of(seen);
}

void expect_all_refused(std::initializer_list<Case> cases, std::string_view model = "gemini-3.8-flash",
                        std::string_view verb = "generateContent") {
  TestSim sim;
  for (const Case& one : cases) expect_refused(sim, one, path_of(model, verb));
}

TEST(GeminiSimRules, RefuseWhatNoMessageHas) {
  constexpr std::string_view kUnknown = "Invalid JSON payload received. Unknown name ";
  auto unknown = [&](std::string_view rest) { return std::string(kUnknown) + std::string(rest); };
  expect_all_refused({
      {asking(R"("foo":1)"), unknown(R"("foo": Cannot find field.)")},
      {asking(R"("foo":null)"), unknown(R"("foo": Cannot find field.)")},
      {talk(R"({"parts":[{"text":"a","x":1}]})"), unknown(R"("x" at 'contents[0].parts[0]': Cannot find field.)")},
      {schema(R"("type":"STRING","additionalProperties":false)"),
       unknown(R"("additionalProperties" at 'tools[0].function_declarations[0].parameters.properties[0].value')")},
      {function(R"("parameters":{"$schema":"x"})"),
       unknown(R"("$schema" at 'tools[0].function_declarations[0].parameters': Cannot find field.)")},
      {config(R"("topK":1,"top_k":2)"), unknown(R"("top_k" at 'generation_config': Cannot find field.)")},
      {talk(R"({"parts":[{"text":["a"]}]})"),
       unknown(R"("text" at 'contents[0].parts[0]': Proto field is not repeating, cannot start list.)")},
      {asking(R"("toolConfig":{"functionCallingConfig":{"streamFunctionCallArguments":true}})"),
       unknown(R"("streamFunctionCallArguments" at 'tool_config.function_calling_config': Cannot find field.)")},
  });
  TestSim sim;
  auto details = sim.call("POST", path_of("m"), config(R"("x":1)")).json().at_pointer("/error/details/0");
  EXPECT_EQ(details.at("@type"), "type.googleapis.com/google.rpc.BadRequest");
  EXPECT_EQ(details.at_pointer("/fieldViolations/0/field"), "generation_config");
  expect_refused(sim, {asking(R"("store":true)"), unknown(R"("store")")},
                 "/v1/projects/p/locations/l/publishers/google/models/m:generateContent");
}

TEST(GeminiSimRules, RefuseWrongTypes) {
  expect_all_refused({
      {R"({"contents":"a"})",
       R"(Invalid value at 'contents[0]' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), "a")"},
      {talk(R"({"parts":[{"text":1}]})"), "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 1"},
      {config(R"("temperature":"warm")"), R"(Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "warm")"},
      {config(R"("seed":1.5)"), "Invalid value at 'generation_config.seed' (TYPE_INT32)"},
      {config(R"("seed":4294967296)"), "Invalid value at 'generation_config.seed' (TYPE_INT32)"},
      {config(R"("responseLogprobs":"true")"), "Invalid value at 'generation_config.response_logprobs' (TYPE_BOOL)"},
      {config(R"("stopSequences":[{}])"), "Invalid value at 'generation_config.stop_sequences[0]' (TYPE_STRING)"},
      {asking(R"("toolConfig":{"functionCallingConfig":{"mode":"SOME"}})"),
       "Invalid value at 'tool_config.function_calling_config.mode' "
       "(type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfigMode), \"SOME\""},
      {talk(R"({"parts":[{"inlineData":{"mimeType":"image/png","data":"*"}}]})"),
       "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed"},
      {talk(R"({"parts":[{"text":"a","inlineData":{"mimeType":"image/png","data":"AAAA"}}]})"),
       "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'inlineData'"},
      {talk(R"({"parts":[{"functionCall":{"name":"f","args":"{}"}}]})"),
       "Invalid value at 'contents[0].parts[0].function_call.args' (type.googleapis.com/google.protobuf.Struct)"},
      {"[1]", R"(Invalid JSON payload received. Unknown name "": Root element must be a message.)"},
      {"{", "Invalid JSON payload received. "},
  });
}

TEST(GeminiSimRules, AcceptBothSpellingsAndLooseJson) {
  TestSim sim;
  for (const std::string& body :
       {R"({"contents":{"parts":{"text":"a"}},"system_instruction":{"parts":{"text":"b"}},"tools":null})",
        R"({"contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"_-8"}}]}]})",
        R"({"contents":[{"parts":[{"text":"a"}]}],"generation_config":{"max_output_tokens":"7","seed":3.0}})",
        R"({"contents":[{"parts":[{"text":"a"}]}],"tools":[{"function_declarations":[{"name":"f","parameters":)"
        R"({"type":"object","properties":{"a_b":{"type":"array","items":{"type":"string"},"minItems":"1"}}}}]}],)"
        R"("tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":"f"}}})"}) {
    auto seen = sim.call("POST", path_of("gemini-3.8-flash"), body);
    EXPECT_EQ(seen.status, 200) << body << seen.body;
  }
}

TEST(GeminiSimRules, RefuseContentsThatDoNotBelongTogether) {
  std::string call = R"({"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]})";
  std::string answer = R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":1}}}]})";
  std::string begun = std::string(kUser) + "," + call + ",";
  constexpr std::string_view kNumber = "Please ensure that the number of function response parts is equal";
  constexpr std::string_view kOrder = "Please ensure that function response turn comes immediately after";
  expect_all_refused(
      {
          {R"({})", "* GenerateContentRequest.contents: contents is not specified"},
          {talk(""), "* GenerateContentRequest.contents: contents is not specified"},
          {talk(R"({"role":"user"})"), "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty."},
          {talk(R"({"parts":[{}]})"), "* GenerateContentRequest.contents[0].parts[0].data: required oneof field"},
          {talk(R"({"parts":[{"thoughtSignature":"AAAA"}]})"), "* GenerateContentRequest.contents[0].parts[0].data"},
          {talk(R"({"role":"assistant","parts":[{"text":"a"}]})"), "Please use a valid role: user, model."},
          {talk(R"({"parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"a"}]})"), "Please use a valid role"},
          {talk(call + "," + answer), "Please ensure that function call turn comes immediately after"},
          {talk(std::string(kUser) + "," + answer), std::string(kOrder)},
          {talk(std::string(kUser) + "," + call), std::string(kNumber)},
          {talk(begun + call + "," + answer), std::string(kNumber)},
          {talk(begun + std::string(kUser)), std::string(kNumber)},
          {talk(begun + R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}},)"
                        R"({"functionResponse":{"name":"f","response":{}}}]})"),
           std::string(kNumber)},
          {talk(begun + R"({"role":"user","parts":[{"functionResponse":{"name":"g","response":{}}}]})"),
           "* GenerateContentRequest.contents[2].parts.function_response.name: no function call"},
          {talk(begun + R"({"role":"user","parts":[{"functionResponse":{"name":"f"}}]})"),
           "* GenerateContentRequest.contents[2].parts[0].function_response.response: response must be set."},
          {talk(R"({"role":"user","parts":[{"functionResponse":{"response":{}}}]})"),
           "* GenerateContentRequest.contents[0].parts[0].function_response.name: Name cannot be empty."},
          {talk(R"({"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"id":"1",)"
                R"("name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"id":"2","name":"f","response":{}}}]})"),
           "* GenerateContentRequest.contents[2].parts.function_response.id: no function call"},
          {asking(R"("systemInstruction":{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]})"),
           "* GenerateContentRequest.system_instruction.parts[0]: only text parts"},
          {asking(R"("cachedContent":"cachedContents/1","tools":[{"googleSearch":{}}])"), "CachedContent can not be"},
          {asking(R"("cachedContent":"x")"), "* GenerateContentRequest.cached_content"},
      },
      "gemini-2.5-flash");
}

TEST(GeminiSimRules, RefuseToolsAndSchemas) {
  std::string prefix = "* GenerateContentRequest.tools[0].function_declarations[0]";
  expect_all_refused({
      {asking(R"("tools":[{}])"), "* GenerateContentRequest.tools[0].tool_type: required one_of"},
      {asking(R"("tools":[{"functionDeclarations":[{"name":"1f"}]}])"), prefix + ".name: [FIELD_INVALID]"},
      {asking(R"("tools":[{"functionDeclarations":[{"description":"d"}]}])"), prefix + ".name: [FIELD_INVALID]"},
      {asking(R"("tools":[{"functionDeclarations":[{"name":"f"},{"name":"f"}]}])"), "Duplicate function declaration"},
      {function(R"("parameters":{"type":"OBJECT"})"), prefix + ".parameters.properties: should be non-empty"},
      {function(R"("parameters":{"type":"STRING"})"), prefix + ".parameters: the type"},
      {function(R"("parametersJsonSchema":{"type":"string"})"), prefix + ".parameters_json_schema: the type"},
      {function(R"("parametersJsonSchema":{},"parameters":{"type":"OBJECT"})"), prefix + ".parameters_json_schema"},
      {schema(R"("description":"d")"), prefix + ".parameters.properties[p].type: must be specified"},
      {schema(R"("type":"ARRAY")"), prefix + ".parameters.properties[p].items: missing field."},
      {schema(R"("type":"INTEGER","enum":["1"])"), prefix + ".parameters.properties[p].enum: only allowed"},
      {schema(R"("type":"OBJECT","properties":{"a":{"type":"STRING"}},"required":["b"])"),
       prefix + ".parameters.properties[p].required[0]: property is not defined"},
      {asking(R"("toolConfig":{"functionCallingConfig":{"mode":"ANY"}})"), "Function calling config is set without"},
      {asking(R"("tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":{"functionCallingConfig":)"
              R"({"mode":"ANY","allowedFunctionNames":["g"]}})"),
       "* GenerateContentRequest.tool_config.function_calling_config.allowed_function_names[0]: no function"},
      {asking(R"("tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":{"functionCallingConfig":)"
              R"({"mode":"AUTO","allowedFunctionNames":["f"]}})"),
       "* GenerateContentRequest.tool_config.function_calling_config.allowed_function_names: only allowed"},
  });
  expect_all_refused({{asking(R"("tools":[{"functionDeclarations":[{"name":"f"}]},{"googleSearch":{}}])"),
                       "Tool use with function calling is unsupported"},
                      {asking(R"("tools":[{"functionDeclarations":[{"name":"f"}]}],)"
                              R"("generationConfig":{"responseMimeType":"application/json"})"),
                       "Function calling with a response mime type"},
                      {asking(R"("tools":[{"functionDeclarations":[{"name":")" + std::string(65, 'f') + R"("}]}])"),
                       prefix + ".name: [FIELD_INVALID]"}},
                     "gemini-2.5-flash");
}

TEST(GeminiSimRules, RefuseSettings) {
  std::string prefix = "* GenerateContentRequest.generation_config.";
  expect_all_refused({
      {config(R"("temperature":2.1)"), prefix + "temperature: temperature must be in the range [0.0, 2.0]."},
      {config(R"("topP":-0.1)"), prefix + "top_p"},
      {config(R"("candidateCount":9)"), prefix + "candidate_count"},
      {config(R"("maxOutputTokens":0)"), prefix + "max_output_tokens"},
      {config(R"("stopSequences":["1","2","3","4","5","6"])"), prefix + "stop_sequences"},
      {config(R"("logprobs":2)"), prefix + "logprobs"},
      {config(R"("responseMimeType":"text/html")"), prefix + "response_mime_type: allowed mimetypes are"},
      {config(R"("responseSchema":{"type":"STRING"})"), prefix + "response_schema: only allowed when"},
      {config(R"("responseJsonSchema":{"type":"object"})"), prefix + "response_json_schema: only allowed when"},
      {config(R"("responseMimeType":"application/json","responseSchema":{"type":"ARRAY"})"),
       prefix + "response_schema.items: missing field."},
      {config(R"("thinkingConfig":{"thinkingBudget":1,"thinkingLevel":"LOW"})"), "You can only set only one of"},
      {asking(R"("safetySettings":[{"threshold":"OFF"}])"), "* GenerateContentRequest.safety_settings[0].category"},
      {asking(R"("model":"models/other")"), "* GenerateContentRequest.model: unexpected model name"},
  });
  expect_all_refused({{config(R"("thinkingConfig":{"thinkingLevel":"LOW"})"), "Thinking level is not supported"},
                      {config(R"("thinkingConfig":{"thinkingBudget":0})"), "The thinking budget (0) is invalid."}},
                     "gemini-2.5-pro");
  expect_all_refused({{config(R"("thinkingConfig":{"thinkingBudget":9})"), "Thinking budget is not supported"}},
                     "gemini-4-argon");
}

TEST(GeminiSimRules, RefuseCountsEmbeddingsAndParameters) {
  std::string wrapped = R"({"generateContentRequest":{"contents":[)" + std::string(kUser) + "]}}";
  expect_all_refused({{wrapped, "* CountTokensRequest.generate_content_request.model: model is required"},
                      {asking(R"("generateContentRequest":{})"), "* CountTokensRequest.contents"},
                      {asking(R"("systemInstruction":{"parts":[{"text":"a"}]})"), "Invalid JSON payload received."}},
                     "gemini-3.8-flash", "countTokens");
  expect_all_refused({{"{}", "* EmbedContentRequest.content: content is required"},
                      {R"({"content":{"parts":[{"text":""}]}})", "* EmbedContentRequest.content.parts[0]: empty Part"},
                      {R"({"content":{"parts":[{"text":"a"}]},"title":"t"})", "* EmbedContentRequest.title"},
                      {R"({"content":{"parts":[{"text":"a"}]},"outputDimensionality":0})", "* EmbedContentRequest.out"},
                      {R"({"content":{"parts":[{"text":"a"}]},"taskType":"X"})", "Invalid value at 'task_type'"}},
                     "e", "embedContent");
  expect_all_refused({{R"({"requests":[]})", "* BatchEmbedContentsRequest.requests: requests is not specified"},
                      {R"({"requests":[{"content":{"parts":[{"text":"a"}]}}]})",
                       "* BatchEmbedContentsRequest.requests[0].model: model is required"}},
                     "e", "batchEmbedContents");
  TestSim sim;
  expect_refused(sim, {talk(kUser), R"(Invalid JSON payload received. Unknown name "x": Cannot bind)"},
                 path_of("m") + "?x=1");
  expect_refused(sim, {talk(kUser), "Invalid value \"xml\" for query parameter alt."}, path_of("m") + "?alt=xml");
  EXPECT_EQ(sim.call("GET", path_of("m")).status, 404);
}

// ---- a second turn ----

// A conversation with one question, its answer, and what the user says to that.
struct Conversation {
  TestSim& sim;
  std::string more;
  std::string script;
  bj::array contents = bj::parse("[" + std::string(kUser) + "]").as_array();

  std::string body() const {
    return R"({"contents":)" + bj::serialize(contents) + (more.empty() ? "" : "," + more) + "}";
  }
  // Asks, whole or streamed, and takes the answer as the next turn: all chunks in one.
  void ask(bool streamed) {
    auto seen = sim.call("POST", path_of("gemini-3.8-flash", streamed ? "streamGenerateContent" : "generateContent"),
                         body(), "x-sim: " + script + "\r\n");
    ASSERT_EQ(seen.status, 200) << seen.body;
    auto json = seen.json();
    bj::array chunks = streamed ? json.as_array() : bj::array{json};
    bj::array parts;
    for (const auto& chunk : chunks) {
      for (const auto& part : chunk.at_pointer("/candidates/0/content/parts").as_array()) parts.push_back(part);
    }
    contents.push_back(bj::object{{"role", "model"}, {"parts", std::move(parts)}});
  }
  bj::array& parts() { return contents.at(1).at("parts").as_array(); }
  void say(std::string_view content) { contents.push_back(bj::parse(content)); }
  // Answers every call; the ids go along.
  void answer_calls() {
    bj::array responses;
    for (const auto& part : parts()) {
      const auto* call = part.as_object().if_contains("functionCall");
      if (!call) continue;
      bj::object response{{"name", call->at("name")}, {"id", call->at("id")}, {"response", {{"output", 1}}}};
      responses.push_back(bj::object{{"functionResponse", std::move(response)}});
    }
    contents.push_back(bj::object{{"role", "user"}, {"parts", std::move(responses)}});
  }
  Seen sent() const { return sim.call("POST", path_of("gemini-3.8-flash"), body()); }
};

constexpr std::string_view kDeclared = R"("tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}],)"
                                       R"("generationConfig":{"thinkingConfig":{"includeThoughts":true}})";
constexpr std::string_view kTwoCalls =
    R"({"reasoning":"two of them","tool_calls":[{"name":"f","arguments":{"a":1,"b":{"c":null}}},)"
    R"({"name":"g","arguments":{}}]})";

TEST(GeminiSimTurns, TakeBackCallsAsTheyWere) {
  TestSim sim;
  for (bool streamed : {false, true}) {
    Conversation talk{sim, std::string(kDeclared), std::string(kTwoCalls)};
    talk.ask(streamed);
    talk.answer_calls();
    auto seen = talk.sent();
    EXPECT_EQ(seen.status, 200) << talk.body() << seen.body;
    while (talk.parts()[0].as_object().contains("thought")) talk.parts().erase(talk.parts().begin());
    EXPECT_EQ(talk.sent().status, 200);  // thoughts may be left out
  }
}

TEST(GeminiSimTurns, TakeBackArgumentsHoweverSpelled) {
  TestSim sim;
  std::string deep = std::string(10, '[') + " 1.0 " + std::string(10, ']');
  Conversation talk{sim, std::string(kDeclared), R"({"tool_calls":[{"name":"f","arguments":{"a" : )" + deep + "}}]}"};
  talk.ask(true);
  talk.answer_calls();
  auto seen = talk.sent();
  EXPECT_EQ(seen.status, 200) << seen.body;
}

TEST(GeminiSimTurns, RefuseCallsThatChanged) {
  TestSim sim;
  auto after = [&](auto change) {
    Conversation talk{sim, std::string(kDeclared), std::string(kTwoCalls)};
    talk.ask(false);
    talk.answer_calls();
    change(talk.parts());
    auto seen = talk.sent();
    return seen.status == 400 ? message_of(seen) : "accepted";
  };
  EXPECT_TRUE(after([](bj::array& parts) {
                parts[1].as_object().erase("thoughtSignature");
              }).starts_with("Function call is missing a thought_signature in functionCall parts."));
  constexpr std::string_view kCorrupted = "Corrupted thought signature.";
  EXPECT_EQ(after([](bj::array& parts) { parts[1].as_object()["thoughtSignature"] = "AAAA"; }), kCorrupted);
  EXPECT_EQ(after([](bj::array& parts) { parts[0].as_object()["text"] = "three of them"; }), kCorrupted);
  EXPECT_EQ(after([](bj::array& parts) {
              auto& call = parts[1].at("functionCall").as_object();
              call.erase("id");
              call["args"].as_object()["a"] = 2;
            }),
            kCorrupted);
  EXPECT_EQ(after([](bj::array& parts) { parts[2].as_object()["thoughtSignature"] = parts[1].at("thoughtSignature"); }),
            kCorrupted);
  EXPECT_TRUE(after([](bj::array& parts) {
                parts[2].at("functionCall").as_object()["args"] = bj::object{{"x", 1}};
              }).starts_with("* GenerateContentRequest.contents[1].parts[2].function_call.id: the arguments"));
  EXPECT_TRUE(after([](bj::array& parts) {
                std::swap(parts[1], parts[2]);
              }).starts_with("Function call is missing a thought_signature"));
}

TEST(GeminiSimTurns, TakeForeignCallsWithTheDocumentedWord) {
  TestSim sim;
  auto body = [](std::string_view signature) {
    return talk(std::string(kUser) + R"(,{"role":"model","parts":[{"functionCall":{"id":"call_x","name":"f"})" +
                std::string(signature) + R"(}]},{"role":"user","parts":[{"functionResponse":{"id":"call_x",)" +
                R"("name":"f","response":{"output":"o"}}}]})");
  };
  auto path = path_of("gemini-3.8-flash");
  EXPECT_EQ(sim.call("POST", path, body(R"(,"thoughtSignature":"skip_thought_signature_validator")")).status, 200);
  EXPECT_EQ(sim.call("POST", path, body("")).status, 400);
  EXPECT_EQ(sim.call("POST", path_of("gemini-2.5-flash"), body("")).status, 200);
  // In a turn that is over nothing is required.
  auto over = bj::parse(body("")).as_object();
  over["contents"].as_array().push_back(bj::parse(R"({"role":"user","parts":[{"text":"next"}]})"));
  EXPECT_EQ(sim.call("POST", path, bj::serialize(over)).status, 200);
}

TEST(GeminiSimTurns, TakeBackTextAsItWas) {
  TestSim sim;
  for (bool streamed : {false, true}) {
    Conversation talk{sim, std::string(kDeclared), R"({"reasoning":"hm hm","text":"so it is"})"};
    talk.ask(streamed);
    talk.say(kUser);
    EXPECT_EQ(talk.sent().status, 200) << talk.body() << talk.sent().body;
    auto as_it_was = talk.parts();
    talk.parts()[0].as_object()["text"] = "oh";
    EXPECT_EQ(talk.sent().status, 400);
    talk.parts() = as_it_was;
    talk.parts().back().as_object()["text"] = "something else";
    EXPECT_EQ(talk.sent().status, 400);
    talk.parts() = as_it_was;
    talk.parts().back().as_object().erase("thoughtSignature");  // of a text nothing is required
    EXPECT_EQ(talk.sent().status, 200);
  }
}

}  // namespace
}  // namespace sluice::sim::gemini_rules_test
