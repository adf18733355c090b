#include "admin/model_names.h"

#include <gtest/gtest.h>

namespace sluice::admin::model_names_test {
namespace {

class ModelNamesTest : public ::testing::Test {
 protected:
  ModelNamesTest() {
    for (std::string name : {"fast", "gpt-*"}) {
      auto route = std::make_unique<provider::Route>();
      route->name = name;
      routes_.add(std::move(route));
    }
  }
  std::string models(const store::Texts& after, const store::Texts& before = {}) {
    auto fine = check_models(routes_, before, after);
    return fine ? "" : fine.error().param + ": " + fine.error().told;
  }
  std::string alias(const std::string& model) {
    auto fine = check_aliases(routes_, {}, {{"a", model}});
    return fine ? "" : fine.error().param;
  }

  provider::Routes routes_;
};

TEST_F(ModelNamesTest, AreThoseThatCallersMayAskFor) {
  EXPECT_EQ(models({"fast", "gpt-4o", "anything*", "openai/gpt-4o", "anthropic/*"}), "");
  EXPECT_EQ(models({"fsat"}), "models: 'models' names 'fsat', which is no model of this gateway; did you mean 'fast'?");
  EXPECT_EQ(models({"fast", "nobody/x"}), "models: 'models' names 'nobody/x', which is no model of this gateway.");
  EXPECT_EQ(models({"gone", "fast"}, {"gone"}), "") << "it was there before";
  EXPECT_EQ(alias("fast"), "");
  EXPECT_EQ(alias("gpt-5"), "");
  EXPECT_EQ(alias("none"), "aliases");
  EXPECT_EQ(alias("fas*"), "aliases") << "one model alone can be meant";
}

TEST_F(ModelNamesTest, OfAGatewayWithoutModelsNothingIsKnown) {
  routes_ = {};
  EXPECT_EQ(models({"fast"}), "");
}

}  // namespace
}  // namespace sluice::admin::model_names_test
