#include "exchange/loop_journal.h"

#include <gtest/gtest.h>

#include <optional>

#include "base/journal/folder_test.h"
#include "base/journal/reader.h"

namespace sluice::loop_journal_test {
namespace {

class LoopJournalTest : public ::testing::Test {
 protected:
  void open(Ms patience) {
    auto opened = journal::Writer::open(options_);
    ASSERT_TRUE(opened) << opened.error().told;
    writer_ = std::move(*opened);
    journal_.emplace(loop_, *writer_, patience);
  }
  ~LoopJournalTest() override { writer_.reset(); }

  // Runs the task to its end on the loop.
  void run(Task<void> task) {
    TaskGroup group;
    auto all = [&]() -> Task<void> {
      co_await task;
      loop_.stop();
    };
    loop_.post([&] { spawn(all(), group); });
    loop_.run();
  }
  // The disk takes nothing from now on: a group needs a new segment, and there is no directory to put it into.
  void break_disk() { std::filesystem::remove_all(options_.directory); }
  void mend_disk() { std::filesystem::create_directory(options_.directory); }

  journal::Folder folder_;
  journal::Options options_{.directory = folder_.file("journal"), .segment_bytes = 1, .patience = Ms(100)};
  net::Loop loop_;
  std::unique_ptr<journal::Writer> writer_;
  std::optional<LoopJournal> journal_;
};

TEST_F(LoopJournalTest, GoesOnWhenTheRecordIsWritten) {
  open(Ms(10'000));
  run([&]() -> Task<void> {
    for (int i = 0; i < 100; ++i) {
      co_await journal_->append("record " + std::to_string(i));
      journal::Reader reader(options_.directory, {});
      auto read = reader.read(1000, 1 << 20);
      EXPECT_TRUE(read && !read->empty() && read->back() == "record " + std::to_string(i));
    }
  }());
  EXPECT_EQ(journal_->late(), 0u);
}

TEST_F(LoopJournalTest, NobodyWaitsForARecordThatHasRoom) {
  options_.segment_bytes = 16 << 20;
  open(Ms(10'000));
  int at_once = 0;
  run([&]() -> Task<void> {
    Cancel never;
    for (int i = 0; i < 1000 && at_once < 100; ++i) {
      if (journal_->append("record").await_ready()) {
        ++at_once;
      } else {
        co_await net::sleep(loop_, Ms(1), never);
      }
    }
  }());
  EXPECT_EQ(at_once, 100);
}

TEST_F(LoopJournalTest, ManyWaitAtOnce) {
  open(Ms(10'000));
  int done = 0;
  auto one = [&](int i) -> Task<void> {
    co_await journal_->append("record " + std::to_string(i));
    ++done;
  };
  run([&]() -> Task<void> {
    TaskGroup group;
    for (int i = 0; i < 1000; ++i) spawn(one(i), group);
    co_await group.join();
  }());
  EXPECT_EQ(done, 1000);
  EXPECT_EQ(writer_->stats().written, 1000u);
}

TEST_F(LoopJournalTest, ADiskThatDoesNotWriteHoldsUpOnceOnly) {
  open(Ms(50));
  run([&]() -> Task<void> {
    co_await journal_->append("written");
    break_disk();
    const auto began = now();
    co_await journal_->append("waits");
    const auto first = now() - began;
    EXPECT_GE(first, Ms(50));
    for (int i = 0; i < 1000; ++i) co_await journal_->append("does not wait");
    EXPECT_EQ(journal_->late(), 1001u);
    mend_disk();
    EXPECT_TRUE(writer_->flush(Ms(5000)));
    Cancel never;
    while (journal_->late() == 1001u && writer_->stats().written < 1002) co_await net::sleep(loop_, Ms(5), never);
    co_await net::sleep(loop_, Ms(20), never);
    co_await journal_->append("is waited for again");
    EXPECT_EQ(writer_->stats().written, 1003u);
  }());
  EXPECT_EQ(journal_->late(), 1001u);
  EXPECT_EQ(writer_->stats().lost_high, 0u);
}

TEST_F(LoopJournalTest, ARecordThatIsLostIsNotWaitedFor) {
  open(Ms(10'000));
  run([&]() -> Task<void> { co_await journal_->append(std::string(journal::kMostRecord + 1, 'x')); }());
  EXPECT_EQ(writer_->stats().lost_high, 1u);
  EXPECT_EQ(journal_->late(), 0u);
}

}  // namespace
}  // namespace sluice::loop_journal_test
