#include "dialect/openai/embed.h"

#include <gtest/gtest.h>

#include "dialect/openai/openai.h"
#include "json/reader.h"

namespace sluice::dialect::openai::embed_test {
namespace {

class OpenAiEmbed : public ::testing::Test {
 protected:
  Result<chat::EmbedRequest> read(std::string body) {
    body_ = std::move(body);
    json::pad(body_);
    return read_embed(body_, reader_);
  }
  Result<chat::Embeddings> answer(std::string body) {
    body_ = std::move(body);
    json::pad(body_);
    return read_embeddings(body_, reader_);
  }
  std::string refusal(std::string body) {
    auto request = read(std::move(body));
    return request ? "none" : request.error().param + ": " + request.error().told;
  }
  std::string again(std::string body) { return write_embed(*read(std::move(body)), target_)->body; }

  std::string body_;
  json::Reader reader_;
  Target target_{.provider = "p", .model = "m", .operation = Operation::kEmbed};
};

TEST_F(OpenAiEmbed, ReadsAndWritesRequests) {
  EXPECT_EQ(again(R"({"model":"x","input":"a\n"})"), R"({"model":"m","input":"a\n"})");
  EXPECT_EQ(again(R"({"model":"x","input":["a"],"dimensions":256,"encoding_format":"float"})"),
            R"({"model":"m","input":["a"],"dimensions":256})");
  EXPECT_EQ(again(R"({"input":["a","b"],"encoding_format":"base64","user":"u"})"),
            R"({"model":"m","input":["a","b"],"encoding_format":"base64"})");
  EXPECT_EQ(again(R"({"input":[1,2]})"), R"({"model":"m","input":[1,2]})");
  EXPECT_EQ(again(R"({"input":[[1],[2,3]],"encoding_format":null})"), R"({"model":"m","input":[[1],[2,3]]})");
}

TEST_F(OpenAiEmbed, TellsWhatItLeavesOut) {
  auto request = *read(R"({"input":"a","new":1,"user":"u","other":null})");
  ASSERT_EQ(request.lost.size(), 2u);
  EXPECT_EQ(request.lost[0].path, "new");
  EXPECT_EQ(request.lost[1].unplaced, chat::Unplaced::kSilent);
  request.purpose = {"search_query"};
  request.title = {"t"};
  const auto out = write_embed(request, target_);
  EXPECT_EQ(out->lost.size(), 4u);
  request.lost.push_back({"taskType", chat::Unplaced::kRefused, "is not supported"});
  EXPECT_EQ(write_embed(request, target_).error().param, "taskType");
}

TEST_F(OpenAiEmbed, RefusesWhatTheApiWouldRefuse) {
  EXPECT_EQ(refusal("{}"), "input: 'input' is required.");
  EXPECT_EQ(refusal(R"({"input":[]})"), "input: 'input' is required.");
  EXPECT_EQ(refusal(R"({"input":7})"), "input: 'input' must be a string or an array.");
  EXPECT_EQ(refusal(R"({"input":["a",7]})"), "input: 'input' must hold texts or tokens, not both.");
  EXPECT_EQ(refusal(R"({"input":["a",{}]})"), "input[1]: 'input[1]' must be a string.");
  EXPECT_EQ(refusal(R"({"input":"a","encoding_format":"int8"})"),
            "encoding_format: 'encoding_format' must be float or base64.");
  EXPECT_EQ(refusal(R"({"input":"a","dimensions":"x"})"), "dimensions: 'dimensions' must be a number.");
}

TEST_F(OpenAiEmbed, ReadsAnswersInBothCodingsAndInOrder) {
  const auto read = *answer(R"({"object":"list","data":[{"object":"embedding","index":1,"embedding":"AACAPw=="},
    {"object":"embedding","index":0,"embedding":[0.10,-2e-3]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}})");
  ASSERT_EQ(read.vectors.size(), 2u);
  EXPECT_EQ(read.vectors[0].numbers, "[0.10,-2e-3]");
  EXPECT_EQ(read.vectors[1].base64, "AACAPw==");
  EXPECT_EQ(read.model, "m");
  EXPECT_EQ(read.usage.input, 8u);
}

TEST_F(OpenAiEmbed, ReportsAnswersThatAreNone) {
  EXPECT_EQ(answer("<html>").error().kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(answer(R"({"error":{"message":"No"}})").error().kind, FaultKind::kProviderError);
  EXPECT_EQ(answer(R"({"data":[{"index":1,"embedding":[1]}]})").error().kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(answer(R"({"data":[{"index":99999999999,"embedding":[1]}]})")->vectors.size(), 0u);
}

TEST_F(OpenAiEmbed, WritesAnswersAsTheClientWants) {
  chat::Embeddings embeddings;
  embeddings.vectors = {{.numbers = "[1, 0.50]", .base64 = {}}, {.numbers = {}, .base64 = "AACAPwAAAD8="}};
  embeddings.usage.input = 3;
  chat::EmbedRequest request;
  request.model = "mine";
  EXPECT_EQ(write_embeddings(embeddings, request, {}),
            R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[1, 0.50]},)"
            R"({"object":"embedding","index":1,"embedding":[1,0.5]}],"model":"mine",)"
            R"("usage":{"prompt_tokens":3,"total_tokens":3}})");
  request.encoding = chat::EmbedRequest::Encoding::kBase64;
  const std::string coded = write_embeddings(embeddings, request, {});
  EXPECT_TRUE(coded.contains(R"("index":0,"embedding":"AACAPwAAAD8=")")) << coded;
  EXPECT_TRUE(coded.contains(R"("index":1,"embedding":"AACAPwAAAD8=")")) << coded;
}

TEST(OpenAiDialect, OffersWhatItWrites) {
  EXPECT_TRUE(client().offers(Operation::kChat));
  EXPECT_TRUE(client().offers(Operation::kEmbed));
  EXPECT_FALSE(client().offers(Operation::kCountTokens));
  EXPECT_FALSE(client().offers(Operation::kRerank));
  EXPECT_EQ(client().path({.operation = Operation::kEmbed}), "/embeddings");
  EXPECT_EQ(client().path({.operation = Operation::kChat}), "/chat/completions");
  EXPECT_FALSE(server().fields(Operation::kChat).empty());
}

}  // namespace
}  // namespace sluice::dialect::openai::embed_test
