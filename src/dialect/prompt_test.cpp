#include "dialect/prompt.h"

#include <gtest/gtest.h>

#include <string>

namespace sluice::dialect::prompt_test {
namespace {

std::string needs_of(std::string_view body) {
  auto needs = read_prompt(body).needs;
  std::string text;
  for (auto name : kNeedNames) {
    if (needs.has(*find_need(name))) text += (text.empty() ? "" : " ") + std::string(name);
  }
  return text;
}

std::string messages(std::string_view content, std::string_view key = "messages") {
  return R"({"model":"m",")" + std::string(key) + R"(":[{"role":"user","content":)" + std::string(content) + "}]}";
}
std::string parts(std::string_view part) {
  return R"({"contents":[{"role":"user","parts":[)" + std::string(part) + "]}]}";
}

struct Case {
  std::string body;
  std::string needs;
};

TEST(PromptNeeds, AreSeenInEveryDialect) {
  const Case cases[] = {
      {R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", ""},
      {R"({})", ""},
      {R"({"tools":[],"messages":[]})", ""},
      {R"({"tools":null})", ""},
      {R"({"tools": [ {"type":"function"} ]})", "tools"},
      {R"({"functions":[{}]})", "tools"},
      {R"({"toolConfig":{"tools":[{}]}})", "tools"},
      {R"({"response_format":{"type":"json_schema","json_schema":{}}})", "structured_output"},
      {R"({"response_format":{"type":"json_object"}})", ""},
      {R"({"text":{"format":{"type":"json_schema","name":"x"}}})", "structured_output"},
      {R"({"text":{"verbosity":"low"}})", ""},
      {R"({"output_config":{"effort":"low","format":{"type":"json_schema"}}})", "structured_output"},
      {R"({"generationConfig":{"responseSchema":{"type":"OBJECT"},"thinkingConfig":{"thinkingBudget":9}}})",
       "structured_output reasoning"},
      {R"({"reasoning_effort":"low"})", "reasoning"},
      {R"({"reasoning_effort":"none"})", ""},
      {R"({"reasoning":{"effort":"high"}})", "reasoning"},
      {R"({"reasoning":{"effort":"none"}})", ""},
      {R"({"thinking":{"type":"enabled","budget_tokens":1024}})", "reasoning"},
      {R"({"thinking":{"type":"disabled"}})", ""},
      {messages(R"([{"type":"image_url","image_url":{"url":"https://x/y.png"}}])"), "vision"},
      {messages(R"([{"type":"input_image","image_url":"https://x/y.png"}])", "input"), "vision"},
      {messages(R"([{"type":"image","source":{"type":"url","url":"https://x"}}])"), "vision"},
      {messages(R"([{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}])"), "vision"},
      {messages(R"([{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AA"}}])"),
       "pdf"},
      {messages(R"([{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"}}])"), ""},
      {messages(R"([{"type":"file","file":{"filename":"a","file_data":"data:application/pdf;base64,AA"}}])"), "pdf"},
      {messages(R"([{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}])"), "audio"},
      {messages(R"([{"image":{"format":"png","source":{"bytes":"AA"}}}])"), "vision"},
      {messages(R"([{"document":{"name":"a","format":"pdf","source":{"bytes":"AA"}}}])"), "pdf"},
      {parts(R"({"inlineData":{"mimeType":"image/png","data":"AA"}})"), "vision"},
      {parts(R"({"inline_data":{"data":"AA","mime_type":"audio/wav"}})"), "audio"},
      {parts(R"({"fileData":{"mimeType":"application/pdf","fileUri":"gs://a"}})"), "pdf"},
  };
  for (const auto& one : cases) EXPECT_EQ(needs_of(one.body), one.needs) << one.body;
}

TEST(PromptNeeds, AreNotSeenInWhatOnlyLooksLikeThem) {
  const std::string cases[] = {
      messages(R"("{\"type\":\"image_url\"}")"),
      messages(R"("\\\"type\\\": image_url")"),
      messages(R"([{"type":"tool_use","input":{"type":"image","mimeType":"image/png","image":{"url":"x"}}}])"),
      messages(R"([{"type":"text","text":"image_url"}])"),
      R"({"metadata":{"type":"image_url"},"messages":[]})",
  };
  for (const auto& body : cases) EXPECT_EQ(needs_of(body), "") << body;
}

TEST(PromptLength, LeavesOutImagesAndFiles) {
  EXPECT_NEAR(static_cast<double>(read_prompt(messages('"' + std::string(40'000, 'a') + '"')).tokens), 10'000, 50);
  const std::string image = R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
                            std::string(400'000, 'A') + R"("}},{"type":"text","text":")" + std::string(4'000, 'a') +
                            R"("}])";
  EXPECT_NEAR(static_cast<double>(read_prompt(messages(image)).tokens), 1'000, 100);
}

// The beginning of a conversation in OpenAI's form, without the closing bracket of its messages.
std::string openai(std::string_view system, std::string_view first) {
  return R"({"model":"m","messages":[{"role":"system","content":")" + std::string(system) +
         R"("},{"role":"user","content":")" + std::string(first) + R"("})";
}

TEST(PromptBeginning, StaysWhileAConversationGoesOn) {
  const std::string opening = openai("Be kind.", "Hello");
  const auto first = read_prompt(opening + "]}").beginning;
  EXPECT_NE(first, 0u);
  const std::string later = opening + R"(,{"role":"assistant","content":"Hi"},{"role":"user","content":"More"}])";
  EXPECT_EQ(read_prompt(later + "}").beginning, first);
  EXPECT_EQ(read_prompt(later + R"(,"temperature":1,"tools":[{"a":1}]})").beginning, first);
  EXPECT_NE(read_prompt(openai("Be kind.", "Hallo") + "]}").beginning, first);
  EXPECT_NE(read_prompt(openai("Be rude.", "Hello") + "]}").beginning, first);
}

TEST(PromptBeginning, DoesNotDependOnMarksOfCaching) {
  auto body = [](std::string_view system_mark, std::string_view message_mark) {
    return R"({"system":[{"type":"text","text":"x-anthropic-billing-header: cch=)" +
           std::string(message_mark.substr(0, 1)) + R"(;"},{"type":"text","text":"You are Claude")" +
           std::string(system_mark) + R"(}],"messages":[{"role":"user","content":[{"type":"text","text":"Go")" +
           std::string(message_mark) + "}]}]}";
  };
  constexpr std::string_view kMark = R"(,"cache_control":{"type":"ephemeral","ttl":"1h"})";
  EXPECT_EQ(read_prompt(body(kMark, kMark)).beginning, read_prompt(body("", "")).beginning);
  EXPECT_EQ(read_prompt(messages(R"("Go")")).beginning,
            read_prompt(messages(R"([{"type":"text","text":"Go"}])")).beginning)
      << "a text alone is written as a part once it is marked";
}

TEST(PromptBeginning, IsFoundInEveryDialect) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"instructions":"S","input":"A"})", R"({"instructions":"S","input":"B"})"},
      {R"({"instructions":"S","input":[{"role":"user","content":"A"}]})",
       R"({"instructions":"T","input":[{"role":"user","content":"A"}]})"},
      {R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"parts":[{"text":"A"}]}]})",
       R"({"systemInstruction":{"parts":[{"text":"S"}]},"contents":[{"parts":[{"text":"B"}]}]})"},
      {R"({"system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"A"}]}]})",
       R"({"system":[{"text":"S"}],"messages":[{"role":"user","content":[{"text":"B"}]}]})"},
      {R"({"messages":[{"role":"user","content":"A"}],"system":"S"})",
       R"({"messages":[{"role":"user","content":"S"}],"system":"A"})"},
  };
  for (const auto& [one, other] : cases) {
    EXPECT_NE(read_prompt(one).beginning, 0u) << one;
    EXPECT_NE(read_prompt(one).beginning, read_prompt(other).beginning) << one << other;
  }
  EXPECT_EQ(read_prompt(R"({"messages":[{"role":"user","content":"A"}],"system":"S"})").beginning,
            read_prompt(R"({"system":"S","messages":[{"content":"A","role":"user"}]})").beginning);
  EXPECT_EQ(read_prompt(R"({"prompt":"x"})").beginning, 0u);
}

TEST(PromptSession, IsNamedByTheClient) {
  EXPECT_EQ(read_prompt(R"({"prompt_cache_key":"k1"})").cache_key, hash_of("k1"));
  EXPECT_EQ(read_prompt(R"({"metadata":{"user_id":"user_1_account__session_2"}})").cache_key,
            hash_of("user_1_account__session_2"));
  EXPECT_EQ(read_prompt(R"({"metadata":{"user_id":"somebody"}})").cache_key, 0u);
}

TEST(PromptWalk, EndsWithinAnyText) {
  const std::string whole =
      R"({"system":[{"text":"S"}],"tools":[{"a":"b\\"}],"messages":[{"role":"user","content":[1,true,{"text":"A"}]}]})";
  for (std::size_t size = 0; size <= whole.size(); ++size) (void)read_prompt(std::string_view(whole).substr(0, size));
}

TEST(Prompt, LongTextsAreToldApartByTheirEndsAndSizes) {
  auto beginning = [](std::string_view first, std::size_t size, std::string_view last) {
    const auto text = std::string(first) + std::string(size, 'x') + std::string(last);
    return read_prompt(R"({"messages":[{"role":"user","content":")" + text + "\"}]}").beginning;
  };
  const auto one = beginning("a", 100'000, "b");
  EXPECT_EQ(beginning("a", 100'000, "b"), one);
  EXPECT_NE(beginning("c", 100'000, "b"), one);
  EXPECT_NE(beginning("a", 100'000, "c"), one);
  EXPECT_NE(beginning("a", 100'001, "b"), one);
}

}  // namespace
}  // namespace sluice::dialect::prompt_test
