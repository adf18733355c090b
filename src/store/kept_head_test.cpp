#include "store/kept_head.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/journal/folder_test.h"
#include "store/audit.h"
#include "store/memory/memory_directory.h"

namespace sluice::store::kept_head_test {
namespace {

class KeptHead : public ::testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(head_) << text; }
  // Heads of a log of that many entries.
  std::string grow(int entries) {
    AuditHead head;
    for (int i = 0; i < entries; ++i) head = *directory_.change({}, {.kind = "refusal"});
    return to_text(head) + "\n";
  }
  bool check() { return check_kept_head(directory_, head_).has_value(); }
  std::string kept() { return journal::bytes_of(head_); }
  std::string lost() {
    return std::filesystem::exists(lost_heads_file(head_)) ? journal::bytes_of(lost_heads_file(head_)) : "";
  }

  journal::Folder folder_;
  std::string head_ = folder_.file("audit_head");
  MemoryDirectory directory_;
};

TEST_F(KeptHead, OfTheLogIsLeftAlone) {
  EXPECT_TRUE(check());
  EXPECT_FALSE(std::filesystem::exists(head_)) << "nothing is there yet";
  const auto second = grow(2);
  for (const auto& text : {second, std::string("0 \n"), grow(1)}) {  // an earlier one: a crash came between the two
    write(text);
    EXPECT_TRUE(check());
    EXPECT_EQ(kept(), text);
    EXPECT_EQ(lost(), "");
  }
}

TEST_F(KeptHead, ThatTheLogHasNotIsKeptApart) {
  const auto last = grow(3);
  const std::string missing = "5 " + std::string(64, 'a') + "\n", another = "3 " + std::string(64, 'b') + "\n";
  write(missing);
  EXPECT_TRUE(check());
  EXPECT_EQ(lost(), missing);
  EXPECT_EQ(kept(), last);
  EXPECT_TRUE(check());
  EXPECT_EQ(lost(), missing) << "once";
  write(another);
  EXPECT_TRUE(check());
  EXPECT_EQ(lost(), missing + another);
}

TEST_F(KeptHead, ThatIsGoneOrNoneIsTold) {
  const auto last = grow(3);
  EXPECT_TRUE(check());
  EXPECT_EQ(lost(), "no audit_head was there, the last entry was " + last);
  EXPECT_EQ(kept(), last);
  write("x\ny");
  EXPECT_TRUE(check());
  EXPECT_TRUE(lost().ends_with("\naudit_head was no head: x?y\n")) << lost();
}

TEST_F(KeptHead, IsNotWrittenOverWhereItCannotBeKeptApart) {
  grow(1);
  const std::string missing = "5 " + std::string(64, 'a') + "\n";
  write(missing);
  std::filesystem::create_directory(lost_heads_file(head_));
  EXPECT_FALSE(check());
  EXPECT_EQ(kept(), missing);
}

}  // namespace
}  // namespace sluice::store::kept_head_test
