#include "base/journal/writer.h"

#include <fmt/format.h>

#include <set>

#include "base/journal/folder_test.h"
#include "base/journal/reader.h"
#include "base/journal/segment.h"

namespace sluice::journal::writer_test {
namespace {

using Records = std::vector<std::string>;

Records all_in(const std::string& directory) {
  Reader reader(directory, {});
  auto records = reader.read(1'000'000, 1 << 30);
  return records ? Records(records->begin(), records->end()) : Records{"fault: " + records.error().told};
}

class JournalWriter : public ::testing::Test {
 protected:
  std::unique_ptr<Writer> open() {
    auto writer = Writer::open(options_);
    EXPECT_TRUE(writer) << writer.error().told;
    return writer ? std::move(*writer) : nullptr;
  }
  Folder folder_;
  Options options_{.directory = folder_.file("journal")};
};

TEST_F(JournalWriter, WhatIsWrittenIsThereForOthersAtOnce) {
  auto writer = open();
  EXPECT_EQ(writer->append("one"), 1U);
  EXPECT_EQ(writer->append("two"), 2U);
  ASSERT_TRUE(writer->flush(Ms(5000)));
  EXPECT_EQ(writer->written(), 2U);
  EXPECT_EQ(all_in(options_.directory), (Records{"one", "two"}));
  EXPECT_EQ(writer->stats().appended, 2U);
  EXPECT_EQ(writer->stats().written, 2U);
  EXPECT_EQ(writer->stats().queued_bytes, 0U);
}

TEST_F(JournalWriter, TheDirectoryIsClosedToOthers) {
  auto writer = open();
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(options_.directory).permissions(), perms::owner_all);
}

TEST_F(JournalWriter, WritesWhatIsQueuedBeforeItGoes) {
  {
    auto writer = open();
    for (int i = 0; i < 1000; ++i) writer->append(std::to_string(i));
  }
  EXPECT_EQ(all_in(options_.directory).size(), 1000U);
}

TEST_F(JournalWriter, GoesOnWithTheNumbersOfTheOneBefore) {
  {
    open()->append("one");
  }
  {
    auto nothing = open();
  }
  {
    auto writer = open();
    EXPECT_EQ(writer->written(), 1U);
    EXPECT_EQ(writer->append("two"), 2U);
  }
  EXPECT_EQ(all_in(options_.directory), (Records{"one", "two"}));
}

TEST_F(JournalWriter, BeginsANewSegmentWhenOneIsFull) {
  options_.segment_bytes = 1000;
  auto writer = open();
  for (int i = 0; i < 20; ++i) {
    writer->append(std::string(300, 'x'));
    ASSERT_TRUE(writer->flush(Ms(5000)));
  }
  EXPECT_EQ(list_segments(options_.directory)->size(), 7U);
  EXPECT_EQ(all_in(options_.directory).size(), 20U);
}

// A store may have been told of a segment in which nothing was written in the end.
TEST_F(JournalWriter, AFileThatAnUnusedSegmentLeftIsNotInTheWay) {
  options_.segment_bytes = 1000;
  auto writer = open();
  writer->append("first");
  ASSERT_TRUE(writer->flush(Ms(5000)));
  write_bytes(segment_path(options_.directory, 2), "left");
  for (int i = 0; i < 3; ++i) {
    writer->append(std::string(600, 'x'));
    ASSERT_TRUE(writer->flush(Ms(5000)));
  }
  EXPECT_EQ(all_in(options_.directory).size(), 4U);
  EXPECT_EQ(writer->stats().failures, 0U);
}

TEST_F(JournalWriter, NumbersOfSegmentsDoNotComeAgain) {
  Position position;
  std::size_t appended = 0, seen = 0;
  for (int run = 0; run < 12; ++run) {
    auto writer = open();
    Reader reader(options_.directory, position, writer.get());
    for (int i = 0; run % 3 == 0 && i < 10; ++i, ++appended) writer->append(fmt::format("{}", appended));
    ASSERT_TRUE(writer->flush(Ms(5000)));
    seen += reader.read(1000, 1 << 20)->size();
    position = reader.position();
    ASSERT_TRUE(reader.remove_before(position));
    writer.reset();
    // The head of the next one is all that came to the disk.
    const auto last = list_segments(options_.directory)->back();
    std::string head;
    append_head(head, {last + 1, appended + 1, 7});
    if (run % 3 == 0) write_bytes(segment_path(options_.directory, last + 1), head);
    if (run % 3 == 0) position = {last + 1, 0, appended};
    if (run % 3 == 0) ASSERT_TRUE(reader.remove_before(position));
  }
  EXPECT_EQ(seen, appended);
}

TEST_F(JournalWriter, OneWriterADirectory) {
  auto writer = open();
  auto second = Writer::open(options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FaultKind::kInvalidConfig);
  writer.reset();
  EXPECT_TRUE(Writer::open(options_));
}

TEST_F(JournalWriter, ADirectoryThatCannotBeMadeIsAFault) {
  write_bytes(folder_.file("journal"), "a file");
  EXPECT_EQ(Writer::open(options_).error().kind, FaultKind::kOverloaded);
}

TEST_F(JournalWriter, ATornTailIsCutAndTold) {
  {
    open()->append("whole");
  }
  auto path = segment_path(options_.directory, 1);
  auto bytes = bytes_of(path);
  write_bytes(path, bytes + bytes.substr(kHeadBytes, 24));
  auto writer = open();
  EXPECT_EQ(writer->recovered().cut, 24U);
  EXPECT_EQ(writer->recovered().records, 1U);
  writer->append("next");
  ASSERT_TRUE(writer->flush(Ms(5000)));
  EXPECT_EQ(all_in(options_.directory), (Records{"whole", "next"}));
}

TEST_F(JournalWriter, EmptyAndTooLargeRecordsAreNotTaken) {
  auto writer = open();
  EXPECT_EQ(writer->append(""), 0U);
  EXPECT_EQ(writer->append(std::string(kMostRecord + 1, 'x')), 0U);
  EXPECT_EQ(writer->append(std::string(kMostRecord, 'x')), 1U);
  EXPECT_EQ(writer->stats().lost_high, 2U);
}

TEST_F(JournalWriter, ListenersAreToldWhenTheirRecordsAreWritten) {
  options_.segment_bytes = 1000;  // too few for room: none is written at once
  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t seen = 0;
  Writer* the_writer = nullptr;
  Listener listener([&] {
    std::lock_guard lock(mutex);
    seen = the_writer->written();
    changed.notify_all();
  });
  Listener silent([] { FAIL() << "nothing was appended for it"; });
  auto writer = open();
  the_writer = writer.get();
  for (int i = 0; i < 100; ++i) {
    auto number = writer->append("record", Priority::kHigh, &listener);
    writer->hurry();
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, Ms(5000), [&] { return seen >= number; }));
    lock.unlock();
    if (i % 2 == 0) writer->hurry();  // for nothing: the next one must not be left lying
  }
}

TEST_F(JournalWriter, WhenTheDirectoryIsFullLowPriorityIsRefusedFirst) {
  options_.spool_bytes = 4000;
  options_.interval = Ms(60'000);
  auto writer = open();
  auto fill = [&](std::size_t bytes) {
    writer->append(std::string(bytes, 'x'));
    EXPECT_TRUE(writer->flush(Ms(5000)));
  };
  fill(2900);
  EXPECT_NE(writer->append("low", Priority::kLow), 0U);
  fill(300);
  EXPECT_EQ(writer->append("low", Priority::kLow), 0U);
  EXPECT_NE(writer->append("high", Priority::kHigh), 0U);
  fill(1000);
  EXPECT_EQ(writer->append("high", Priority::kHigh), 0U);
  EXPECT_EQ(writer->stats().lost_low, 1U);
  EXPECT_EQ(writer->stats().lost_high, 1U);
}

TEST_F(JournalWriter, RoomThatAReaderMakesIsUsedAgain) {
  options_ = {.directory = options_.directory, .interval = Ms(10), .segment_bytes = 1000, .spool_bytes = 3000};
  auto writer = open();
  std::size_t taken = 0;
  while (writer->append(std::string(500, 'x')) != 0) {
    ++taken;
    ASSERT_TRUE(writer->flush(Ms(5000)));
  }
  EXPECT_LE(taken, 6U);
  Reader reader(options_.directory, {});
  EXPECT_EQ(reader.read(100, 1 << 20)->size(), taken);
  ASSERT_TRUE(reader.remove_before(reader.position()));
  auto until = now() + Ms(5000);
  while (writer->append("again") == 0 && now() < until) std::this_thread::yield();
  EXPECT_LT(now(), until);
}

TEST_F(JournalWriter, TakesRecordsFromManyThreadsInEachOnesOrder) {
  for (auto sync : {Sync::kWrite, Sync::kInterval, Sync::kAlways}) {
    options_ = {.directory = folder_.file(std::to_string(static_cast<int>(sync))),
                .sync = sync,
                .interval = Ms(1),
                .segment_bytes = 4000};
    {
      auto writer = open();
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
          for (int i = 0; i < 500; ++i) EXPECT_NE(writer->append(fmt::format("{} {:05}", t, i)), 0U);
        });
      }
      threads.clear();
      ASSERT_TRUE(writer->flush(Ms(20'000)));
      EXPECT_EQ(writer->stats().sync_failures, 0U);
    }
    auto records = all_in(options_.directory);
    EXPECT_EQ(records.size(), 2000U);
    EXPECT_EQ(std::set(records.begin(), records.end()).size(), 2000U);
    std::map<char, std::string> last;
    for (const auto& record : records) EXPECT_LT(std::exchange(last[record[0]], std::string(record)), record);
  }
}

// Appends until the writer thread has made room; whether it did.
bool gets_room(Writer& writer) {
  auto until = now() + Ms(5000);
  int in_a_row = 0;
  while (in_a_row < 100 && now() < until) {
    auto number = writer.append("waits for room");
    in_a_row = writer.written() >= number ? in_a_row + 1 : 0;
    if (in_a_row == 0) writer.flush(Ms(5000));
  }
  return in_a_row == 100;
}

TEST_F(JournalWriter, WhereThereIsRoomARecordIsWrittenAtOnce) {
  for (auto sync : {Sync::kWrite, Sync::kInterval}) {
    options_ = {
        .directory = folder_.file(std::to_string(static_cast<int>(sync))), .sync = sync, .interval = Ms(60'000)};
    auto writer = open();
    ASSERT_TRUE(gets_room(*writer));
    auto number = writer->append("at once");
    EXPECT_EQ(writer->written(), number);
    EXPECT_EQ(writer->written_to().sequence, number);
    EXPECT_EQ(writer->stats().queued_bytes, 0U);
    EXPECT_EQ(all_in(options_.directory).back(), "at once");
  }
}

TEST_F(JournalWriter, ThereIsRoomAgainAfterASyncAndInTheNextSegment) {
  options_.interval = Ms(5);
  options_.segment_bytes = 64 << 10;
  auto writer = open();
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(gets_room(*writer)) << i;
    std::this_thread::sleep_for(Ms(7));
  }
  EXPECT_GT(list_segments(options_.directory)->size(), 1U);
}

// Who writes into a file that is being synced waits for the disk.
TEST_F(JournalWriter, WhatIsToBeSyncedIsLeftForASegmentThatStandsReady) {
  options_.interval = Ms(50);
  auto writer = open();
  ASSERT_TRUE(gets_room(*writer));
  const std::string record(4000, 'x');
  std::size_t appended = 0, at_once = 0;
  for (const auto until = now() + Ms(500); now() < until; std::this_thread::sleep_for(std::chrono::microseconds(100))) {
    const auto number = writer->append(record);
    at_once += writer->written() >= number;
    ++appended;
  }
  EXPECT_GT(at_once, appended * 9 / 10) << "of " << appended;
  writer->close();
  const auto segments = list_segments(options_.directory);
  EXPECT_GT(segments->size(), 3U);
  for (auto number : *segments) EXPECT_TRUE(*is_begun(options_.directory, number)) << number;
  Reader reader(options_.directory, {});
  const auto records = reader.read(1'000'000, 1 << 30);
  EXPECT_EQ(std::ranges::count(*records, record), static_cast<std::ptrdiff_t>(appended));
  EXPECT_EQ(reader.losses().damage.bytes, 0U);
  EXPECT_EQ(reader.losses().records, 0U);
}

TEST_F(JournalWriter, WithAlwaysNothingIsWrittenBeforeItIsSynced) {
  options_.sync = Sync::kAlways;
  options_.interval = Ms(5);
  auto writer = open();
  writer->append("one");
  ASSERT_TRUE(writer->flush(Ms(5000)));
  std::this_thread::sleep_for(Ms(30));
  EXPECT_EQ(std::filesystem::file_size(segment_path(options_.directory, 1)), kHeadBytes + kFrameHeadBytes + 3);
}

TEST_F(JournalWriter, LeavesNoRoomBehind) {
  {
    auto writer = open();
    ASSERT_TRUE(gets_room(*writer));
    EXPECT_GT(std::filesystem::file_size(segment_path(options_.directory, 1)), 10'000U);
    EXPECT_LT(writer->stats().spool_bytes, 10'000U);
    writer->close();
    EXPECT_EQ(std::filesystem::file_size(segment_path(options_.directory, 1)), writer->written_to().offset);
    EXPECT_EQ(writer->append("late"), 0U);
  }
  EXPECT_EQ(open()->recovered().cut, 0U);
}

TEST_F(JournalWriter, RoomThatACrashLeftIsCutAndIsNoDamage) {
  {
    open()->append("whole");
  }
  auto path = segment_path(options_.directory, 1);
  auto bytes = bytes_of(path);
  write_bytes(path, bytes + std::string(1 << 20, '\0'));
  auto writer = open();
  EXPECT_EQ(writer->recovered().cut, 0U);
  EXPECT_EQ(writer->recovered().records, 1U);
  EXPECT_EQ(bytes_of(path), bytes);
}

// What others still copy to its place is not seen.
TEST_F(JournalWriter, IsReadWhileItIsWritten) {
  options_.interval = Ms(2);
  options_.segment_bytes = 256 << 10;
  auto writer = open();
  Reader reader(options_.directory, {}, writer.get());
  constexpr std::size_t kThreads = 3, kEach = 10'000;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kEach; ++i) {
        EXPECT_NE(writer->append(fmt::format("{} {:05} ", t, i) + std::string(i * 7919 % 700, 'x')), 0U);
        if (i % 64 == 0) writer->flush(Ms(5000));
      }
    });
  }
  std::size_t seen = 0;
  std::map<char, std::string> last;
  auto until = now() + Ms(60'000);
  while (seen < kThreads * kEach && now() < until) {
    auto records = reader.read(1000, 1 << 20);
    ASSERT_TRUE(records) << records.error().told;
    for (const auto& record : *records) EXPECT_LT(std::exchange(last[record[0]], std::string(record)), record);
    seen += records->size();
  }
  EXPECT_EQ(seen, kThreads * kEach);
  EXPECT_EQ(reader.losses().damage.bytes, 0U);
  EXPECT_EQ(reader.losses().records, 0U);
}

}  // namespace
}  // namespace sluice::journal::writer_test
