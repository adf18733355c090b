#include <gtest/gtest.h>

#include "dialect/openai/answer.h"
#include "dialect/openai/answer_fixture_test.h"
#include "json/reader.h"

namespace sluice::dialect::openai::whole_answer_test {
namespace {

using chat::EventKind;
using testing::cases;
using testing::expect_finish;
using testing::expect_usage;

Result<chat::Learned> read_whole(std::string body, Kind kind = Kind::kChat) {
  json::pad(body);
  json::Reader reader;
  chat::Learned learned;
  auto event = Answer(kind, {.pieces = ReadOptions::Pieces::kSkip}, learned, reader).read_whole(body);
  if (!event) return fail_from(event);
  EXPECT_EQ(event->kind, EventKind::kContent);
  EXPECT_EQ(event->wire, body);
  return learned;
}

chat::Learned read(std::string body, Kind kind = Kind::kChat) {
  auto learned = read_whole(std::move(body), kind);
  EXPECT_TRUE(learned) << learned.error().detail;
  return learned ? *learned : chat::Learned{};
}

TEST(OpenAiReadAnswer, ReadsEveryRecordedAnswer) {
  std::size_t answers = 0;
  for (const auto& test : cases()) {
    if (test->stream || test->status != 200) continue;
    ++answers;
    const chat::Learned learned = read(test->body);
    expect_usage(*test, learned.usage);
    // Several choices may end differently; the recorded case names the first one's reason.
    if (test->id != "openai-chat/stop_n_logprobs") expect_finish(*test, learned.finish_reason);
    EXPECT_FALSE(learned.model.empty()) << test->id;
    if (auto tier = test->text("/service_tier")) EXPECT_EQ(learned.service_tier, tier) << test->id;
  }
  EXPECT_EQ(answers, 24u);
}

TEST(OpenAiReadAnswer, LearnsNothingFromUnknownShapes) {
  EXPECT_EQ(read("[1,2,3]").usage, chat::Usage{});
  EXPECT_EQ(read("\"text\"").model, "");
  EXPECT_EQ(read(R"({"model":7,"id":null,"choices":{"a":1},"usage":[]})").id, "");
  EXPECT_EQ(
      read(R"({"object":"list","data":[],"model":"e","usage":{"prompt_tokens":8,"total_tokens":8}})", Kind::kEmbeddings)
          .usage.input,
      8u);
}

TEST(OpenAiReadAnswer, ReportsErrorsAndBrokenJson) {
  const auto fault = [](std::string body) { return read_whole(std::move(body)).error(); };
  EXPECT_EQ(fault(R"({"error":{"message":"no","type":"invalid_request_error","code":"x"}})").kind,
            FaultKind::kProviderError);
  EXPECT_EQ(fault(R"({"error":{"message":"no","type":"invalid_request_error","code":"x"}})").retry, Retry::kNo);
  EXPECT_EQ(fault(R"({"error":{"message":"no","type":"insufficient_quota"}})").retry, Retry::kOther);
  EXPECT_EQ(fault("").kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(fault("<html>").kind, FaultKind::kProviderProtocol);
  EXPECT_EQ(fault(R"({"id":"a")").kind, FaultKind::kProviderProtocol);
}

}  // namespace
}  // namespace sluice::dialect::openai::whole_answer_test
