#include "quota/permit.h"

#include <deque>
#include <random>
#include <thread>

#include "quota/fixture_test.h"

namespace sluice::quota::permit_test {
namespace {

using namespace std::chrono_literals;

class PermitTest : public QuotaTest {
 protected:
  std::expected<Permit, Refusal> take(std::vector<Account*> accounts, std::uint64_t tokens = 0) {
    return Permit::take(accounts, tokens, now_);
  }
  Instant now_ = Instant(100'000s);
};

TEST_F(PermitTest, RequestsOfAnyMinute) {
  auto& key = account(Scope::kKey, "web", {.limits = {.rpm = 3}});
  for (std::uint64_t left : {2, 1, 0}) {
    auto permit = take({&key});
    ASSERT_TRUE(permit);
    EXPECT_EQ(permit->standings().requests->limit, 3u);
    EXPECT_EQ(permit->standings().requests->remaining, left);
    EXPECT_FALSE(permit->standings().tokens);
    now_ += 10s;
  }
  auto refused = take({&key});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().account, &key);
  EXPECT_EQ(refused.error().rate, Rate::kRequests);
  EXPECT_EQ(refused.error().standings.requests->remaining, 0u);
  now_ += *refused.error().wait - 1ms;
  EXPECT_FALSE(take({&key}));
  now_ += 1ms;
  EXPECT_TRUE(take({&key})) << "a Retry-After that works";
  EXPECT_FALSE(take({&key}));
}

TEST_F(PermitTest, WhatIsGivenBackWasNeverTaken) {
  auto& key = account(Scope::kKey, "web", {.limits = {.rpm = 2, .tpm = 100}});
  auto first = take({&key}, 60);
  ASSERT_TRUE(first);
  now_ += 5s;
  first->give_back(now_);
  EXPECT_EQ(key.running(), 1u) << "until it ends";
  auto second = take({&key}, 60);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->standings().requests->remaining, 1u);
  EXPECT_EQ(second->standings().tokens->remaining, 40u);
  EXPECT_TRUE(take({&key}, 40));
  EXPECT_FALSE(take({&key}));
}

// No 60 seconds, wherever they begin, see more than the limit; and over long it is nearly used up.
TEST_F(PermitTest, D5_NoMinuteSeesMoreThanTheLimit) {
  auto& key = account(Scope::kKey, "web", {.limits = {.rpm = 60}});
  std::mt19937 random(1);
  std::deque<Instant> lately;
  int admitted = 0;
  for (int i = 0; i < 20'000; ++i) {
    now_ += Ms(std::uniform_int_distribution<int>(0, 400)(random));
    if (!take({&key})) continue;
    ++admitted;
    lately.push_back(now_);
    while (now_ - lately.front() >= 60s) lately.pop_front();
    ASSERT_LE(lately.size(), 60u);
  }
  EXPECT_GT(admitted, 0.94 * 60 * 20'000 * 0.2 / 60);
}

TEST_F(PermitTest, D8_TokensAreReservedBeforeAndCorrectedAfter) {
  auto& key = account(Scope::kKey, "web", {.limits = {.tpm = 10'000}});
  auto first = take({&key}, 5'000);
  auto second = take({&key}, 5'000);
  ASSERT_TRUE(first && second);
  auto refused = take({&key}, 5'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rate, Rate::kTokens);
  EXPECT_EQ(refused.error().asked, 5'000u);
  first->correct(1'000, now_);
  EXPECT_TRUE(take({&key}, 4'000));
  EXPECT_FALSE(take({&key}, 1));
  now_ += 30s;
  second->correct(9'000, now_);  // 4'000 more, from now on
  now_ += 33s;
  EXPECT_TRUE(take({&key}, 6'000));
  EXPECT_FALSE(take({&key}, 1));
}

TEST_F(PermitTest, WhatNeverFitsIsLetInAlone) {
  auto& key = account(Scope::kKey, "web", {.limits = {.tpm = 1'000}});
  ASSERT_TRUE(take({&key}, 50'000));
  auto refused = take({&key}, 50'000);
  ASSERT_FALSE(refused);
  now_ += *refused.error().wait;
  EXPECT_TRUE(take({&key}, 50'000));
}

TEST_F(PermitTest, AllAccountsTogetherOrNone) {
  auto& organisation = account(Scope::kOrganisation, "", {.limits = {.rpm = 2}});
  auto& team = account(Scope::kTeam, "shop", {.limits = {.rpm = 5, .tpm = 100}});
  auto& key = account(Scope::kKey, "web", {.limits = {.concurrency = 1}});
  auto& free = account(Scope::kUser, "ann", {});
  {
    auto permit = take({&key, &free, &team, &organisation}, 40);
    ASSERT_TRUE(permit);
    EXPECT_EQ(permit->standings().requests->remaining, 1u) << "the tightest";
    EXPECT_EQ(permit->standings().tokens->remaining, 60u);
    auto refused = take({&key, &team, &organisation}, 40);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().account, &key);
    EXPECT_EQ(refused.error().rate, Rate::kConcurrency);
    EXPECT_FALSE(refused.error().wait);
  }
  EXPECT_EQ(key.running(), 0u);
  auto permit = take({&key, &team, &organisation}, 40);
  ASSERT_TRUE(permit) << "what was refused has taken nothing";
  auto refused = take({&team, &organisation}, 40);
  EXPECT_EQ(refused.error().wait, 62s - (now_.time_since_epoch() % 2s)) << "the longest of all waits";
}

TEST_F(PermitTest, D4_RoomIsGivenBackOnEveryPath) {
  auto& key = account(Scope::kKey, "web", {.limits = {.concurrency = 4}});
  auto passes = [&] {
    auto permit = take({&key});
    auto moved = std::move(*permit);
    if (key.running() == 1) throw std::runtime_error("a bug");
  };
  for (int i = 0; i < 10'000; ++i) EXPECT_THROW(passes(), std::runtime_error);
  std::vector<std::expected<Permit, Refusal>> four;
  for (int i = 0; i < 4; ++i) four.push_back(take({&key}));
  for (const auto& one : four) EXPECT_TRUE(one);
  EXPECT_FALSE(take({&key}));
}

TEST_F(PermitTest, LimitsMayChangeWhileRequestsRun) {
  auto& key = account(Scope::kKey, "web", {});
  auto before = take({&key});
  account(Scope::kKey, "web", {.limits = {.rpm = 2, .concurrency = 1}});
  auto one = take({&key});
  EXPECT_TRUE(one) << "what ran without limits is not counted";
  account(Scope::kKey, "web", {.limits = {.rpm = 2, .concurrency = 3}});
  EXPECT_TRUE(take({&key}));
  EXPECT_FALSE(take({&key})) << "requests of before count";
  account(Scope::kKey, "web", {});
  EXPECT_TRUE(take({&key}));
  account(Scope::kKey, "web", {.limits = {.rpm = 2, .concurrency = 1}});
  EXPECT_EQ(key.running(), 1u);
}

TEST_F(PermitTest, ManyThreadsNeverPassALimit) {
  auto& team = account(Scope::kTeam, "shop", {.limits = {.rpm = 1'000, .concurrency = 3}});
  auto& key = account(Scope::kKey, "web", {.limits = {.rpm = 5'000}});
  std::atomic<int> inside{0}, most{0}, admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 6; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5'000; ++i) {
          auto permit = take({&key, &team});
          if (!permit) continue;
          ++admitted;
          const int seen = ++inside;
          for (int now = most; seen > now && !most.compare_exchange_weak(now, seen);) {
          }
          --inside;
        }
      });
    }
  }
  EXPECT_EQ(admitted, 1'000);
  EXPECT_LE(most, 3);
  EXPECT_EQ(team.running(), 0u);
}

}  // namespace
}  // namespace sluice::quota::permit_test
