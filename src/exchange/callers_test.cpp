#include "exchange/callers.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace sluice::callers_test {
namespace {

std::shared_ptr<const Callers> none() {
  return std::make_shared<const Callers>(Hmac("secret"), std::vector<KnownKey>());
}

KnownKey known(const Callers& callers, std::string_view key, std::string name, std::int64_t until_us = 0) {
  return {callers.digest_of(key), until_us, std::make_shared<const Caller>(Caller{.name = std::move(name)})};
}

std::string name_of(const Callers& callers, std::string_view key) {
  auto caller = callers.find(key);
  return caller ? caller->name : "";
}

TEST(Callers, TheLastOfOneKeyCounts) {
  auto callers = none()->with({known(*none(), "k", "one"), known(*none(), "k", "two")});
  EXPECT_EQ(callers->size(), 1u);
  EXPECT_EQ(name_of(*callers, "k"), "two");
  EXPECT_EQ(name_of(*callers->with({known(*callers, "k", "three")}), "k"), "three");
  Callers built(Hmac("secret"), {known(*none(), "k", "one"), known(*none(), "k", "two")});
  EXPECT_EQ(built.size(), 1u);
  EXPECT_EQ(name_of(built, "k"), "two");
}

TEST(Callers, FindsEachOfMany) {
  std::vector<KnownKey> keys;
  keys.reserve(10'000);
  for (int i = 0; i < 10'000; ++i) keys.push_back(known(*none(), "key-" + std::to_string(i), std::to_string(i)));
  Callers callers(Hmac("secret"), std::move(keys));
  EXPECT_EQ(callers.size(), 10'000u);
  for (int i = 0; i < 10'000; i += 97) EXPECT_EQ(name_of(callers, "key-" + std::to_string(i)), std::to_string(i));
  EXPECT_EQ(callers.find("key-10000"), nullptr);
  EXPECT_EQ(callers.find(""), nullptr);
}

TEST(Callers, TellsDigestsApartThatBeginAlike) {
  std::vector<KnownKey> keys;
  for (int byte = 31; byte > 1; --byte) {
    for (int change : {1, 255}) {
      auto other = known(*none(), "k", "other");
      other.digest[static_cast<std::size_t>(byte)] += static_cast<std::uint8_t>(change);
      keys.push_back(std::move(other));
    }
    if (byte == 16) keys.push_back(known(*none(), "k", "k"));
  }
  Callers callers(Hmac("secret"), std::move(keys));
  EXPECT_EQ(callers.size(), 61u);
  EXPECT_EQ(name_of(callers, "k"), "k");
}

TEST(Callers, AChangeMakesAnotherTableAndLeavesTheOldOne) {
  auto before = none()->with({known(*none(), "a", "a"), known(*none(), "b", "b")});
  const Sha256 removed[] = {before->digest_of("a")};
  auto after = before->with({known(*before, "c", "c")}, removed);
  EXPECT_EQ(name_of(*before, "a"), "a");
  EXPECT_EQ(before->find("c"), nullptr);
  EXPECT_EQ(after->find("a"), nullptr);
  EXPECT_EQ(name_of(*after, "b"), "b");
  EXPECT_EQ(name_of(*after, "c"), "c");
  EXPECT_GT(after->version(), before->version());
  EXPECT_EQ(before->find("b"), after->find("b")) << "what did not change is shared";
}

TEST(Callers, AKeyOfATimeIsUnknownAfterIt) {
  auto callers =
      none()->with({known(*none(), "over", "x", wall_us() - 1), known(*none(), "good", "y", wall_us() + 60'000'000)});
  EXPECT_EQ(callers->find("over"), nullptr);
  EXPECT_EQ(name_of(*callers, "good"), "y");
}

TEST(Callers, AnotherSecretKnowsNoKey) {
  auto callers = none()->with({known(*none(), "k", "one")});
  EXPECT_NE(callers->digest_of("k"), Callers(Hmac("other"), {}).digest_of("k"));
}

TEST(Caller, MayUseWhatItsPatternsMatch) {
  Caller all{.name = "all"};
  EXPECT_TRUE(all.may_use("anything"));
  Caller some{.name = "some", .models = {"fast", "openai/*"}};
  EXPECT_TRUE(some.may_use("fast"));
  EXPECT_TRUE(some.may_use("openai/gpt-4o"));
  EXPECT_FALSE(some.may_use("fast2"));
  EXPECT_FALSE(some.may_use("azure/openai/gpt-4o"));
  EXPECT_FALSE(some.may_use(""));
}

TEST(Caller, MayUseNoMoreThanItsTeam) {
  Caller caller{.models = {"fast", "openai/*"},
                .its_team = std::make_shared<const Team>(Team{.models = {"fast", "smart", "openai/gpt*"}})};
  EXPECT_TRUE(caller.may_use("fast"));
  EXPECT_TRUE(caller.may_use("openai/gpt-4o"));
  EXPECT_FALSE(caller.may_use("smart"));
  EXPECT_FALSE(caller.may_use("openai/o1"));
  EXPECT_FALSE(caller.may_use_all_of("openai/*"));
  EXPECT_TRUE(caller.may_use_all_of("openai/gpt-4*"));
}

TEST(Caller, AGlobIsWithinAnotherOne) {
  EXPECT_TRUE(is_within("openai/*", {"openai/*"}));
  EXPECT_TRUE(is_within("openai/gpt*", {"fast", "openai/*"}));
  EXPECT_TRUE(is_within("a*c", {"a*"}));
  EXPECT_TRUE(is_within("*", {"*"}));
  EXPECT_TRUE(is_within("*", {}));
  EXPECT_FALSE(is_within("*", {"openai/*", "fast"}));
  EXPECT_FALSE(is_within("openai/*", {"openai/gpt*"}));
  EXPECT_FALSE(is_within("a*", {"a*c"}));
}

TEST(Caller, IsOfANetwork) {
  auto from = [](std::string_view network, std::string_view address) {
    return Caller{.networks = {*net::parse_network(network)}}.may_ask_from(address);
  };
  EXPECT_TRUE(Caller{}.may_ask_from("192.0.2.1"));
  EXPECT_TRUE(from("192.0.2.0/24", "192.0.2.77"));
  EXPECT_TRUE(from("192.0.2.0/24", "::ffff:192.0.2.77"));
  EXPECT_FALSE(from("192.0.2.0/24", "192.0.3.1"));
  EXPECT_TRUE(from("2001:db8::/32", "2001:db8::1"));
  EXPECT_FALSE(from("2001:db8::/32", "192.0.2.1"));
  EXPECT_FALSE(from("0.0.0.0/0", "::1"));
  EXPECT_FALSE(from("0.0.0.0/0", "no address"));
}

TEST(Caller, AsksForWhatItsTeamMeans) {
  Caller caller{.its_team = std::make_shared<const Team>(Team{.aliases = {{"claude", "smart"}, {"gpt-4o", "fast"}}})};
  EXPECT_EQ(caller.meant_by("gpt-4o"), "fast");
  EXPECT_EQ(caller.meant_by("claude"), "smart");
  EXPECT_EQ(caller.meant_by("fast"), "fast");
  EXPECT_EQ(Caller{}.meant_by("gpt-4o"), "gpt-4o");
}

TEST(Role, HasANameAndTheMastersCannotBeGiven) {
  EXPECT_EQ(find_role("team_admin"), Role::kTeamAdmin);
  EXPECT_EQ(find_role("owner"), Role::kOwner);
  EXPECT_FALSE(find_role("master"));
  EXPECT_FALSE(find_role(""));
  EXPECT_EQ(name(Role::kViewer), "viewer");
}

}  // namespace
}  // namespace sluice::callers_test
