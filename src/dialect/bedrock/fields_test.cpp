#include "dialect/bedrock/fields.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "checkout.h"
#include "dialect/bedrock/bedrock.h"
#include "dialect/bedrock/endpoint.h"
#include "dialect/bedrock/formats.h"
#include "dialect/bedrock/model.h"

namespace sluice::dialect::bedrock::fields_test {
namespace {

TEST(BedrockFields, AreThoseOfTheSchema) {
  std::ifstream file(in_checkout("tests/fixtures/schema/bedrock.txt"));
  std::set<std::string> paths;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    paths.insert(line);
    EXPECT_NE(find_path(chat_fields(), line), nullptr) << line;
  }
  EXPECT_GT(paths.size(), 100u);
  for (const FieldRow& row : chat_fields()) EXPECT_TRUE(paths.contains(std::string(row.path))) << row.path;
}

TEST(BedrockEndpoints, AreFoundByTheirPaths) {
  const auto find = [](std::string_view path) -> std::string {
    for (const Endpoint& endpoint : endpoints()) {
      if (auto match = match_path(endpoint.path, path))
        return std::string(endpoint.name) + " " + std::string(match->model);
    }
    return "none";
  };
  EXPECT_EQ(find("/model/a%3A0/converse"), "converse a%3A0");
  EXPECT_EQ(find("/model/a%3A0/converse-stream"), "converse_stream a%3A0");
  EXPECT_EQ(find("/model/arn%3Aaws%2Fb/count-tokens"), "converse_count_tokens arn%3Aaws%2Fb");
  EXPECT_EQ(find("/model/a/invoke"), "invoke_model a");
  EXPECT_EQ(find("/model/a/invoke-with-response-stream"), "invoke_model_stream a");
  EXPECT_EQ(find("/models/a/converse"), "none");
}

TEST(BedrockClient, PutsTheModelIntoThePath) {
  const auto path = [](Operation operation, bool stream) {
    return client().path(
        {.model = "arn:aws:bedrock:us-east-1:1:inference-profile/us.a-v1:0", .operation = operation, .stream = stream});
  };
  constexpr std::string_view kModel = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.a-v1%3A0";
  EXPECT_EQ(path(Operation::kChat, false), std::string(kModel) + "/converse");
  EXPECT_EQ(path(Operation::kChat, true), std::string(kModel) + "/converse-stream");
  EXPECT_EQ(path(Operation::kCountTokens, false), std::string(kModel) + "/count-tokens");
}

TEST(BedrockModels, AreKnownByPrefixBehindRegionsAndInArns) {
  EXPECT_EQ(facts_of("us.anthropic.claude-sonnet-4-5-20250929-v1:0").thinking, Thinking::kBudget);
  EXPECT_EQ(facts_of("global.anthropic.claude-opus-4-6-v1").thinking, Thinking::kAdaptive);
  EXPECT_TRUE(facts_of("anthropic.claude-sonnet-4-6").sampling);
  EXPECT_FALSE(facts_of("anthropic.claude-opus-4-7").sampling);
  EXPECT_EQ(facts_of("arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5-5").thinking,
            Thinking::kAlways);
  EXPECT_EQ(facts_of("anthropic.claude-3-5-sonnet-20241022-v2:0").thinking, Thinking::kNone);
  EXPECT_EQ(facts_of("amazon.nova-2-lite-v1:0").thinking, Thinking::kNovaEffort);
  EXPECT_EQ(facts_of("amazon.nova-pro-v1:0").family, Family::kNova);
  EXPECT_EQ(facts_of("openai.gpt-oss-120b-1:0").thinking, Thinking::kOpenAiEffort);
  EXPECT_EQ(facts_of("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc").family, Family::kOther);
  EXPECT_EQ(facts_of("").family, Family::kOther);
}

TEST(BedrockFormats, FollowMediaTypesAndFileNames) {
  using enum chat::PartKind;
  EXPECT_EQ(format_of(kImage, "image/PNG; q=1"), "png");
  EXPECT_EQ(format_of(kImage, "image/tiff"), "");
  EXPECT_EQ(type_of(kImage, "jpeg"), "image/jpeg");
  EXPECT_EQ(format_of(kDocument, "application/octet-stream", "A.DOCX"), "docx");
  EXPECT_EQ(format_of(kDocument, "text/x-python"), "txt");
  EXPECT_EQ(format_of(kDocument, "application/zip", "a.zip"), "");
  EXPECT_EQ(format_of(kAudio, "audio/mpeg"), "mp3");
  EXPECT_EQ(type_of(kVideo, "three_gp"), "video/3gpp");
  EXPECT_EQ(type_of(kVideo, "png"), "");
}

}  // namespace
}  // namespace sluice::dialect::bedrock::fields_test
