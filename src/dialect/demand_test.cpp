#include "dialect/demand.h"

#include <gtest/gtest.h>

#include "dialect/anthropic/anthropic.h"
#include "dialect/gemini/gemini.h"
#include "dialect/openai/openai.h"

namespace sluice::dialect {
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
        R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" + png + "\"}}",
        R"({"inlineData":{"mimeType":"image/png","data":")" + png + "\"}}",
        R"({"image":{"format":"png","source":{"bytes":")" + png + "\"}}}"}) {
    const auto body = R"({"messages":[{"role":"user","content":[)" + block + R"(,{"type":"text","text":"what"}]}]})";
    const auto demand = read_demand(body);
    EXPECT_EQ(demand.images, 1u) << block;
    EXPECT_LE(demand.text_bytes, body.size() - png.size()) << block;
    EXPECT_FALSE(demand.has_window_only) << block;
  }
  for (auto block : {R"({"type":"image_url","image_url":{"url":"https://x/y.png"}})",
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

TEST(Demand, TheLimitIsLoweredWhereItStands) {
  const auto& chat = endpoint(openai::server(), "chat");
  auto lowered = [](const Endpoint& at, std::string_view body, std::uint64_t to) {
    return with_max_output(at, body, read_demand(body), to).value_or("none");
  };
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
    EXPECT_EQ(lowered(at, R"({"contents":[]})", 5), R"({"generationConfig":{"maxOutputTokens":5},"contents":[]})");
  }
  for (const auto& at : anthropic::server().endpoints()) {
    const bool chats = at.operation == Operation::kChat;
    EXPECT_EQ(lowered(at, R"({"max_tokens":900})", 5), chats ? R"({"max_tokens":5})" : "none") << at.name;
  }
}

}  // namespace
}  // namespace sluice::dialect
