#include "provider/betas.h"

#include <gtest/gtest.h>

#include "provider/known.h"

namespace sluice::provider::betas_test {
namespace {

using Names = std::vector<std::string>;

TEST(Betas, ThoseOfTheApiItselfStayAsTheyCame) {
  const auto rules = beta_rules(find_known("anthropic")->betas, {});
  EXPECT_TRUE(takes_all(rules));
  EXPECT_EQ(taken_betas(rules, " a-1 ,b-2,, ").taken, "a-1,b-2");
  EXPECT_FALSE(takes_all(beta_rules(find_known("vertex")->betas, {})));
  EXPECT_FALSE(takes_all(beta_rules("*", {{"x", "false"}})));
}

TEST(Betas, AHostGetsThoseItKnowsByItsOwnNames) {
  const auto rules = beta_rules("first-1,old-2=new-2", {});
  const auto betas = taken_betas(rules, "old-2, made-up-3 ,first-1");
  EXPECT_EQ(betas.taken, "new-2,first-1");
  EXPECT_EQ(betas.left, Names{"made-up-3"});
  EXPECT_EQ(taken_betas(rules, "").taken, "");
}

TEST(Betas, WhatIsConfiguredGoesFirstAndTheMoreExactBeforeTheLess) {
  const auto rules = beta_rules("first-1,second-2", {{"*", "true"}, {"first-1", "false"}, {"f*", "its-own"}});
  const auto betas = taken_betas(rules, "first-1,fourth-4,second-2,any");
  EXPECT_EQ(betas.taken, "its-own,second-2,any");
  EXPECT_EQ(betas.left, Names{"first-1"});
  EXPECT_EQ(taken_betas(beta_rules("*", {{"x", "false"}}), "x,y").taken, "y");
}

TEST(Betas, ToolSearchIsCalledOtherwiseOnTheHosts) {
  for (const std::string_view type : {"bedrock", "vertex"}) {
    const auto rules = beta_rules(find_known(type)->betas, {});
    EXPECT_EQ(taken_betas(rules, "advanced-tool-use-2025-11-20").taken, "tool-search-tool-2025-10-19") << type;
    EXPECT_EQ(taken_betas(rules, "oauth-2025-04-20,context-1m-2025-08-07").taken, "context-1m-2025-08-07") << type;
  }
}

}  // namespace
}  // namespace sluice::provider::betas_test
