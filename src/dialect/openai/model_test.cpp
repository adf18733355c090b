#include "dialect/openai/model.h"

#include <gtest/gtest.h>

namespace sluice::dialect::openai::model_test {
namespace {

using chat::Effort;
using chat::Field;

struct Case {
  const char* model;
  Effort asked;
  Effort sent;
  const char* lost;
};

class OpenAiModel : public ::testing::TestWithParam<Case> {};

TEST_P(OpenAiModel, GetsAnEffortThatItHas) {
  chat::Request request;
  request.give(Field::kReasoning, "thinking");
  request.reasoning.effort = GetParam().asked;
  std::vector<chat::Request::Lost> lost;
  fit_to_model(request, GetParam().model, lost);
  EXPECT_EQ(request.reasoning.effort, GetParam().sent);
  EXPECT_EQ(lost.empty() ? "" : lost.front().path, GetParam().lost);
}

INSTANTIATE_TEST_SUITE_P(Efforts, OpenAiModel,
                         ::testing::Values(Case{"gpt-4o", Effort::kMedium, Effort::kUnset, "thinking"},
                                           Case{"gpt-4.1-mini", Effort::kOff, Effort::kUnset, ""},
                                           Case{"openai/gpt-3.5-turbo", Effort::kLow, Effort::kUnset, "thinking"},
                                           Case{"gpt-5-chat-latest", Effort::kOff, Effort::kUnset, ""},
                                           Case{"gpt-5", Effort::kOff, Effort::kMinimal, ""},
                                           Case{"gpt-5-mini", Effort::kMax, Effort::kHigh, ""},
                                           Case{"gpt-5.1", Effort::kOff, Effort::kOff, ""},
                                           Case{"gpt-5.2", Effort::kMax, Effort::kXHigh, ""},
                                           Case{"o3", Effort::kMinimal, Effort::kLow, ""},
                                           Case{"gpt-oss-120b", Effort::kMax, Effort::kHigh, "thinking"},
                                           Case{"openai.gpt-oss-20b-1:0", Effort::kOff, Effort::kLow, "thinking"},
                                           Case{"gpt-oss:20b", Effort::kMedium, Effort::kMedium, ""},
                                           Case{"deepseek-reasoner", Effort::kMax, Effort::kMax, ""}));

TEST(OpenAiModel, TakesOneTemperatureWhereItReasons) {
  const auto lost_by = [](const char* model, const char* temperature, Effort effort) {
    chat::Request request;
    request.give(Field::kTemperature, "temperature", temperature);
    request.reasoning.effort = effort;
    std::vector<chat::Request::Lost> lost;
    fit_to_model(request, model, lost);
    return (request.has(Field::kTemperature) ? "sent" : "out") + std::string(lost.empty() ? "" : ", told");
  };
  EXPECT_EQ(lost_by("gpt-5", "1", Effort::kUnset), "out");
  EXPECT_EQ(lost_by("gpt-5", "0.2", Effort::kUnset), "out, told");
  EXPECT_EQ(lost_by("o3", "0.2", Effort::kHigh), "out, told");
  EXPECT_EQ(lost_by("gpt-5.2", "0.2", Effort::kUnset), "sent");
  EXPECT_EQ(lost_by("gpt-5.2", "0.2", Effort::kLow), "out, told");
  EXPECT_EQ(lost_by("gpt-4o", "0.2", Effort::kUnset), "sent");
}

}  // namespace
}  // namespace sluice::dialect::openai::model_test
