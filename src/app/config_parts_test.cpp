#include "app/config_parts.h"

#include <gtest/gtest.h>

#include "app/config_fixture_test.h"

namespace sluice::app::config_parts_test {
namespace {

std::string between(std::string_view before, std::string_view after) {
  auto one = read_tree(before), other = read_tree(after);
  return changes_json(parts_of(one.root), parts_of(other.root));
}

TEST(ConfigParts, WhatDiffersIsNamedAndNotShown) {
  EXPECT_EQ(
      between("listen: a\nlimits: { connections: 5, body: 1 }\nkeys: [{ name: web, key: secret-1 }]\n"
              "models: { fast: { retries: 1 } }",
              "listen: b\nlimits: { connections: 6, body: 1 }\nkeys: [{ name: web, key: secret-2 }, { name: ads }]\n"
              "teams: { shop: {} }"),
      R"({"added":["keys.ads","teams.shop"],"changed":["keys.web","limits.connections","listen"],)"
      R"("removed":["models.fast"],"more":0})");
}

// What a reference stands for is in force, not its name: a file behind it may be replaced.
TEST(ConfigParts, WhatReferencesStandForCounts) {
  const auto tree = read_tree("keys: [{ name: web, key: '${A}' }, { name: ads, key: '${B}' }]\nlisten: 'x${B}'");
  const ResolvedTexts before{{"${A}", 1}, {"${B}", 2}, {"x${B}", 3}};
  auto after = before;
  EXPECT_EQ(changes_json(parts_of(tree.root, before), parts_of(tree.root, after)),
            R"({"added":[],"changed":[],"removed":[],"more":0})");
  after["${A}"] = 4;
  EXPECT_EQ(changes_json(parts_of(tree.root, before), parts_of(tree.root, after)),
            R"({"added":[],"changed":["keys.web"],"removed":[],"more":0})");
}

TEST(ConfigParts, OfAFileHaveWhatItsReferencesStoodFor) {
  const auto text = with_openai("keys: [{ name: web, key: '${KEY}' }, { name: ads, key: sk-ads-0123456789 }]\n");
  auto parts = [&](std::string key) {
    auto environment = [key](std::string_view name) { return name == "KEY" ? std::optional(key) : std::nullopt; };
    return parse_config(text, "sluice.yaml", environment, {}).config.parts;
  };
  EXPECT_EQ(changes_json(parts("sk-web-0123456789"), parts("sk-web-0123456789")),
            R"({"added":[],"changed":[],"removed":[],"more":0})");
  EXPECT_EQ(changes_json(parts("sk-web-0123456789"), parts("sk-web-9876543210")),
            R"({"added":[],"changed":["keys.web"],"removed":[],"more":0})");
}

TEST(ConfigParts, TheSameInAnotherLayoutIsTheSame) {
  EXPECT_EQ(between("a: { b: 1, c: [x, y] }", "# told\na:\n  b: 1\n  c:\n  - x\n  - y\n"),
            R"({"added":[],"changed":[],"removed":[],"more":0})");
  EXPECT_EQ(between("a: { b: 'true' }", "a: { b: true }"), R"({"added":[],"changed":["a.b"],"removed":[],"more":0})");
}

TEST(ConfigParts, OfVeryManySomeAreNamed) {
  std::string many = "models: {";
  for (int i = 0; i < 150; ++i) many += "m" + std::to_string(i) + ": {},";
  const auto told = between("", many + "}");
  EXPECT_TRUE(told.ends_with(R"("more":50})")) << told;
}

TEST(ConfigParts, AVeryLongListIsOnePart) {
  auto keys = [](std::string_view last) {
    std::string text = "keys: [";
    for (int i = 0; i < 6000; ++i) text += "k" + std::to_string(i) + ",";
    return text + std::string(last) + "]";
  };
  EXPECT_EQ(between(keys("a"), keys("a")), R"({"added":[],"changed":[],"removed":[],"more":0})");
  EXPECT_EQ(between(keys("a"), keys("b")), R"({"added":[],"changed":["keys"],"removed":[],"more":0})");
}

TEST(ConfigParts, AreKeptOfAFile) {
  const auto config = valid(with_openai("listen: 127.0.0.1:1\n"));
  EXPECT_TRUE(config.parts.contains("listen"));
  EXPECT_TRUE(config.parts.contains("providers.openai"));
}

}  // namespace
}  // namespace sluice::app::config_parts_test
