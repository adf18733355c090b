#include "app/callers.h"

#include <gtest/gtest.h>

#include "app/config_fixture_test.h"

namespace sluice::app::callers_test {
namespace {

TEST(CallersOf, TakesTheKeysOutOfTheConfiguration) {
  Config config = valid(R"(
keys:
  - { name: web, key: sk-web-key-of-the-test, team: shop, role: viewer, priority: high, models: [fast],
      endpoints: [chat], ip_ranges: [10.0.0.0/8], expires_at: "2026-12-31T23:59:59Z", tags: { feature: search },
      limits: { rpm: 5 } }
)");
  const auto file = callers_of(config, Secret("sk-master"));
  EXPECT_TRUE(config.keys.empty());
  EXPECT_EQ(file.master_key.reveal(), "sk-master");
  const auto& key = *file.keys.begin();
  EXPECT_EQ(key.name, "web");
  EXPECT_EQ(key.prefix, "sk-we…");
  EXPECT_EQ(key.text.reveal(), "sk-web-key-of-the-test");
  EXPECT_EQ(key.rest->team, "shop");
  EXPECT_EQ(key.rest->role, "viewer");
  EXPECT_EQ(key.rest->priority, "high");
  EXPECT_EQ(key.rest->models, store::Texts{"fast"});
  EXPECT_EQ(key.rest->operations, store::Texts{"chat"});
  EXPECT_EQ(key.rest->networks, store::Texts{"10.0.0.0/8"});
  EXPECT_EQ(key.rest->expires_us, 1'798'761'599'000'000);
  EXPECT_EQ(key.rest->tags, (store::Pairs{{"feature", "search"}}));
  EXPECT_EQ(key.rest->limits, R"({"rpm":5})");
}

// Whoever lists keys sees none that could be guessed from what is shown.
TEST(CallersOf, AtMostAQuarterOfAKeyIsShown) {
  for (const auto& [key, shown] :
       std::initializer_list<std::pair<std::string, std::string>>{{"abcd1234", "…"},
                                                                  {"abcd1234efg", "…"},
                                                                  {"abcd1234efgh", "abc…"},
                                                                  {"abcd1234efgh5678", "abcd…"},
                                                                  {"sk-0123456789abcdef0123456789", "sk-012…"}}) {
    auto config = valid(with_openai("keys: [{ name: web, key: '" + key + "' }]\n"));
    const auto file = callers_of(config, Secret("master-key-1234"));
    EXPECT_EQ(file.keys.begin()->prefix, shown) << key;
  }
}

TEST(CallersOf, TagsOfKeysAreThoseThatRequestsMayHave) {
  auto with_tags = [](const std::string& tags) {
    return with_openai("keys: [{ name: web, key: abcd1234efgh, tags: { " + tags + " } }]\n");
  };
  valid(with_tags("feature: search, a.b/c: x"));
  expect_problem(with_tags("'bad name': x"), 2, "keys[0].tags.bad name", "is no name of a tag");
  expect_problem(with_tags("long: " + std::string(257, 'y')), 2, "keys[0].tags.long", "more than 256 bytes");
  std::string many;
  for (int i = 0; i < 13; ++i) many += "t" + std::to_string(i) + ": x, ";
  expect_problem(with_tags(many), 2, "keys[0].tags", "more than 12 tags");
}

}  // namespace
}  // namespace sluice::app::callers_test
