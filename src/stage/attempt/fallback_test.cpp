#include "stage/attempt/attempt_fixture_test.h"

namespace sluice::stage::fallback_test {
namespace {

// Fallback routes: one with the deployments x and y.
class FallbackTest : public AttemptTest {
 protected:
  FallbackTest() {
    auto other = std::make_unique<provider::Route>();
    other->name = "other";
    for (const char* model : {"x", "y"}) other->deployments.push_back(make_deployment(*provider_, model));
    other_ = other.get();
    routes_.add(std::move(other));
    candidates(2);
    scene_.x.asking.endpoint = scene_.x.endpoint;
  }

  provider::Routes routes_;
  provider::Route* other_ = nullptr;
};

TEST_F(FallbackTest, OtherRoutesComeBeforeRepetition) {
  route_.fallbacks.any = {other_};
  EXPECT_EQ(tried(times(3, lost())), "abxy ok");
  EXPECT_EQ(scene_.x.tries.back().why, Begun::kFallback);
  EXPECT_EQ(scene_.x.tries.front().target.fallback, nullptr);
  EXPECT_EQ(scene_.x.tries.back().target.fallback, other_) << "whose limits count it";
}

TEST_F(FallbackTest, AfterThemAllAreTriedAgain) {
  route_.fallbacks.any = {other_};
  EXPECT_EQ(tried(times(9, lost())), "abxyab connection_lost");
}

TEST_F(FallbackTest, WhatIsTooLongGoesThereAtOnce) {
  route_.fallbacks.context_window = {other_};
  EXPECT_EQ(tried({refused(Meaning::kContextLength)}), "ax ok");
}

TEST_F(FallbackTest, SoDoesWhatIsRefused) {
  route_.fallbacks.content_policy = {other_};
  EXPECT_EQ(tried({refused(Meaning::kContentPolicy)}), "ax ok");
}

TEST_F(FallbackTest, OfEachKindOnlyTheirOwn) {
  route_.fallbacks.content_policy = {other_};
  EXPECT_EQ(tried(times(9, lost())), "ababab connection_lost");
}

TEST_F(FallbackTest, D7_NobodyGetsByAFallbackWhatTheirKeyMayNotUse) {
  route_.fallbacks.any = route_.fallbacks.context_window = {other_};
  const Caller narrow{.models = {"fast"}};
  scene_.x.caller = &narrow;
  EXPECT_EQ(tried({refused(Meaning::kContextLength)}), "a provider_status");
  EXPECT_EQ(scene_.x.excluded.back().reason, "the key may not use its model");
}

TEST_F(FallbackTest, D7_WhoMayUseItGetsIt) {
  route_.fallbacks.any = {other_};
  const Caller wide{.models = {"fast", "oth*"}};
  scene_.x.caller = &wide;
  EXPECT_EQ(tried(times(3, lost())), "abxy ok");
}

TEST_F(FallbackTest, ATagThatTheModelRequiresIsRequiredOfWhatComesByFallbackToo) {
  route_.fallbacks.any = {other_};
  route_.retries = 0;
  other_->required_tags = {"feature"};
  EXPECT_EQ(tried(times(2, lost())), "ab connection_lost");
  EXPECT_EQ(scene_.x.excluded.back().reason, "the request lacks a tag that its model requires");
}

TEST_F(FallbackTest, WhoHasTheTagGetsIt) {
  route_.fallbacks.any = {other_};
  other_->required_tags = {"feature", "team"};
  scene_.x.tags = {{"feature", "search"}};
  const Caller of_team{.team = "shop"};
  scene_.x.caller = &of_team;
  EXPECT_EQ(tried(times(2, lost())), "abx ok");
}

TEST_F(FallbackTest, AModelThatMarksWhatLacksATagServesIt) {
  route_.fallbacks.any = {other_};
  other_->required_tags = {"feature"};
  other_->untagged = provider::Untagged::kMark;
  EXPECT_EQ(tried(times(2, lost())), "abx ok");
}

TEST_F(FallbackTest, AClientsMistakeGoesNowhere) {
  route_.fallbacks.any = {other_};
  EXPECT_EQ(tried({refused(Meaning::kInvalidRequest)}), "a provider_status");
}

}  // namespace
}  // namespace sluice::stage::fallback_test
