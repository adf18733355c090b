#include "base/journal/reader.h"

#include <algorithm>

#include "base/journal/folder_test.h"
#include "base/journal/recovery.h"

namespace sluice::journal::reader_test {
namespace {

constexpr std::uint64_t kSalt = 0xfeed'beef'0bad'cafe;
using Records = std::vector<std::string>;

std::string segment(std::uint64_t number, std::uint64_t first, const Records& records) {
  std::string bytes;
  append_head(bytes, {number, first, kSalt});
  for (const auto& record : records) append_frame(bytes, record, checksum(record, kSalt), first++, kSalt);
  return bytes;
}

Records all_of(Reader& reader) {
  auto records = reader.read(1'000'000, 1 << 30);
  return records ? Records(records->begin(), records->end()) : Records{"fault: " + records.error().told};
}

class JournalReader : public ::testing::Test {
 protected:
  void put(std::uint64_t number, std::string_view bytes) { write_bytes(path(number), bytes); }
  std::string path(std::uint64_t number) { return segment_path(folder_.path(), number); }
  Folder folder_;
};

TEST_F(JournalReader, ReadsSegmentsInOrderAndGoesOnWhereItStopped) {
  put(1, segment(1, 1, {"a", "b"}));
  put(3, segment(3, 3, {"c"}));
  put(20, segment(20, 4, {"d", "e"}));
  Reader reader(folder_.path(), {});
  EXPECT_TRUE(std::ranges::equal(*reader.read(3, 1000), Records{"a", "b", "c"}));
  EXPECT_EQ(reader.position().segment, 3U);
  EXPECT_EQ(reader.position().sequence, 3U);
  Reader other(folder_.path(), reader.position());
  EXPECT_EQ(all_of(other), (Records{"d", "e"}));
  EXPECT_EQ(all_of(other), Records{});
  EXPECT_EQ(other.losses().records, 0U);
  EXPECT_EQ(other.losses().damage.bytes, 0U);
}

TEST_F(JournalReader, StopsAtTheLimits) {
  put(1, segment(1, 1, {"aaaa", "bbbb", "cccc"}));
  Reader reader(folder_.path(), {});
  EXPECT_EQ(reader.read(1, 1000)->size(), 1U);
  EXPECT_EQ(reader.read(10, 4)->size(), 1U);
  EXPECT_EQ(reader.read(10, 1)->size(), 1U);
  EXPECT_EQ(reader.read(10, 1)->size(), 0U);
}

TEST_F(JournalReader, AnEmptyOrMissingDirectoryHasNoRecords) {
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), Records{});
  Reader nowhere(folder_.file("nowhere"), {});
  EXPECT_EQ(nowhere.read(1, 1).error().kind, FaultKind::kOverloaded);
}

// Whatever is missing at the end, the records before it are there, and what was torn is told once the segment is over.
TEST_F(JournalReader, ASegmentTornAtAnyByteKeepsItsWholeRecords) {
  Records kept{"first", "2", "third record", "x"};
  auto whole = segment(1, 1, kept);
  std::vector<std::size_t> ends{kHeadBytes};
  for (const auto& record : kept) ends.push_back(ends.back() + kFrameHeadBytes + record.size());
  put(2, segment(2, 5, {"next"}));
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    put(1, whole.substr(0, size));
    auto complete = static_cast<std::size_t>(std::ranges::count_if(ends, [&](auto end) { return end <= size; }));
    Records expected(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(complete == 0 ? 0 : complete - 1));
    expected.emplace_back("next");
    Reader reader(folder_.path(), {});
    EXPECT_EQ(all_of(reader), expected) << size;
    auto torn = complete == 0 ? "" : whole.substr(ends[complete - 1], size - ends[complete - 1]);
    EXPECT_EQ(reader.losses().damage.bytes, torn.find_last_not_of('\0') + 1) << size;
    EXPECT_EQ(reader.losses().records, complete == 0 ? 0 : 5 - expected.size()) << size;
  }
}

TEST_F(JournalReader, RecoveryCutsATailThatIsTornAtAnyByte) {
  Records kept{"first", "2", "third record"};
  auto whole = segment(1, 1, kept);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(1, whole.substr(0, size));
    auto recovered = recover(folder_.path());
    ASSERT_TRUE(recovered) << recovered.error().told;
    EXPECT_EQ(recovered->last_segment, 1U);
    Reader reader(folder_.path(), {});
    auto records = all_of(reader);
    EXPECT_EQ(records.size(), recovered->records) << size;
    EXPECT_EQ(recovered->next_sequence, recovered->records + 1) << size;
    EXPECT_EQ(reader.losses().damage.bytes, 0U);
    EXPECT_EQ(size < kHeadBytes, std::filesystem::file_size(path(1)) == 0);
    if (recovered->records == 0) continue;
    const auto torn = whole.substr(std::filesystem::file_size(path(1)), size - std::filesystem::file_size(path(1)));
    EXPECT_EQ(recovered->cut, torn.find_last_not_of('\0') + 1) << size;
  }
}

TEST_F(JournalReader, DamageToTheFirstRecordIsCounted) {
  auto bytes = segment(7, 30, {"one", "two"});
  bytes[kHeadBytes + kFrameHeadBytes] ^= 0x20;
  put(7, bytes);
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), Records{"two"});
  EXPECT_EQ(reader.losses().records, 1U);
}

TEST_F(JournalReader, DamageInTheMiddleCostsOneRecordAndIsCounted) {
  put(1, segment(1, 1, {"one", "two", "three"}));
  auto bytes = bytes_of(path(1));
  for (std::size_t at = kHeadBytes + 23; at < kHeadBytes + 46; ++at) {
    auto damaged = bytes;
    damaged[at] ^= 0x20;
    put(1, damaged);
    Reader reader(folder_.path(), {});
    EXPECT_EQ(all_of(reader), (Records{"one", "three"})) << at;
    EXPECT_EQ(reader.losses().damage.places, 1U);
    EXPECT_EQ(reader.losses().damage.bytes, 23U);
    EXPECT_EQ(reader.losses().records, 1U);
  }
}

TEST_F(JournalReader, MoreDamageThanTheLargestRecordIsSkippedInBoundedSteps) {
  auto bytes = segment(1, 1, {"one"});
  bytes += std::string(5 << 20, '\xaa');
  std::string large(kMostRecord, 'l');
  append_frame(bytes, large, checksum(large, kSalt), 40, kSalt);
  append_frame(bytes, "end", checksum("end", kSalt), 41, kSalt);
  put(1, bytes);
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), (Records{"one", large, "end"}));
  EXPECT_EQ(reader.losses().damage.bytes, 5U << 20);
  EXPECT_EQ(reader.losses().records, 38U);
}

TEST_F(JournalReader, WaitsForARecordThatIsBeingWritten) {
  auto bytes = segment(1, 1, {"one", "two"});
  put(1, bytes.substr(0, bytes.size() - 2));
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), Records{"one"});
  EXPECT_EQ(all_of(reader), Records{});
  put(1, bytes);
  EXPECT_EQ(all_of(reader), Records{"two"});
  EXPECT_EQ(reader.losses().damage.bytes, 0U);
}

TEST_F(JournalReader, ASegmentWithoutAHeadIsPassedOverWhenAnotherFollows) {
  put(1, std::string(500, 'z'));
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), Records{});
  put(2, segment(2, 1, {"one"}));
  EXPECT_EQ(all_of(reader), Records{"one"});
  EXPECT_EQ(reader.losses().damage.bytes, 500 - kHeadBytes);
}

TEST_F(JournalReader, RoomBehindASegmentThatAnotherFollowsIsNoDamage) {
  put(1, segment(1, 1, {"a", "b"}) + std::string(1 << 20, '\0'));
  put(2, segment(2, 3, {"c"}));
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), (Records{"a", "b", "c"}));
  EXPECT_EQ(reader.losses().damage.bytes, 0U);
}

TEST_F(JournalReader, ASegmentThatStandsReadyIsNotGoneToBeforeItHasAHead) {
  const auto whole = segment(1, 1, {"a", "b"});
  const auto first = kHeadBytes + kFrameHeadBytes + 1;
  put(1, whole.substr(0, first) + std::string(1 << 16, '\0'));
  put(2, std::string(1 << 16, '\0'));
  Reader reader(folder_.path(), {});
  EXPECT_EQ(all_of(reader), Records{"a"});
  put(1, whole + std::string(1 << 16, '\0'));
  EXPECT_EQ(all_of(reader), Records{"b"});
  put(2, segment(2, 3, {"c"}));
  EXPECT_EQ(all_of(reader), Records{"c"});
  EXPECT_EQ(reader.losses().damage.bytes, 0U);
  EXPECT_EQ(reader.losses().records, 0U);
}

// Numbers do not come again: a reader may have them.
TEST_F(JournalReader, RecoveryEmptiesSegmentsThatStoodReadyAndCutsTheOneBefore) {
  put(1, segment(1, 1, {"a", "b"}) + "torn" + std::string(1 << 16, '\0'));
  put(2, std::string(1 << 16, '\0'));
  put(3, "");
  auto recovered = recover(folder_.path());
  ASSERT_TRUE(recovered) << recovered.error().told;
  EXPECT_EQ(recovered->last_segment, 3U);
  EXPECT_EQ(recovered->next_sequence, 3U);
  EXPECT_EQ(recovered->records, 2U);
  EXPECT_EQ(recovered->cut, 4U);
  EXPECT_EQ(*list_segments(folder_.path()), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(bytes_of_segments(folder_.path(), 4), segment(1, 1, {"a", "b"}).size());
}

TEST_F(JournalReader, AnotherJournalInItsPlaceIsReadFromTheBeginning) {
  put(1, segment(1, 1, {"one"}));
  Reader reader(folder_.path(), {.segment = 9, .offset = 4000, .sequence = 77});
  EXPECT_EQ(all_of(reader), Records{"one"});
}

TEST_F(JournalReader, RemovesWhatWasRead) {
  put(1, segment(1, 1, {"a"}));
  put(2, segment(2, 2, {"b"}));
  put(3, segment(3, 3, {"c"}));
  Reader reader(folder_.path(), {});
  EXPECT_EQ(reader.read(2, 1000)->size(), 2U);
  EXPECT_TRUE(reader.remove_before(reader.position()));
  EXPECT_EQ(*list_segments(folder_.path()), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(all_of(reader), Records{"c"});
}

TEST_F(JournalReader, APositionIsKeptInAFile) {
  auto file = folder_.file("position");
  EXPECT_EQ(*load_position(file), Position{});
  Position position{3, 12345, 99};
  ASSERT_TRUE(save_position(file, position));
  EXPECT_EQ(*load_position(file), position);
  auto bytes = bytes_of(file);
  for (std::size_t at = 0; at + 1 < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= 1;
    write_bytes(file, damaged);
    EXPECT_FALSE(load_position(file)) << at;
  }
}

}  // namespace
}  // namespace sluice::journal::reader_test
