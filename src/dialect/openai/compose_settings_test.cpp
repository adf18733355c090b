#include <gtest/gtest.h>

#include "dialect/openai/compose.h"
#include "dialect/openai/fields.h"
#include "dialect/openai/fixture_test.h"

namespace sluice::dialect::openai::compose_settings_test {
namespace {

using chat::Effort;
using chat::Field;
using chat::ToolChoice;
using fixtures::at;

// A request of a client of another API, and what of it reaches a server that is not OpenAI's.
class OpenAiComposeSettings : public ::testing::Test {
 protected:
  OpenAiComposeSettings() {
    request_.give(Field::kMessages, "contents");
    chat::Turn& turn = request_.turns.emplace_back();
    turn.role = chat::Role::kUser;
    turn.parts.emplace_back().text = {"hi"};
  }

  std::string sent(std::string_view pointer) {
    auto out = compose(request_, target_);
    EXPECT_TRUE(out) << (out ? "" : out.error().told);
    if (!out) return {};
    told_.clear();
    for (const auto& lost : out->lost) told_ += lost.path + " ";
    return at(out->body, pointer);
  }
  std::string effort(Effort effort) {
    request_.give(Field::kReasoning, "thinking");
    request_.reasoning = {.effort = effort};
    return sent("/reasoning_effort") + " " + told_;
  }
  std::string temperature(std::string_view value) {
    request_.give(Field::kTemperature, "temperature", value);
    return sent("/temperature") + " " + told_;
  }

  chat::Request request_;
  Target target_{.provider = "p", .model = "m"};
  std::string told_;
};

TEST_F(OpenAiComposeSettings, ServersWithTwoEffortsGetOneOfThem) {
  EXPECT_EQ(effort(Effort::kLow), R"("low" )");
  target_.quirks.effort_levels = false;
  EXPECT_EQ(effort(Effort::kOff), R"("none" )");
  EXPECT_EQ(effort(Effort::kMinimal), R"("none" thinking )");
  EXPECT_EQ(effort(Effort::kLow), R"("none" thinking )");
  EXPECT_EQ(effort(Effort::kMedium), R"("high" thinking )");
  EXPECT_EQ(effort(Effort::kHigh), R"("high" )");
  EXPECT_EQ(effort(Effort::kXHigh), R"("high" thinking )");
  EXPECT_EQ(effort(Effort::kMax), R"("high" thinking )");
  EXPECT_EQ(effort(Effort::kUnset), " ");
  request_.reasoning.budget = 600;
  EXPECT_EQ(sent("/reasoning_effort"), R"("none")");
  request_.give(Field::kMessages, kMessagesPath);
  EXPECT_EQ(effort(Effort::kLow), R"("low" )") << "what a client of this API says is kept";
}

TEST_F(OpenAiComposeSettings, OpenModelsGetAnEffortThatTheyHave) {
  target_.model = "openai/gpt-oss-120b";
  EXPECT_EQ(effort(Effort::kXHigh), R"("high" thinking )");
  EXPECT_EQ(effort(Effort::kMinimal), R"("low" thinking )");
  EXPECT_EQ(effort(Effort::kMedium), R"("medium" )");
}

TEST_F(OpenAiComposeSettings, TemperaturesAreNoHigherThanTheServerTakes) {
  EXPECT_EQ(temperature("1.9"), "1.9 ");
  target_.quirks.high_temperature = false;
  EXPECT_EQ(temperature("1.9"), "1.5 temperature ");
  EXPECT_EQ(temperature("1.50"), "1.5 ");
  EXPECT_EQ(temperature("0.7"), "0.7 ");
  request_.give(Field::kMessages, kMessagesPath);
  EXPECT_EQ(temperature("1.9"), "1.9 ");
}

TEST_F(OpenAiComposeSettings, ServersWithoutAllowedToolsGetTheseAlone) {
  const auto choose = [&](std::vector<chat::Escaped> names, bool required) {
    request_.tools = {{.name = {"f"}}, {.name = {"g"}}, {.name = {"h"}}};
    request_.give(Field::kTools, "tools");
    request_.give(Field::kToolChoice, "toolConfig");
    request_.tool_choice = {.mode = ToolChoice::Mode::kSubset, .names = std::move(names), .subset_required = required};
  };
  choose({{"h"}, {"f"}}, true);
  EXPECT_EQ(sent("/tool_choice/type"), R"("allowed_tools")");
  target_.quirks.openai_tools = false;
  choose({{"h"}, {"f"}}, true);
  EXPECT_EQ(sent("/tool_choice"), R"("required")");
  choose({{"h"}, {"f"}}, true);
  EXPECT_EQ(sent("/tools"),
            R"([{"function":{"name":"f"},"type":"function"},{"function":{"name":"h"},"type":"function"}])");
  EXPECT_EQ(told_, "");
  choose({{"g"}}, false);
  EXPECT_EQ(sent("/tool_choice"), R"("auto")");
  choose({{"x"}}, true);
  auto out = compose(request_, target_);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().param, "toolConfig");
}

}  // namespace
}  // namespace sluice::dialect::openai::compose_settings_test
