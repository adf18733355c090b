#include "admin/file_keys.h"

#include <gtest/gtest.h>

namespace sluice::admin::file_keys_test {
namespace {

TEST(FileKeys, KeepsOnceWhatKeysHaveInCommon) {
  FileKeys keys;
  for (int i = 0; i < 1000; ++i) {
    keys.push_back({{.name = "key-" + std::to_string(i),
                     .prefix = "sk-" + std::to_string(i % 3),
                     .team = "team-" + std::to_string(i % 2),
                     .models = {i == 500 ? "smart" : "fast"}},
                    Secret("sk-" + std::to_string(i))});
  }
  const Hmac hash("secret");
  keys.hash(hash);
  const auto* first = keys.find("key-0");
  EXPECT_EQ(first->rest, keys.find("key-498")->rest);
  EXPECT_NE(first->rest, keys.find("key-1")->rest);
  EXPECT_NE(first->rest, keys.find("key-500")->rest);
  EXPECT_EQ(keys.find("key-1000"), nullptr);
  const auto row = keys.find("key-500")->row();
  EXPECT_EQ(row.id, "file/key-500");
  EXPECT_EQ(row.name, "key-500");
  EXPECT_EQ(row.prefix, "sk-2");
  EXPECT_EQ(row.team, "team-0");
  EXPECT_EQ(row.models, store::Texts{"smart"});
  EXPECT_EQ(row.hash, hex(hash.of("sk-500")));
}

TEST(FileKeys, KeepsNoTexts) {
  FileKeys keys;
  keys.push_back({{.name = "web"}, Secret("sk-web-key-of-the-test")});
  keys.hash(Hmac("secret"));
  EXPECT_TRUE(keys.find("web")->text.empty());
}

}  // namespace
}  // namespace sluice::admin::file_keys_test
