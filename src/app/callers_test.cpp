#include "app/callers.h"

#include <gtest/gtest.h>

#include "app/config_fixture_test.h"

namespace sluice::app {
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
  EXPECT_EQ(key.prefix, "sk-web…");
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

}  // namespace
}  // namespace sluice::app
