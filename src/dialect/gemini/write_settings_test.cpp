#include "dialect/gemini/fixture_test.h"
#include "dialect/gemini/gemini.h"
#include "dialect/gemini/write.h"

namespace sluice::dialect::gemini::write_settings_test {
namespace {

using chat::Field;
using chat::ToolChoice;

// What is sent for a choice of a client that speaks the OpenAI dialect and has no tools; else why it is refused.
struct Sent {
  std::string body, lost, refused;
};
Sent sent_without_tools(ToolChoice choice) {
  chat::Request request;
  request.give(Field::kMessages, "messages");
  request.give(Field::kToolChoice, "tool_choice");
  chat::Turn& turn = request.turns.emplace_back();
  turn.role = chat::Role::kUser;
  turn.parts.emplace_back().text = {"hi"};
  request.tool_choice = std::move(choice);
  auto out = client().write_chat(request, {.provider = "google", .model = "gemini-2.5-flash", .quirks = {}});
  if (!out) return {.body = {}, .lost = {}, .refused = out.error().told};
  Sent sent{.body = out->body, .lost = {}, .refused = {}};
  for (const auto& lost : out->lost) sent.lost += lost.path + " ";
  return sent;
}

TEST(GeminiWriteSettings, AChoiceWithoutToolsIsLeftOut) {
  const std::string_view same = R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})";
  for (auto mode : {ToolChoice::Mode::kNone, ToolChoice::Mode::kAuto}) {
    const Sent sent = sent_without_tools({.mode = mode, .names = {}});
    EXPECT_EQ(sent.body, same);
    EXPECT_EQ(sent.lost, "");
  }
  const Sent any = sent_without_tools({.mode = ToolChoice::Mode::kAny, .names = {}});
  EXPECT_EQ(any.body, same);
  EXPECT_EQ(any.lost, "tool_choice ");
}

TEST(GeminiWriteSettings, AChoiceOfToolsThatAreNotThereIsRefused) {
  for (auto mode : {ToolChoice::Mode::kNamed, ToolChoice::Mode::kSubset}) {
    EXPECT_TRUE(sent_without_tools({.mode = mode, .names = {{"f"}}})
                    .refused.starts_with("'tool_choice' that allows none of the tools is not supported"));
  }
}

}  // namespace
}  // namespace sluice::dialect::gemini::write_settings_test
