#include <algorithm>

#include "provider/choose/choose_fixture_test.h"

namespace sluice::provider::sticky_test {
namespace {

constexpr int kSessions = 10'000;

class StickyTest : public ChooseTest {
 protected:
  std::string place(int session) {
    asking_.session = dialect::hash_of("session " + std::to_string(session));
    return chosen().order.at(0).deployment->name;
  }
  std::vector<std::string> places() {
    std::vector<std::string> places;
    for (int i = 0; i < kSessions; ++i) places.push_back(place(i));
    return places;
  }
  static int changed(const std::vector<std::string>& before, const std::vector<std::string>& after) {
    int count = 0;
    for (std::size_t i = 0; i < before.size(); ++i) count += before[i] != after[i] ? 1 : 0;
    return count;
  }
};

TEST_F(StickyTest, ConversationsStayAndSpread) {
  flat(Strategy::kSticky, {1, 1, 1, 1});
  const auto first = places();
  EXPECT_EQ(changed(first, places()), 0);
  for (auto name : {"a", "b", "c", "d"})
    EXPECT_NEAR(static_cast<double>(std::ranges::count(first, name)), kSessions / 4.0, 0.15 * kSessions / 4) << name;
}

TEST_F(StickyTest, WeightsAreShares) {
  flat(Strategy::kSticky, {7, 2, 1, 0});
  const auto all = places();
  EXPECT_NEAR(static_cast<double>(std::ranges::count(all, "a")), 0.7 * kSessions, 0.02 * kSessions);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(all, "b")), 0.2 * kSessions, 0.02 * kSessions);
  EXPECT_EQ(std::ranges::count(all, "d"), 0);
}

TEST_F(StickyTest, OnlyTheConversationsOfWhatIsOutMoveAndTheyDoNotFlapBack) {
  flat(Strategy::kSticky, {1, 1, 1, 1});
  const auto before = places();
  const auto homed = std::ranges::count(before, "b");
  break_down("b");
  const auto during = places();
  EXPECT_EQ(changed(before, during), homed);
  EXPECT_EQ(std::ranges::count(during, "b"), 0);
  for (auto name : {"a", "c", "d"})
    EXPECT_NEAR(static_cast<double>(std::ranges::count(during, name)), kSessions / 3.0, 0.15 * kSessions / 3) << name;

  mend("b");
  for (int turn = 0; turn < 3; ++turn) {
    at_ += Ms{300'000};
    EXPECT_EQ(changed(during, places()), 0) << "each turn keeps the move alive";
  }
  at_ += route_.sticky_for + Ms{1};
  EXPECT_EQ(changed(before, places()), 0) << "after a pause their prompts are cached nowhere: home again";
}

TEST_F(StickyTest, NewConversationsUseWhatIsBack) {
  flat(Strategy::kSticky, {1, 1});
  break_down("b");
  for (int i = 0; i < 1'000; ++i) place(i);
  mend("b");
  int back = 0;
  for (int i = 1'000; i < 2'000; ++i) back += place(i) == "b" ? 1 : 0;
  EXPECT_NEAR(back, 500, 75);
}

TEST_F(StickyTest, AMovedConversationMovesOnWhenItsNewPlaceIsOutToo) {
  flat(Strategy::kSticky, {1, 1, 1});
  int session = 0;
  while (place(session) != "a") ++session;
  break_down("a");
  const auto second = place(session);
  break_down(second);
  const auto third = place(session);
  EXPECT_NE(third, "a");
  EXPECT_NE(third, second);
  mend("a");
  mend(second);
  EXPECT_EQ(place(session), third);
}

TEST_F(StickyTest, WithoutAConversationItIsDrawn) {
  flat(Strategy::kSticky, {3, 1});
  asking_.session = 0;
  EXPECT_NEAR(shares()["a"], 75, 2);
}

TEST_F(StickyTest, OneMoreTakesItsShareAndMovesNoOthers) {
  flat(Strategy::kSticky, {1, 1, 1, 1});
  const auto before = places();
  add(route_.tree, "e");
  const auto after = places();
  EXPECT_EQ(changed(before, after), std::ranges::count(after, "e"));
  EXPECT_NEAR(changed(before, after), kSessions / 5.0, 0.15 * kSessions / 5);
}

TEST(MovesTest, TheOldestGo) {
  Moves moves;
  const Instant at = now();
  for (std::uint64_t i = 0; i <= Moves::kMost; ++i) moves.remember(i + 1, 7, at, at + Ms{1'000});
  EXPECT_EQ(moves.find(1, at), 0u);
  EXPECT_EQ(moves.find(2, at), 7u);
  EXPECT_EQ(moves.find(2, at + Ms{1'000}), 0u);
  moves.remember(5, 8, at + Ms{2'000}, at + Ms{3'000});
  EXPECT_EQ(moves.find(5, at + Ms{2'500}), 8u);
}

}  // namespace
}  // namespace sluice::provider::sticky_test
