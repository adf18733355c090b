#include "dialect/demand.h"

#include <gtest/gtest.h>

#include "dialect/anthropic/anthropic.h"
#include "dialect/bedrock/bedrock.h"
#include "dialect/gemini/gemini.h"
#include "dialect/openai/openai.h"
#include "dialect/responses/responses.h"

namespace sluice::dialect::demand_test {
namespace {

constexpr std::string_view kPng = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";

const Endpoint& endpoint(const Server& server, std::string_view name) {
  for (const auto& one : server.endpoints()) {
    if (one.name == name) return one;
  }
  throw std::runtime_error("no such endpoint");
}

TEST(Demand, TextIsBoundByItsBytes) {
  const std::string body =
      R"({"model":"m","messages":[{"role":"user","content":"Grüße \"an\" alle"}],"max_tokens":50,"n":3})";
  const auto demand = read_demand(body);
  EXPECT_TRUE(demand.readable);
  EXPECT_EQ(demand.text_bytes, body.size());
  EXPECT_EQ(demand.max_output, 50u);
  EXPECT_EQ(demand.answers, 3u);
  EXPECT_EQ(demand.images, 0u);
  EXPECT_FALSE(demand.has_window_only || demand.has_tools || demand.marks_cache || demand.searches);
}

TEST(Demand, ImagesAreCountedAndTheirBytesAreNot) {
  const std::string png(kPng);
  for (const auto& block :
       {R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" + png + "\"}}",
        R"({"type":"input_image","image_url":"data:image/png;base64,)" + png + "\"}",
        R"({"type":"image_url","image_url":"data:image/png;base64,)" + png + "\"}",
        R"({"output":{"type":"computer_screenshot","image_url":"data:image/png;base64,)" + png + "\"}}",
        R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" + png + "\"}}",
        R"({"inlineData":{"mimeType":"image/png","data":")" + png + "\"}}",
        R"({"image":{"format":"png","source":{"bytes":")" + png + "\"}}}"}) {
    const auto body = R"({"messages":[{"role":"user","content":[)" + block + R"(,{"type":"text","text":"what"}]}]})";
    const auto demand = read_demand(body);
    EXPECT_EQ(demand.images, 1u) << block;
    EXPECT_LE(demand.text_bytes, body.size() - png.size()) << block;
    EXPECT_FALSE(demand.has_window_only) << block;
  }
  for (auto block :
       {R"({"type":"image_url","image_url":{"url":"https://x/y.png"}})",
        R"({"type":"image_url","image_url":"https://x/y.png"})",
        R"({"type":"computer_call_output","output":{"type":"computer_screenshot","image_url":"https://x/y.png"}})",
        R"({"type":"image","source":{"type":"url","url":"https://x/y.png"}})"}) {
    const auto demand = read_demand(R"({"messages":[{"role":"user","content":[)" + std::string(block) + "]}]}");
    EXPECT_EQ(demand.images, 1u) << block;
    EXPECT_FALSE(demand.has_window_only) << block;
  }
}

// What looks like an image where the model reads text is text.
TEST(Demand, TextThatLooksLikeAnImageIsText) {
  const std::string jpeg = "/9j/" + std::string(1000, 'A');
  for (
      const auto& block :
      {R"({"role":"user","content":")" + jpeg + "\"}",
       R"({"role":"user","content":[{"type":"text","text":")" + jpeg + "\"}]}",
       R"({"role":"assistant","content":[{"type":"tool_use","input":{"source":{"type":"base64","media_type":"image/png","data":")" +
           jpeg + "\"}}}]}",
       R"({"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":")" +
           jpeg + "\"}}]}",
       R"({"role":"user","content":"x","data":")" + jpeg + "\"}"}) {
    const auto body = R"({"messages":[)" + block + "]}";
    const auto demand = read_demand(body);
    EXPECT_EQ(demand.text_bytes, body.size()) << block;
    EXPECT_EQ(demand.images, 0u) << block;
  }
}

TEST(Demand, WhatOnlyTheWindowBounds) {
  for (
      auto body :
      {R"({"messages":[{"content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,JVBERi0xLjQK"}}]}]})",
       R"({"messages":[{"content":[{"type":"file","file":{"file_id":"f"}}]}]})",
       R"({"messages":[{"content":[{"type":"document","source":{"type":"url","url":"https://x/y.pdf"}}]}]})",
       R"({"contents":[{"parts":[{"fileData":{"mimeType":"video/mp4","fileUri":"gs://x"}}]}]})",
       R"({"tools":[{"type":"web_search_20250305","name":"web_search"}],"messages":[]})",
       R"({"tools":[{"googleSearch":{}}],"contents":[]})", R"({"tools":{"googleSearch":{}},"contents":{}})",
       R"({"web_search_options":{},"messages":[]})", R"({"previous_response_id":"resp_1","input":"x"})",
       R"({"cachedContent":"c","contents":[]})"})
    EXPECT_TRUE(read_demand(body).has_window_only) << body;
  for (auto body : {R"({"tools":[{"type":"function","function":{"name":"web_search"}}],"messages":[]})",
                    R"({"tools":[{"name":"google_search","input_schema":{}}],"messages":[]})",
                    R"({"tools":[{"functionDeclarations":[{"name":"googleSearch"}]}],"contents":[]})",
                    R"({"previous_response_id":null,"input":"x"})"}) {
    EXPECT_FALSE(read_demand(body).has_window_only) << body;
    EXPECT_FALSE(read_demand(body).searches) << body;
  }
}

TEST(Demand, LimitsOfAllDialects) {
  EXPECT_EQ(read_demand(R"({"max_completion_tokens":7,"max_tokens":9})").max_output, 9u);
  EXPECT_EQ(read_demand(R"({"max_tokens":5,"max_tokens":1e3})").max_output, 1000u) << "the largest of all";
  EXPECT_EQ(read_demand(R"({"max_output_tokens":7})").max_output, 7u);
  EXPECT_EQ(read_demand(R"({"generationConfig":{"maxOutputTokens":8,"candidateCount":2}})").answers, 2u);
  EXPECT_EQ(read_demand(R"({"inferenceConfig":{"maxTokens":8}})").max_output, 8u);
  EXPECT_FALSE(read_demand(R"({"max_tokens":null,"messages":[{"max_tokens":3}]})").max_output);
  EXPECT_TRUE(read_demand(R"({"system":[{"cache_control":{"type":"ephemeral","ttl":"1h"}}]})").marks_cache_1h);
}

// What a body names brings text that is not in it.
TEST(Demand, ItemsThatAreKeptElsewhere) {
  for (auto body :
       {R"({"input":[{"type":"item_reference","id":"msg_1"}]})",
        R"({"input":[{"type":"item\u005freference","id":"msg_1"}]})", R"({"input":[{"id":"msg_1"}]})",
        R"({"input":[{"type":null,"id":"msg_1"}]})", R"({"input":[{"type":"reasoning","id":"rs_1","summary":[]}]})",
        R"({"input":[{"type":"image_generation_call","id":"ig_1"}]})",
        R"({"messages":[{"role":"assistant","audio":{"id":"audio_1"}}]})"})
    EXPECT_TRUE(read_demand(body).has_window_only) << body;
  for (auto body : {R"({"input":[{"role":"assistant","id":"msg_1","content":"x"}]})",
                    R"({"input":[{"type":"message","id":"msg_1","role":"assistant","content":[]}]})",
                    R"({"input":[{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{}"}]})",
                    R"({"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}]})",
                    R"({"messages":[{"role":"assistant","tool_calls":[{"id":"call_1"}]}]})",
                    R"({"audio":{"voice":"alloy","format":"mp3"},"messages":[]})"})
    EXPECT_FALSE(read_demand(body).has_window_only) << body;
}

TEST(Demand, FilesAreWhatTheyAreSaidToBe) {
  const std::string data(2000, 'A');
  auto gemini = [&](std::string_view type) {
    return read_demand(R"({"contents":[{"parts":[{"inlineData":{"mimeType":")" + std::string(type) + R"(","data":")" +
                       data + R"("}}]}]})");
  };
  for (auto type :
       {"application/pdf", "video/mp4", "audio/flac", "audio/opus", "VIDEO/MP4", "application/octet-stream"})
    EXPECT_TRUE(gemini(type).has_window_only) << type;
  EXPECT_EQ(gemini("image/heic").images, 1u);
  for (auto type : {"text/plain", "application/json"}) {
    EXPECT_FALSE(gemini(type).has_window_only) << type;
    EXPECT_GT(gemini(type).text_bytes, data.size()) << type;
  }
  for (const auto& block : {R"({"inline_data":{"mime_type":"video/mp4","data":")" + data + "\"}}",
                            R"({"type":"file","file":{"file_data":"data:application\/pdf;base64,)" + data + "\"}}",
                            R"({"type":"input_audio","input_audio":{"format":"mp3","data":")" + data + "\"}}",
                            std::string(R"({"type":"video_url","video_url":{"url":"https://x/y.mp4"}})"),
                            R"({"video":{"format":"mp4","source":{"bytes":")" + data + "\"}}}",
                            R"({"document":{"format":"pdf","name":"a","source":{"bytes":")" + data + "\"}}}"}) {
    const auto body = R"({"messages":[{"role":"user","content":[)" + block + "]}]}";
    EXPECT_TRUE(read_demand(body).has_window_only) << block;
  }
  EXPECT_FALSE(
      read_demand(
          R"({"messages":[{"role":"user","content":[{"document":{"format":"txt","source":{"bytes":"QUJD"}}}]}]})")
          .has_window_only);
}

TEST(Demand, SearchesAreCounted) {
  auto searches = [](std::string_view body) { return read_demand(body).searches; };
  EXPECT_EQ(searches(R"({"tools":[{"type":"web_search_20250305","max_uses":50}]})"), 50u);
  EXPECT_EQ(searches(R"({"tools":[{"type":"web_search_20250305","max_uses":3}]})"), 3u);
  EXPECT_EQ(searches(R"({"tools":[{"type":"web_search_20250305"}]})"), 10u);
  EXPECT_EQ(searches(R"({"tools":[{"type":"web\u005fsearch"}]})"), 10u);
  EXPECT_EQ(searches(R"({"tools":[{"type":"web_search"}],"max_tool_calls":40})"), 40u);
  EXPECT_EQ(searches(R"({"tools":[{"type":"function"}],"max_tool_calls":40})"), 0u);
  for (auto tool :
       {"enterpriseWebSearch", "enterprise_web_search", "googleMaps", "googleSearchRetrieval", "exaAiSearch"})
    EXPECT_EQ(searches(R"({"tools":[{")" + std::string(tool) + R"(":{}}]})"), 10u) << tool;
  for (auto tool : {"fileSearch", "codeExecution", "urlContext"})
    EXPECT_EQ(searches(R"({"tools":[{")" + std::string(tool) + R"(":{}}]})"), 0u) << tool;
  EXPECT_TRUE(read_demand(R"({"tools":[{"enterpriseWebSearch":{}}]})").has_window_only);
}

TEST(Demand, ToolsThatAreChargedByTheCallAreCounted) {
  struct Row {
    const char* tools;
    std::uint64_t file_searches, tool_calls;
  };
  constexpr Row kRows[] = {
      {R"({"type":"file_search","vector_store_ids":["vs"]})", 10, 0},
      {R"({"type":"file\u005fsearch"})", 10, 0},
      {R"({"type":"collections_search"})", 10, 0},
      {R"({"type":"code_interpreter","container":{"type":"auto"}})", 0, 10},
      {R"({"type":"image_generation"})", 0, 10},
      {R"({"type":"code_interpreter"},{"type":"image_generation"},{"type":"file_search"})", 10, 20},
      {R"({"type":"shell","environment":{"type":"container_auto"}})", 0, 10},
      {R"({"environment":{"container_id":"c","type":"container_reference"},"type":"shell"})", 0, 10},
      {R"({"type":"shell","environment":{"type":"local","skills":[{"type":"x"}]}})", 0, 0},
      {R"({"type":"shell","environment":null},{"type":"shell"},{"type":"mcp"},{"type":"tool_search"})", 0, 0},
      {R"({"type":"computer_use_preview","environment":"browser"})", 0, 0},
      {R"({"type":"function","name":"file_search"},{"name":"code_interpreter"})", 0, 0},
      {R"({"type":"code_execution_20250825","name":"code_execution"})", 0, 0},
      {R"({"fileSearch":{}},{"codeExecution":{}})", 0, 0},
  };
  for (const auto& row : kRows) {
    const auto demand = read_demand(R"({"input":"x","tools":[)" + std::string(row.tools) + "]}");
    EXPECT_EQ(demand.file_searches, row.file_searches) << row.tools;
    EXPECT_EQ(demand.tool_calls, row.tool_calls) << row.tools;
    EXPECT_EQ(demand.searches, 0u) << row.tools;
  }
  const auto many =
      read_demand(R"({"max_tool_calls":40,"tools":[{"type":"file_search"},{"type":"image_generation"}]})");
  EXPECT_EQ(many.file_searches, 40u);
  EXPECT_EQ(many.tool_calls, 40u);
  const auto added = read_demand(
      R"({"input":[{"type":"additional_tools","role":"developer","tools":[{"type":"file_search"},{"type":"web_search"}]}]})");
  EXPECT_EQ(added.file_searches, 10u);
  EXPECT_EQ(added.searches, 10u);
  EXPECT_TRUE(added.has_window_only);
}

TEST(Demand, PluginsReachOut) {
  const auto of = [](std::string_view plugins) {
    return read_demand(R"({"messages":[],"plugins":[)" + std::string(plugins) + "]}");
  };
  EXPECT_EQ(of(R"({"id":"web","max_results":10})").searches, 10u);
  EXPECT_TRUE(of(R"({"id":"web"})").has_window_only);
  EXPECT_EQ(of(R"({"id":"web","enabled":false})").searches, 0u);
  EXPECT_EQ(of(R"({"id":"file-parser","pdf":{"engine":"mistral-ocr"}})").tool_calls, 10u);
  EXPECT_EQ(of(R"({"id":"of tomorrow"})").tool_calls, 10u);
  EXPECT_FALSE(of(R"({"id":"response-healing"})").has_window_only);
  EXPECT_EQ(read_demand(R"({"tools":[{"type":"openrouter:web_search"}]})").searches, 10u);
  EXPECT_EQ(read_demand(R"({"tools":[{"type":"openrouter:web_fetch"}]})").tool_calls, 10u);
  EXPECT_EQ(read_demand(R"({"tools":[{"type":"openrouter:datetime"}]})").tool_calls, 0u);
}

TEST(Demand, EachPromptIsAnswered) {
  EXPECT_EQ(read_demand(R"({"prompt":["a","b","c"],"n":2,"best_of":4})").answers, 12u);
  EXPECT_EQ(read_demand(R"({"n":2,"prompt":[[1,2],[3]]})").answers, 4u);
  EXPECT_EQ(read_demand(R"({"prompt":[1,2,3]})").answers, 1u) << "tokens of one";
  EXPECT_EQ(read_demand(R"({"prompt":"a","n":3})").answers, 3u);
  EXPECT_EQ(read_demand(R"({"prompt":[]})").answers, 1u);
}

// As proto3's JSON may have them.
TEST(Demand, NumbersWithinQuotes) {
  for (auto config : {R"("generationConfig":{"maxOutputTokens":"10000","candidateCount":"8"})",
                      R"("generation_config":{"max_output_tokens":"10000","candidate_count":"8"})",
                      R"("generationConfig":{"maxOutputTokens":"1e4","candidateCount":"\u0038"})"}) {
    const auto demand = read_demand("{" + std::string(config) + "}");
    EXPECT_EQ(demand.max_output, 10'000u) << config;
    EXPECT_EQ(demand.answers, 8u) << config;
  }
}

TEST(Demand, TermsAreReadAsPlainWords) {
  const auto terms = read_demand(R"({"service_tier":"\u0070riority","speed":"FAST","inference_geo":"us"})").terms;
  EXPECT_EQ(terms.tiers, std::vector<std::string>{"priority"});
  EXPECT_EQ(terms.speeds, std::vector<std::string>{"fast"});
  EXPECT_EQ(terms.places, std::vector<std::string>{"us"});
  EXPECT_EQ(read_demand(R"({"serviceTier":{"type":"default"}})").terms.tiers, std::vector<std::string>{"default"});
  EXPECT_EQ(read_demand(R"({"service_tier":null})").terms.tiers, std::vector<std::string>{"null"});
}

TEST(Demand, LimitsAreThoseThatTheApiKnows) {
  const auto& chat = endpoint(openai::server(), "chat");
  const auto& responses = endpoint(responses::server(), "responses");
  auto most = [](const Endpoint& at, std::string_view body) { return max_output_of(at, read_demand(body)); };
  EXPECT_EQ(most(chat, R"({"max_tokens":9,"max_completion_tokens":7})"), 9u);
  EXPECT_EQ(most(responses, R"({"max_output_tokens":7})"), 7u);
  EXPECT_FALSE(most(responses, R"({"max_tokens":7})"));
  EXPECT_FALSE(most(chat, R"({"max_output_tokens":7})"));
  EXPECT_FALSE(most(chat, R"({"max_tokens":7,"max_tokens":null})"));
  EXPECT_EQ(most(chat, R"({"max_tokens":7,"max_completion_tokens":null})"), 7u);
  for (const auto& at : bedrock::server().endpoints()) {
    if (!at.name.starts_with("invoke_model") || at.operation != Operation::kChat) continue;
    EXPECT_EQ(most(at, R"({"max_tokens":7})"), 7u) << at.name;
  }
  for (const auto& at : gemini::server().endpoints()) {
    if (at.operation != Operation::kChat) continue;
    EXPECT_FALSE(most(at, R"({"generationConfig":{"maxOutputTokens":0}})"));
  }
}

TEST(Demand, TheLimitIsLoweredWhereItStands) {
  const auto& chat = endpoint(openai::server(), "chat");
  auto lowered = [](const Endpoint& at, std::string_view body, std::uint64_t to) {
    return with_max_output(at, body, read_demand(body), to).value_or("none");
  };
  const auto& responses = endpoint(responses::server(), "responses");
  EXPECT_EQ(lowered(responses, R"({"max_output_tokens":null})", 5), R"({"max_output_tokens":5})");
  EXPECT_EQ(lowered(responses, R"({"max_output_tokens":9,"max_output_tokens":null})", 5),
            R"({"max_output_tokens":5,"max_output_tokens":5})");
  EXPECT_EQ(lowered(responses, R"({"max_tokens":3})", 5), R"({"max_output_tokens":5,"max_tokens":3})");
  EXPECT_EQ(lowered(chat, R"({"max_tokens":90,"max_completion_tokens":null})", 5),
            R"({"max_tokens":5,"max_completion_tokens":null})");
  EXPECT_EQ(lowered(chat, R"({"max_tokens": 900, "model":"m"})", 50), R"({"max_tokens": 50, "model":"m"})");
  EXPECT_EQ(lowered(chat, R"({"max_tokens":10,"max_completion_tokens":900})", 50),
            R"({"max_tokens":10,"max_completion_tokens":50})");
  EXPECT_EQ(lowered(chat, R"( {"model":"m"})", 50), R"( {"max_completion_tokens":50,"model":"m"})");
  for (const auto& at : gemini::server().endpoints()) {
    if (at.operation != Operation::kChat) continue;
    EXPECT_EQ(lowered(at, R"({"contents":[],"generationConfig":{}})", 5),
              R"({"contents":[],"generationConfig":{"maxOutputTokens":5}})");
    EXPECT_EQ(lowered(at, R"({"contents":[],"generationConfig":{"topK":1}})", 5),
              R"({"contents":[],"generationConfig":{"maxOutputTokens":5,"topK":1}})");
    EXPECT_EQ(lowered(at, R"({"generationConfig":{"maxOutputTokens":"10000","topK":"1"}})", 5),
              R"({"generationConfig":{"maxOutputTokens":5,"topK":"1"}})");
    EXPECT_EQ(lowered(at, R"({"generation_config":{"max_output_tokens":"10000"}})", 5),
              R"({"generation_config":{"max_output_tokens":5}})");
    EXPECT_EQ(lowered(at, R"({"generationConfig":{"maxOutputTokens":null}})", 5),
              R"({"generationConfig":{"maxOutputTokens":5}})");
    EXPECT_EQ(lowered(at, R"({"generation_config":null,"contents":[]})", 5),
              R"({"generation_config":{"maxOutputTokens":5},"contents":[]})");
    EXPECT_EQ(lowered(at, R"({"generationConfig":{"maxOutputTokens":"3"}})", 5),
              R"({"generationConfig":{"maxOutputTokens":"3"}})");
    EXPECT_EQ(lowered(at, R"({"contents":[]})", 5), R"({"generationConfig":{"maxOutputTokens":5},"contents":[]})");
  }
  for (const auto& at : anthropic::server().endpoints()) {
    const bool chats = at.operation == Operation::kChat;
    EXPECT_EQ(lowered(at, R"({"max_tokens":900})", 5), chats ? R"({"max_tokens":5})" : "none") << at.name;
  }
}

}  // namespace
}  // namespace sluice::dialect::demand_test
