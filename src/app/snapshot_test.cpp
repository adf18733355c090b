#include "app/snapshot.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/rehearsal_parts.h"

namespace sluice::app::snapshot_test {
namespace {

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() {
    ProviderConfig provider;
    provider.name = provider.type = "openai";
    provider.base_url = "http://127.0.0.1:9/v1";
    provider.api_key = Secret("sk-provider");
    config_.providers.push_back(provider);
    config_.models.push_back({.name = "fast", .deployments = {{.model = "openai/gpt"}}});
  }
  Result<std::shared_ptr<const Snapshot>> build() {
    return Snapshot::build(
        config_, allowances_of(config_), [](std::string_view) { return std::nullopt; }, parts_.foundation());
  }

  Config config_;
  RehearsalParts parts_;
};

TEST_F(SnapshotTest, IsBuiltWithItsPipelines) {
  auto snapshot = build();
  ASSERT_TRUE(snapshot) << snapshot.error().told;
  EXPECT_EQ((*snapshot)->calls.size(), 12u);
  EXPECT_EQ((*snapshot)->models.size(), 4u);
  EXPECT_EQ((*snapshot)->metrics.size(), 4u);
}

TEST_F(SnapshotTest, OpenMetricsNeedNoKey) {
  config_.metrics_open = true;
  auto snapshot = build();
  ASSERT_TRUE(snapshot);
  EXPECT_EQ((*snapshot)->metrics.size(), 2u);
}

TEST_F(SnapshotTest, TakesOverWhatClientsAreServedWith) {
  config_.cors_origins = {"https://app.example"};
  config_.keep_alive = Ms(77);
  auto snapshot = build();
  ASSERT_TRUE(snapshot);
  EXPECT_TRUE((*snapshot)->cors.allows("https://app.example"));
  EXPECT_EQ((*snapshot)->keep_alive, Ms(77));
}

TEST_F(SnapshotTest, ACaFileThatCannotBeReadFails) {
  config_.providers[0].base_url = "https://127.0.0.1:9/v1";
  config_.providers[0].ca_file = "/no/such/ca.pem";
  auto snapshot = build();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().kind, FaultKind::kInvalidConfig);
  EXPECT_NE(snapshot.error().told.find("/no/such/ca.pem"), std::string::npos);
}

TEST_F(SnapshotTest, AProxyThatIsNoUrlFails) {
  config_.providers[0].proxy = Secret("https://user:hunter2@proxy:1");
  auto snapshot = build();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().kind, FaultKind::kInvalidConfig);
  EXPECT_EQ(snapshot.error().told.find("hunter2"), std::string::npos);
}

TEST_F(SnapshotTest, AnAddressThatIsNoneFails) {
  config_.providers[0].base_url = "ftp://127.0.0.1";
  auto snapshot = build();
  ASSERT_FALSE(snapshot);
  EXPECT_NE(snapshot.error().told.find("'openai'"), std::string::npos);
}

TEST_F(SnapshotTest, TwoThousandModelsAreBuiltAtOnce) {
  for (int i = 0; i < 2000; ++i)
    config_.models.push_back({.name = "m" + std::to_string(i), .deployments = {{.model = "openai/gpt"}}});
  EXPECT_TRUE(build());
}

TEST_F(SnapshotTest, AFileOfPricesThatCannotBeReadFails) {
  config_.prices_file = "/no/such/prices.json";
  auto snapshot = build();
  ASSERT_FALSE(snapshot);
  EXPECT_TRUE(snapshot.error().told.starts_with("prices.file: /no/such/prices.json cannot be read: "));
}

TEST_F(SnapshotTest, AFileOfPricesWithAMistakeFails) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "prices_with_a_mistake.json";
  auto write = [&](std::string_view text) { std::ofstream(file) << text; };
  config_.prices_file = file;
  write(R"({"schema":1,"models":[{"provider":"p","id":"m","prices":{"input":"1"}}]})");
  EXPECT_TRUE(build());
  write(R"({"schema":1,"models":[{"provider":"p","id":"m","prices":{"input":"one"}}]})");
  auto snapshot = build();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().told, "prices.file: " + file.string() +
                                       ": p/m: prices.input 'one' holds something else than digits and one point");
  write("");
  EXPECT_FALSE(build()) << "an empty file is no catalogue";
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace sluice::app::snapshot_test
