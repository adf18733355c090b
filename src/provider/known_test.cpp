#include "provider/known.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/text.h"

namespace sluice::provider::known_test {
namespace {

TEST(Known, TypesAreUniqueAndFindTheirRow) {
  std::set<std::string_view> types;
  for (const Known& known : known_providers()) {
    EXPECT_TRUE(types.insert(known.type).second) << known.type;
    EXPECT_EQ(find_known(known.type), &known);
  }
}

TEST(Known, BaseUrlsAreWholeAndEndWithoutASlash) {
  for (const Known& known : known_providers()) {
    if (known.base_url.empty()) continue;
    EXPECT_TRUE(known.base_url.starts_with("https://") || known.base_url.starts_with("http://127.0.0.1:"))
        << known.type;
    EXPECT_FALSE(known.base_url.ends_with('/')) << known.type;
  }
}

TEST(Known, OnlyLocalServersAndCloudsNeedNoKey) {
  for (const Known& known : known_providers()) {
    bool local = known.base_url.starts_with("http://127.0.0.1:") || known.type == "llamacpp";
    bool cloud = known.key_style == KeyStyle::kAws || known.key_style == KeyStyle::kGoogle;  // credentials of their own
    EXPECT_EQ(known.key_variables.empty(), local || cloud) << known.type;
  }
}

TEST(Known, NoKeyVariableBelongsToTwoProviders) {
  std::set<std::string_view> seen;
  for (const Known& known : known_providers()) {
    if (known.key_variables.empty()) continue;
    for (auto variable : split(known.key_variables, ',')) {
      EXPECT_TRUE(seen.insert(variable).second) << variable;
      EXPECT_TRUE(variable.ends_with("_API_KEY")) << variable;
    }
  }
}

TEST(Known, AzureTakesItsKeyAndPathItsOwnWay) {
  const Known* azure = find_known("azure");
  ASSERT_NE(azure, nullptr);
  EXPECT_EQ(azure->key_style, KeyStyle::kApiKeyHeader);
  EXPECT_EQ(azure->path_style, PathStyle::kAzure);
  EXPECT_TRUE(azure->base_url.empty());
}

TEST(Known, MistralIsNotAskedForUsage) {
  EXPECT_FALSE(find_known("mistral")->quirks.stream_options);
  EXPECT_TRUE(find_known("mistral")->quirks.usage_on_streams);
  EXPECT_FALSE(find_known("mistral")->quirks.max_completion_tokens);
}

TEST(Known, MistralTakesOnlyItsOwnMembers) {
  EXPECT_FALSE(find_known("mistral")->quirks.unknown_fields);
  EXPECT_TRUE(find_known("mistral")->quirks.random_seed);
  EXPECT_TRUE(find_known("mistral")->quirks.short_tool_ids);
}

TEST(Known, MistralTakesLessThanOpenAi) {
  EXPECT_FALSE(find_known("mistral")->quirks.effort_levels);
  EXPECT_FALSE(find_known("mistral")->quirks.high_temperature);
}

TEST(Known, OnlyOpenAiIsKnownToChooseAmongSomeTools) {
  for (const Known& known : known_providers()) {
    if (known.dialects != "openai" && known.type != "openai") continue;
    const bool is_openai = known.type == "openai" || known.type == "azure";
    EXPECT_EQ(known.quirks.openai_tools, is_openai) << known.type;
  }
}

TEST(Known, ProvidersThatKnowNoDeveloperGetASystemMessage) {
  for (auto type : {"mistral", "deepseek", "perplexity", "together", "nvidia", "moonshot", "dashscope", "lmstudio"})
    EXPECT_FALSE(find_known(type)->quirks.developer_role) << type;
  for (auto type : {"openai", "azure", "groq", "cerebras"})
    EXPECT_TRUE(find_known(type)->quirks.developer_role) << type;
}

TEST(Known, OtherSpellingsFindTheSameProvider) {
  EXPECT_EQ(find_known("llama.cpp"), find_known("llamacpp"));
  EXPECT_EQ(find_known("qwen"), find_known("dashscope"));
}

TEST(Known, AnUnknownTypeIsNull) {
  EXPECT_EQ(find_known("opneai"), nullptr);
  EXPECT_EQ(find_known(""), nullptr);
}

TEST(Known, EveryQuirkCanBeSetByName) {
  for (auto name : dialect::quirk_names()) {
    dialect::Quirks on, off;
    EXPECT_TRUE(dialect::set_quirk(on, name, true)) << name;
    EXPECT_TRUE(dialect::set_quirk(off, name, false)) << name;
  }
  dialect::Quirks quirks;
  EXPECT_TRUE(dialect::set_quirk(quirks, "stream_options", false));
  EXPECT_FALSE(quirks.stream_options);
  EXPECT_FALSE(dialect::set_quirk(quirks, "streamoptions", false));
}

}  // namespace
}  // namespace sluice::provider::known_test
