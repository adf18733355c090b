#include "provider/health/model_healths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace sluice::provider::model_healths_test {
namespace {

const Instant kAt{std::chrono::hours(100)};

std::vector<std::string> names(const ModelHealths& models) {
  std::vector<std::string> names;
  for (const auto& [model, health] : models.all()) names.push_back(model);
  std::ranges::sort(names);
  return names;
}

TEST(ModelHealths, EachModelHasItsOwn) {
  ModelHealths models;
  auto a = models.of("a", kAt);
  EXPECT_EQ(models.of("a", kAt), a);
  EXPECT_NE(models.of("b", kAt), a);
  EXPECT_EQ(names(models), (std::vector<std::string>{"a", "b"}));
}

TEST(ModelHealths, WhenFullTheOneAskedForLeastLatelyIsForgotten) {
  ModelHealths models(2);
  models.of("a", kAt);
  models.of("b", kAt);
  models.of("a", kAt);
  EXPECT_NE(models.of("c", kAt), nullptr);
  EXPECT_EQ(names(models), (std::vector<std::string>{"a", "c"}));
}

TEST(ModelHealths, OneInTroubleOrInUseIsNotForgotten) {
  ModelHealths models(3);
  models.of("open", kAt)->breaker.trip(kAt);
  models.of("resting", kAt)->rest_until(kAt + Ms(1'000));
  auto used = models.of("used", kAt);
  EXPECT_EQ(models.of("new", kAt), nullptr);
  EXPECT_EQ(names(models), (std::vector<std::string>{"open", "resting", "used"}));
  used.reset();
  EXPECT_NE(models.of("new", kAt), nullptr);
  EXPECT_NE(models.of("newer", kAt + Ms(2'000)), nullptr) << "its rest is over, or 'new' is not in use";
}

TEST(ModelHealths, AFloodOfNamesTakesNoMoreThanItsRoom) {
  ModelHealths models;
  auto dead = models.of("dead", kAt);
  dead->breaker.trip(kAt);
  dead.reset();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 2'000; ++i) models.of("made-up-" + std::to_string(t) + "-" + std::to_string(i), kAt);
      });
    }
  }
  EXPECT_EQ(models.all().size(), ModelHealths::kMost);
  EXPECT_NE(models.of("dead", kAt)->breaker.phase(), Breaker::State::kClosed);
}

}  // namespace
}  // namespace sluice::provider::model_healths_test
