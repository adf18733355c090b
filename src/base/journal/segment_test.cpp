#include "base/journal/segment.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/crc32c.h"

namespace sluice::journal::segment_test {
namespace {

constexpr std::uint64_t kSalt = 0x1234'5678'9abc'def0;

std::string frames(const std::vector<std::string>& records) {
  std::string bytes;
  std::uint64_t sequence = 0;
  for (const auto& record : records) append_frame(bytes, record, checksum(record, kSalt), ++sequence, kSalt);
  return bytes;
}

std::vector<std::string> found_in(std::string_view bytes) {
  std::vector<std::string> records;
  for (auto found = find_frame(bytes, kSalt); found.frame; found = find_frame(bytes, kSalt)) {
    records.emplace_back(found.frame->record);
    bytes.remove_prefix(found.skipped + found.frame->size());
  }
  return records;
}

TEST(JournalSegment, AHeadIsReadFromEitherOfItsCopies) {
  Head head{7, 1000, kSalt};
  std::string bytes;
  append_head(bytes, head);
  ASSERT_EQ(bytes.size(), kHeadBytes);
  for (std::size_t at = 0; at < kHeadBytes; ++at) {
    auto damaged = bytes;
    damaged[at] ^= 0x10;
    EXPECT_EQ(read_head(damaged), head) << at;
  }
  auto both = bytes;
  both[20] ^= 1;
  both[60] ^= 1;
  EXPECT_EQ(read_head(both).error(), HeadProblem::kDamaged);
  EXPECT_EQ(read_head(bytes.substr(0, kHeadBytes - 1)).error(), HeadProblem::kDamaged);
}

TEST(JournalSegment, AHeadOfANewerVersionIsNotDamage) {
  std::string bytes;
  append_head(bytes, {7, 1000, kSalt});
  for (std::size_t copy : {0, 40}) {
    bytes[copy + 8] = 2;
    auto sum = crc32c(std::string_view(bytes).substr(copy, 36));
    for (std::size_t i = 0; i < 4; ++i) bytes[copy + 36 + i] = static_cast<char>(sum >> (8 * i));
  }
  EXPECT_EQ(read_head(bytes).error(), HeadProblem::kNewer);
}

TEST(JournalSegment, FramesAreReadBack) {
  auto bytes = frames({"one", std::string(1000, 'x'), std::string("\0\xff", 2)});
  EXPECT_EQ(frame_size(bytes), kFrameHeadBytes + 3);
  EXPECT_EQ(frame_sequence(bytes), 1U);
  EXPECT_EQ(found_in(bytes), (std::vector<std::string>{"one", std::string(1000, 'x'), std::string("\0\xff", 2)}));
}

TEST(JournalSegment, EveryFlippedBitCostsItsRecordAndNoOther) {
  const std::vector<std::string> records{"first", "second", "third"};
  auto bytes = frames(records);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    auto left = found_in(damaged);
    auto hit = bit / 8 < 25 ? 0U : bit / 8 < 51 ? 1U : 2U;
    auto expected = records;
    expected.erase(expected.begin() + hit);
    EXPECT_EQ(left, expected) << bit;
  }
}

TEST(JournalSegment, ARecordCannotPassForAFrameOfAnotherSalt) {
  std::string inner;
  append_frame(inner, "forged", checksum("forged", kSalt + 1), 9, kSalt + 1);
  auto bytes = frames({inner, "true"});
  bytes[0] ^= 1;  // the frame around it is damaged, so its record is searched
  EXPECT_EQ(found_in(bytes), std::vector<std::string>{"true"});
}

}  // namespace
}  // namespace sluice::journal::segment_test
