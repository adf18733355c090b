#include "app/key_secret.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/journal/folder_test.h"

namespace sluice::app::key_secret_test {
namespace {

class KeySecretTest : public ::testing::Test {
 protected:
  std::string told() {
    auto secret = key_secret(folder_.path());
    return secret ? "" : secret.error().told;
  }
  journal::Folder folder_;
  std::string file_ = folder_.file("key_secret");
};

TEST_F(KeySecretTest, IsMadeOnceAndKept) {
  auto made = key_secret(folder_.path());
  ASSERT_TRUE(made) << made.error().told;
  EXPECT_EQ(made->reveal().size(), 64u);
  EXPECT_EQ(key_secret(folder_.path())->reveal(), made->reveal());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(file_).permissions(), perms::owner_read | perms::owner_write);
}

TEST_F(KeySecretTest, OneThatOthersMayReadIsRefused) {
  ASSERT_TRUE(key_secret(folder_.path()));
  for (int rights : {0640, 0604, 0620}) {
    std::filesystem::permissions(file_, static_cast<std::filesystem::perms>(rights));
    EXPECT_NE(told().find("chmod 600"), std::string::npos) << told();
  }
}

TEST_F(KeySecretTest, ADamagedOneIsRefusedAndLeftAsItIs) {
  auto made = std::string(key_secret(folder_.path())->reveal());
  for (const auto& text : {std::string(), made.substr(1), made + "a", "x" + made.substr(1)}) {
    journal::write_bytes(file_, text);
    EXPECT_NE(told().find("is damaged"), std::string::npos) << text;
    EXPECT_EQ(std::filesystem::file_size(file_), text.size());
  }
  journal::write_bytes(file_, made);
  EXPECT_EQ(told(), "");
}

TEST_F(KeySecretTest, ADirectoryThatIsNotThereIsAFault) {
  EXPECT_FALSE(key_secret(folder_.file("none")));
}

}  // namespace
}  // namespace sluice::app::key_secret_test
