#include "chat/request.h"

#include <gtest/gtest.h>

#include "chat/event.h"

namespace sluice::chat::request_test {
namespace {

TEST(Effort, HasNamesAndBudgets) {
  for (int i = 1; i <= static_cast<int>(Effort::kMax); ++i) {
    const auto effort = static_cast<Effort>(i);
    EXPECT_EQ(find_effort(name(effort)), effort);
    EXPECT_EQ(effort_of_budget(budget_of_effort(effort)), effort) << name(effort);
  }
  EXPECT_EQ(name(Effort::kUnset), "");
  EXPECT_EQ(find_effort(""), std::nullopt);
  EXPECT_EQ(find_effort("High"), std::nullopt);
  EXPECT_EQ(budget_of_effort(Effort::kMedium), 8192u);
}

TEST(Effort, TakesTheNextOneForABudgetBetween) {
  EXPECT_EQ(effort_of_budget(0), Effort::kOff);
  EXPECT_EQ(effort_of_budget(1), Effort::kMinimal);
  EXPECT_EQ(effort_of_budget(1025), Effort::kMedium);
  EXPECT_EQ(effort_of_budget(~std::uint64_t{0}), Effort::kMax);
}

TEST(Request, HoldsFieldsUnderTheClientsNames) {
  Request request;
  EXPECT_FALSE(request.has(Field::kTopK));
  request.give(Field::kTopK, "generationConfig.topK", "40");
  request.give(Field::kTools, "tools");
  EXPECT_TRUE(request.has(Field::kTopK));
  EXPECT_EQ(request.value(Field::kTopK), "40");
  EXPECT_EQ(request.path(Field::kTopK), "generationConfig.topK");
  EXPECT_TRUE(request.has(Field::kTools));
  EXPECT_EQ(request.value(Field::kTools), "");
}

TEST(FinishReason, HasAName) {
  EXPECT_EQ(name(FinishReason::kToolCalls), "tool_calls");
  EXPECT_EQ(name(FinishReason::kModelError), "model_error");
}

Part part(PartKind kind, std::string_view id, std::string_view name) {
  Part part;
  part.kind = kind;
  part.id = {id};
  part.name = {name};
  return part;
}

// The results of a conversation as "id name", after link_results().
std::string linked(std::vector<Part> parts) {
  Request request;
  request.turns.push_back({.role = Role::kAssistant, .parts = std::move(parts)});
  link_results(request);
  std::string out;
  for (const Part& linked : request.turns[0].parts) {
    if (linked.kind != PartKind::kResult) continue;
    out += std::string(linked.id.raw) + " " + std::string(linked.name.raw) + ";";
  }
  return out;
}

constexpr auto kCall = PartKind::kCall;
constexpr auto kResult = PartKind::kResult;

TEST(LinkResults, FindsNamesById) {
  EXPECT_EQ(linked({part(kCall, "1", "a"), part(kCall, "2", "b"), part(kResult, "2", ""), part(kResult, "1", "")}),
            "2 b;1 a;");
  EXPECT_EQ(linked({part(kResult, "1", "")}), "1 ;");
}

TEST(LinkResults, TakesTheLastCallOfAnIdThatComesAgain) {
  EXPECT_EQ(linked({part(kCall, "1", "a"), part(kResult, "1", ""), part(kCall, "1", "b"), part(kResult, "1", "")}),
            "1 a;1 b;");
}

TEST(LinkResults, FindsIdsByNameThenByOrder) {
  EXPECT_EQ(linked({part(kCall, "1", "a"), part(kCall, "2", "b"), part(kCall, "3", "a"), part(kResult, "", "a"),
                    part(kResult, "", "a"), part(kResult, "", "b")}),
            "1 a;3 a;2 b;");
  EXPECT_EQ(linked({part(kCall, "1", "a"), part(kCall, "2", "b"), part(kResult, "", ""), part(kResult, "", "x")}),
            "1 a;2 x;");
}

}  // namespace
}  // namespace sluice::chat::request_test
