#include "app/master_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sluice::app::master_key_test {
namespace {

namespace fs = std::filesystem;

class MasterKeyTest : public ::testing::Test {
 protected:
  MasterKeyTest() {
    std::string pattern = (fs::temp_directory_path() / "sluice-key-XXXXXX").string();
    base_ = ::mkdtemp(pattern.data());
    data_ = base_ + "/data";
  }
  ~MasterKeyTest() override { fs::remove_all(base_); }

  static unsigned mode_of(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
  }
  std::string refusal(std::string_view text) {
    fs::create_directories(data_);
    std::ofstream(data_ + "/master_key") << text;
    auto key = master_key(Secret(), data_);
    EXPECT_FALSE(key);
    if (key) return "";
    EXPECT_EQ(key.error().kind, FaultKind::kInvalidConfig);
    return key.error().told;
  }

  std::string base_, data_;
};

TEST_F(MasterKeyTest, AConfiguredKeyTouchesNoFile) {
  auto key = master_key(Secret("configured-key"), data_);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->key.reveal(), "configured-key");
  EXPECT_EQ(key->origin, MasterKey::Origin::kConfigured);
  EXPECT_EQ(key->file, "");
  EXPECT_FALSE(fs::exists(data_));
}

TEST_F(MasterKeyTest, IsMadeOnceAndFoundAgain) {
  auto made = master_key(Secret(), data_);
  ASSERT_TRUE(made) << made.error().told;
  EXPECT_EQ(made->origin, MasterKey::Origin::kMade);
  EXPECT_TRUE(made->key.reveal().starts_with("sk-sl-"));
  EXPECT_EQ(made->key.reveal().size(), 6u + 48u);
  EXPECT_EQ(made->file, data_ + "/master_key");
  auto found = master_key(Secret(), data_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->origin, MasterKey::Origin::kFound);
  EXPECT_EQ(found->key.reveal(), made->key.reveal());
}

TEST_F(MasterKeyTest, TwoAreNotAlike) {
  auto one = master_key(Secret(), data_), two = master_key(Secret(), base_ + "/other");
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->key.reveal(), two->key.reveal());
}

TEST_F(MasterKeyTest, IsForItsOwnerOnly) {
  auto before = ::umask(0);
  ASSERT_TRUE(master_key(Secret(), data_));
  ::umask(before);
  EXPECT_EQ(mode_of(data_ + "/master_key"), 0600u);
  EXPECT_EQ(mode_of(data_), 0700u);
}

TEST_F(MasterKeyTest, ADataFolderThatWasThereKeepsItsMode) {
  fs::create_directories(data_);
  fs::permissions(data_, fs::perms(0750));
  ASSERT_TRUE(master_key(Secret(), data_));
  EXPECT_EQ(mode_of(data_), 0750u);
}

TEST_F(MasterKeyTest, AKeyWrittenByHandMayEndInALine) {
  fs::create_directories(data_);
  std::ofstream(data_ + "/master_key") << "a-key-of-my-own-making\r\n";
  auto key = master_key(Secret(), data_);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->key.reveal(), "a-key-of-my-own-making");
}

TEST_F(MasterKeyTest, ABrokenFileIsNamedAndNotReplaced) {
  EXPECT_NE(refusal("").find(data_ + "/master_key"), std::string::npos);
  EXPECT_NE(refusal("\n\n").find("holds no key"), std::string::npos);
  auto told = refusal("short");
  EXPECT_EQ(told.find("short"), std::string::npos) << "what is in the file is not told";
  std::ifstream file(data_ + "/master_key");
  std::string text;
  file >> text;
  EXPECT_EQ(text, "short");
}

TEST_F(MasterKeyTest, AFolderWhereTheFileShouldBeIsNamed) {
  fs::create_directories(data_ + "/master_key");
  auto key = master_key(Secret(), data_);
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().told.find(data_ + "/master_key"), std::string::npos);
}

TEST_F(MasterKeyTest, AFileWhereTheFolderShouldBeIsNamed) {
  std::ofstream(data_) << "in the way";
  auto key = master_key(Secret(), data_);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, FaultKind::kInvalidConfig);
  EXPECT_NE(key.error().told.find(data_), std::string::npos);
}

}  // namespace
}  // namespace sluice::app::master_key_test
