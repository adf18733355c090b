#include "provider/sign/key_pool.h"

#include <map>
#include <set>

#include "base/metrics.h"
#include "provider/sign/sign_fixture_test.h"
#include "quota/book.h"

namespace sluice::provider::key_pool_test {
namespace {

using Outcome = Breaker::Outcome;
using quota::Scope;

class KeyPoolTest : public SignTest {
 protected:
  KeyPoolTest() {
    std::vector<PooledKey> keys;
    for (std::string key : {"k1", "k2", "k3"})
      keys.push_back({key, header_signer("authorization", "Bearer ", Secret("secret-of-" + key)), book_.of(key)});
    pool_.emplace(std::move(keys), BreakerPolicy{.consecutive = 2, .failure_percent = 0, .cool_down = Ms(10'000)});
    start();
  }

  // Its label, or the code of why there is none. It ends at once.
  std::string take(Outcome outcome = Outcome::kServed, std::optional<std::uint64_t> tokens = 0) {
    auto use = pool_->take(tokens.value_or(0), at_);
    if (!use) return use.error().code;
    std::string label(KeyPool::label(*use));
    use->finish(outcome, tokens, at_);
    return label;
  }
  // A use of this very key.
  KeyUse use_of(std::string_view key) {
    while (true) {
      auto use = pool_->take(0, at_);
      if (KeyPool::label(*use) == key) return std::move(*use);
      use->finish(Outcome::kServed, 0, at_);
    }
  }
  std::set<std::string> taken(int times) {
    std::set<std::string> labels;
    for (int i = 0; i < times; ++i) labels.insert(take());
    return labels;
  }
  void fail(std::string_view key, int times) {
    for (int i = 0; i < times; ++i) use_of(key).finish(Outcome::kFailed, 0, at_);
  }
  void limit(std::size_t index, quota::Limits limits) {
    auto name = pool_->keys()[index].label;
    accounts_.set_terms(Scope::kProviderKey, name, {.limits = limits, .budgets = {}});
    pool_->limit(index, &accounts_.account(Scope::kProviderKey, name));
  }
  bool goes_on(std::string_view key, int status, http::Headers headers = {}) {
    auto use = use_of(key);
    return pool_->goes_on(use, {status, std::move(headers)}, kTime, at_);
  }

  Instant at_ = now();
  HealthBook book_;
  Metrics metrics_;
  quota::Book accounts_{metrics_};
  std::optional<KeyPool> pool_;
};

TEST_F(KeyPoolTest, TakesKeysInTurnAndShowsThem) {
  std::multiset<std::string> keys;
  for (int i = 0; i < 6; ++i) keys.insert(take());
  EXPECT_EQ(keys, (std::multiset<std::string>{"k1", "k1", "k2", "k2", "k3", "k3"}));
  const auto use = use_of("k2");
  EXPECT_EQ(sign(use.signer()).get().head.headers.get("authorization"), "Bearer secret-of-k2");
}

TEST_F(KeyPoolTest, ARefusedKeyRestsAndTheNextIsTaken) {
  EXPECT_TRUE(goes_on("k1", 401));
  EXPECT_TRUE(goes_on("k2", 402));
  EXPECT_EQ(taken(4), std::set<std::string>{"k3"});
  EXPECT_FALSE(goes_on("k3", 403)) << "no other is well";
  for (auto key : {"k1", "k2", "k3"}) EXPECT_GT(book_.of(key)->resting(at_), Ms(290'000));
}

TEST_F(KeyPoolTest, AKeyThatMetALimitRestsAsLongAsTheProviderAsks) {
  EXPECT_TRUE(goes_on("k1", 429, {{"retry-after", "20"}}));
  EXPECT_TRUE(goes_on("k2", 429));
  EXPECT_GT(book_.of("k1")->resting(at_), Ms(15'000));
  EXPECT_LE(book_.of("k1")->resting(at_), Ms(20'000));
  EXPECT_LE(book_.of("k2")->resting(at_), Ms(5'000));
  EXPECT_EQ(taken(4), std::set<std::string>{"k3"});
}

TEST_F(KeyPoolTest, WhenAllRestTheOneWhoseRestEndsFirstIsTaken) {
  book_.of("k1")->rest_until(at_ + Ms(60'000));
  book_.of("k2")->rest_until(at_ + Ms(20'000));
  book_.of("k3")->rest_until(at_ + Ms(90'000));
  EXPECT_EQ(taken(3), std::set<std::string>{"k2"});
}

TEST_F(KeyPoolTest, OtherAnswersAreNoRefusal) {
  for (auto status : {200, 400, 404, 500, 503}) EXPECT_FALSE(goes_on("k1", status));
  for (const auto& [name, health] : book_.all()) EXPECT_EQ(health->resting(at_), Ms(0)) << name;
}

TEST_F(KeyPoolTest, AKeyThatKeepsFailingOpensItsOwnBreakerAndTheOthersGoOn) {
  fail("k1", 2);
  EXPECT_EQ(book_.of("k1")->breaker.phase(), Breaker::State::kOpen);
  EXPECT_EQ(taken(6), (std::set<std::string>{"k2", "k3"}));
  at_ += Ms(10'001);
  use_of("k1").finish(Outcome::kServed, 0, at_);
  EXPECT_EQ(book_.of("k1")->breaker.phase(), Breaker::State::kClosed);
  EXPECT_EQ(taken(6).size(), 3U);
}

TEST_F(KeyPoolTest, ItsProbeIsOneCallAndTheOthersTakeTheRest) {
  fail("k1", 2);
  at_ += Ms(10'001);
  auto probe = use_of("k1");
  EXPECT_EQ(taken(6), (std::set<std::string>{"k2", "k3"}));
  probe.finish(Outcome::kFailed, 0, at_);
  EXPECT_EQ(book_.of("k1")->breaker.phase(), Breaker::State::kOpen);
}

TEST_F(KeyPoolTest, WhenAllBreakersAreOpenTheOneThatIsTriedSoonestIsTaken) {
  fail("k2", 2);
  at_ += Ms(100);
  fail("k1", 2);
  fail("k3", 2);
  EXPECT_EQ(taken(3), std::set<std::string>{"k2"});
}

TEST_F(KeyPoolTest, AUseThatIsDroppedSaysNothingAndGivesAllBack) {
  limit(0, {.concurrency = 1});
  for (int i = 0; i < 5; ++i) use_of("k1");
  EXPECT_EQ(book_.of("k1")->breaker.phase(), Breaker::State::kClosed);
  EXPECT_EQ(book_.of("k1")->in_flight.load(), 0);
  EXPECT_EQ(accounts_.account(Scope::kProviderKey, "k1").running(), 0U);
}

TEST_F(KeyPoolTest, AKeyWithoutRoomIsPassedOver) {
  limit(0, {.concurrency = 1});
  auto busy = use_of("k1");
  EXPECT_EQ(book_.of("k1")->in_flight.load(), 1);
  EXPECT_EQ(taken(6), (std::set<std::string>{"k2", "k3"}));
  busy.finish(Outcome::kServed, 0, at_);
  EXPECT_EQ(taken(6).size(), 3U);
}

TEST_F(KeyPoolTest, LimitsOfRequestsHoldForEachKey) {
  for (std::size_t i = 0; i < 3; ++i) limit(i, {.rpm = 2});
  std::map<std::string, int> counts;
  for (int i = 0; i < 8; ++i) ++counts[take()];
  EXPECT_EQ(counts, (std::map<std::string, int>{{"k1", 2}, {"k2", 2}, {"k3", 2}, {"no_room", 2}}));
  const auto refused = pool_->take(0, at_);
  EXPECT_EQ(refused.error().retry, Retry::kOther);
  EXPECT_GT(*refused.error().retry_after, Ms(50'000));
  at_ += *refused.error().retry_after;
  EXPECT_NE(take(), "no_room") << "what it was told holds";
}

TEST_F(KeyPoolTest, LimitsOfTokensGoByWhatWasUsedInTruth) {
  for (std::size_t i = 0; i < 3; ++i) limit(i, {.tpm = 100});
  for (int i = 0; i < 3; ++i) {
    auto use = pool_->take(90, at_);
    use->finish(Outcome::kServed, 10, at_);
  }
  for (int i = 0; i < 3; ++i) EXPECT_NE(take(Outcome::kServed, 85), "no_room");
  EXPECT_EQ(take(Outcome::kServed, 85), "no_room");
}

TEST_F(KeyPoolTest, WhereOnlyKeysWithoutRoomAreWellNoneThatRestsIsShown) {
  limit(0, {.rpm = 1});
  limit(1, {.rpm = 1});
  book_.of("k3")->rest_until(at_ + Ms(60'000));
  EXPECT_EQ(taken(2), (std::set<std::string>{"k1", "k2"}));
  EXPECT_EQ(take(), "no_room");
}

TEST_F(KeyPoolTest, AKeyThatIsHeldIsNeverTaken) {
  const auto& keys = pool_->keys();
  keys[0].health->breaker.hold(Breaker::Hold::kDrained);
  EXPECT_EQ(taken(9), (std::set<std::string>{"k2", "k3"}));
  keys[1].health->breaker.hold(Breaker::Hold::kOpen);
  EXPECT_EQ(taken(9), std::set<std::string>{"k3"});
  keys[2].health->rest_until(at_ + Ms(1000));
  EXPECT_EQ(taken(9), std::set<std::string>{"k3"});  // rather than none
  keys[2].health->breaker.hold(Breaker::Hold::kDrained);
  EXPECT_EQ(take(), "keys_held");
  keys[1].health->breaker.hold(Breaker::Hold::kNone);
  EXPECT_EQ(taken(9), std::set<std::string>{"k2"});
}

TEST_F(KeyPoolTest, ShowsNoneOfItsKeys) {
  std::string text = "secret-of-k1, secret-of-k2 and secret-of-k3 are wrong";
  pool_->mask(text);
  EXPECT_EQ(text, "***, *** and *** are wrong");
  EXPECT_EQ(key_label(Secret("k1")).size(), 8U);
  EXPECT_NE(key_label(Secret("k1")), key_label(Secret("k2")));
}

}  // namespace
}  // namespace sluice::provider::key_pool_test
