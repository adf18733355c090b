#include "app/watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace sluice::app::watch_test {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public ::testing::Test {
 protected:
  FileWatchTest() {
    std::string pattern = (fs::temp_directory_path() / "sluice-watch-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    file_ = directory_ + "/file";
  }
  ~FileWatchTest() override { fs::remove_all(directory_); }

  void write(const std::string& name, std::string_view text) { std::ofstream(name) << text; }
  // A later time than before, whatever the grain of the file system's clock.
  void touch(const std::string& name, int seconds) {
    fs::last_write_time(name, fs::file_time_type::clock::now() + std::chrono::seconds(seconds));
  }

  std::string directory_, file_;
};

TEST_F(FileWatchTest, SaysNothingWhileNothingChanges) {
  write(file_, "one");
  FileWatch watch(file_);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, SaysOnceThatAFileChangedWhenItIsAtRest) {
  write(file_, "one");
  FileWatch watch(file_);
  write(file_, "longer");
  EXPECT_FALSE(watch.changed()) << "it may still be written";
  EXPECT_TRUE(watch.changed());
  EXPECT_FALSE(watch.changed());
}

TEST_F(FileWatchTest, WaitsWhileAFileIsWritten) {
  write(file_, "");
  FileWatch watch(file_);
  for (int size = 1; size < 5; ++size) {
    write(file_, std::string(static_cast<std::size_t>(size), 'x'));
    EXPECT_FALSE(watch.changed());
  }
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, NoticesTheSameSizeAtAnotherTime) {
  write(file_, "one");
  FileWatch watch(file_);
  write(file_, "two");
  touch(file_, 5);
  watch.changed();
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, NoticesAReplacedFile) {
  write(file_, "one");
  FileWatch watch(file_);
  write(file_ + ".new", "two");
  fs::last_write_time(file_ + ".new", fs::last_write_time(file_));
  fs::rename(file_ + ".new", file_);
  watch.changed();
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, NoticesALinkThatLeadsElsewhere) {
  write(directory_ + "/a", "one");
  write(directory_ + "/b", "two");
  fs::create_symlink(directory_ + "/a", file_);
  FileWatch watch(file_);
  fs::create_symlink(directory_ + "/b", file_ + ".new");
  fs::rename(file_ + ".new", file_);
  watch.changed();
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, AFileThatIsGoneIsNoChangeUntilItIsBack) {
  write(file_, "one");
  FileWatch watch(file_);
  fs::remove(file_);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.changed());
  write(file_, "back again");
  watch.changed();
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, AFileThatComesLaterIsAChange) {
  FileWatch watch(file_);
  EXPECT_FALSE(watch.changed());
  write(file_, "new");
  watch.changed();
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, SeveralFilesThatChangeTogetherAreOneChange) {
  const auto other = directory_ + "/other";
  write(file_, "one");
  write(other, "one");
  FileWatches watches;
  for (const auto& file : {file_, other, file_}) watches.add(file);
  EXPECT_FALSE(watches.changed());
  write(file_, "longer");
  write(other, "longer");
  EXPECT_FALSE(watches.changed());
  EXPECT_TRUE(watches.changed());
  EXPECT_FALSE(watches.changed());
}

// As Kubernetes mounts a secret: the file leads through ..data to a folder, and ..data is put in its place whole.
TEST_F(FileWatchTest, NoticesAFolderThatIsExchanged) {
  fs::create_directory(directory_ + "/first");
  fs::create_directory(directory_ + "/second");
  write(directory_ + "/first/file", "one");
  write(directory_ + "/second/file", "two");
  fs::create_directory_symlink("first", directory_ + "/..data");
  fs::create_symlink("..data/file", file_);
  FileWatch watch(file_);
  fs::create_directory_symlink("second", directory_ + "/..data_tmp");
  fs::rename(directory_ + "/..data_tmp", directory_ + "/..data");
  watch.changed();
  EXPECT_TRUE(watch.changed());
}

TEST_F(FileWatchTest, NoFileIsNoChange) {
  FileWatch watch("");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(watch.changed());
}

}  // namespace
}  // namespace sluice::app::watch_test
