#include "store/ingest.h"

#include <gtest/gtest.h>

#include "base/journal/folder_test.h"
#include "base/journal/writer.h"
#include "store/memory/memory_ledger.h"
#include "store/record.h"
#include "store/rows_test.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::store::ingest_test {
namespace {

// A store that fails as often as it is told to, and refuses rows of the key "poison".
class Moody final : public Ledger {
 public:
  Status insert(std::span<const ExchangeView> rows, const journal::Position& position) override {
    most_rows = std::max<std::size_t>(most_rows, rows.size());
    if (failing || rows.size() > room) {
      return fail(Fault{.kind = FaultKind::kOverloaded, .told = "locked", .retry = Retry::kSame});
    }
    for (const auto& row : rows) {
      if (row.key == "poison") return fail(FaultKind::kInternal, "no");
    }
    return kept.insert(rows, position);
  }
  Status sync() override {
    if (unsyncable) return fail(Fault{.kind = FaultKind::kOverloaded, .told = "the disk", .retry = Retry::kSame});
    ++syncs;
    return {};
  }
  Result<journal::Position> position() override {
    if (failing) return fail(Fault{.kind = FaultKind::kOverloaded, .told = "locked", .retry = Retry::kSame});
    return kept.position();
  }
  Result<std::optional<ExchangeRow>> find(std::string_view id) override { return kept.find(id); }
  Result<std::optional<ExchangeRow>> find_kept(std::string_view id) override { return kept.find_kept(id); }
  Result<Page> page(const PageQuery& query) override { return kept.page(query); }
  Result<std::vector<PeriodSum>> sums(const SumQuery& query) override { return kept.sums(query); }
  Result<Told> each_cost(const SumQuery& query, const VisitCost& visit) override {
    return kept.each_cost(query, visit);
  }
  Result<std::size_t> remove_before(std::int64_t time_us, std::size_t most) override {
    most_removed = std::max<std::size_t>(most_removed, most);
    if (failing) return fail(Fault{.kind = FaultKind::kOverloaded, .told = "locked", .retry = Retry::kSame});
    return kept.remove_before(time_us, most);
  }
  Result<std::int64_t> kept_from() override { return kept.kept_from(); }
  Result<std::size_t> correct(std::span<const Correction> corrections, std::int64_t now_us) override {
    return kept.correct(corrections, now_us);
  }
  Result<std::int64_t> corrections() override { return kept.corrections(); }

  MemoryLedger kept{1'000'000};
  std::atomic<bool> failing{false}, unsyncable{false};
  std::atomic<int> syncs{0};
  std::atomic<std::size_t> room{SIZE_MAX};  // rows it takes at once
  std::atomic<std::size_t> most_rows{0}, most_removed{0};
};

class IngestTest : public ::testing::Test {
 protected:
  IngestTest() {
    auto writer = journal::Writer::open(journal_);
    EXPECT_TRUE(writer);
    writer_ = std::move(*writer);
  }
  void append(std::int64_t from, std::int64_t to) {
    for (auto i = from; i < to; ++i) ASSERT_NE(writer_->append(to_record(small_row(i, i))), 0U);
    ASSERT_TRUE(writer_->flush(Ms(10'000)));
  }
  static std::int64_t exchanges(Ledger& ledger) {
    auto sums = ledger.sums({"all", {0, 1'000'000'000}});
    return sums && !sums->empty() ? sums->front().sum.exchanges : 0;
  }
  // But for the segment that is written, and one that stands ready.
  bool is_removed() const {
    const auto until = now() + Ms(5000);
    while (journal::list_segments(journal_.directory)->size() > 2 && now() < until) std::this_thread::yield();
    return now() < until;
  }
  IngestOptions options() const {
    return {.directory = journal_.directory,
            .writer = writer_.get(),
            .look_every = Ms(5),
            .first_pause = Ms(5),
            .most_pause = Ms(10),
            .batch_rows = 100};
  }

  journal::Folder folder_;
  journal::Options journal_{.directory = folder_.file("journal"), .interval = Ms(10), .segment_bytes = 20'000};
  std::unique_ptr<journal::Writer> writer_;
  Moody ledger_;
};

TEST_F(IngestTest, MovesWhatIsThereAndWhatComes) {
  append(0, 500);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 500);
  append(500, 700);
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 700);
  EXPECT_EQ(ingest.stats().rows, 700U);
  EXPECT_EQ(ingest.stats().lag_us, 0);
  EXPECT_EQ(ledger_.find(small_row(699, 0).id)->value(), small_row(699, 699));
}

TEST_F(IngestTest, RemovesSegmentsThatAreInTheStore) {
  append(0, 50);
  for (int i = 50; i < 2000; i += 50) append(i, i + 50);
  EXPECT_GT(journal::list_segments(journal_.directory)->size(), 5U);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_TRUE(is_removed());
}

TEST_F(IngestTest, TheJournalIsKeptUntilTheStoreIsOnItsDisk) {
  for (int i = 0; i < 2000; i += 50) append(i, i + 50);
  const auto before = journal::list_segments(journal_.directory)->size();
  ledger_.unsyncable = true;
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 2000);
  EXPECT_GT(ingest.stats().failures, 0U);
  EXPECT_GE(journal::list_segments(journal_.directory)->size(), before);
  ledger_.unsyncable = false;
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_TRUE(is_removed());
}

TEST_F(IngestTest, ManyBatchesAreSyncedTogether) {
  append(0, 5000);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_GE(ledger_.syncs, 1);
  EXPECT_LT(ledger_.syncs, 25);  // of 50 batches
}

TEST_F(IngestTest, AStoreThatFailsForLongCostsNothingButTime) {
  ledger_.failing = true;
  append(0, 1000);
  Ingest ingest(ledger_, options());
  EXPECT_FALSE(ingest.drain(Ms(100)));
  append(1000, 3000);
  ledger_.failing = false;
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  ledger_.failing = true;
  append(3000, 4000);
  EXPECT_FALSE(ingest.drain(Ms(100)));
  EXPECT_GT(ingest.stats().failures, 1U);
  EXPECT_GT(ingest.stats().lag_us, 0);
  EXPECT_LE(ledger_.most_rows, 100U);  // what is in memory does not grow
  ledger_.failing = false;
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 4000);
}

TEST_F(IngestTest, AStoreWithLittleRoomGetsFewRowsAtOnce) {
  ledger_.room = 200;
  append(0, 2000);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(20'000)));
  EXPECT_EQ(exchanges(ledger_), 2000);
  EXPECT_EQ(ingest.stats().rows, 2000U);
}

TEST_F(IngestTest, GoesOnWhereTheStoreSaysAfterAnyEnd) {
  auto opened = SqliteLedger::open(folder_.file("ledger.db"));
  ASSERT_TRUE(opened);
  for (int round = 0; round < 10; ++round) {
    Ingest ingest(**opened, options());
    append(round * 200, round * 200 + 200);  // ended somewhere in between
  }
  Ingest last(**opened, options());
  ASSERT_TRUE(last.drain(Ms(20'000)));
  EXPECT_EQ(exchanges(**opened), 2000);
}

TEST_F(IngestTest, ARowThatIsRefusedIsCountedAndTheOthersAreKept) {
  append(0, 10);
  auto poison = small_row(10, 10);
  poison.key = "poison";
  writer_->append(to_record(poison));
  append(11, 50);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 49);
  EXPECT_EQ(ingest.stats().refused, 1U);
}

TEST_F(IngestTest, ARecordThatIsNoRowIsPassedOver) {
  append(0, 5);
  writer_->append("\x63 what is this");
  append(5, 10);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 10);
  EXPECT_EQ(ingest.stats().unreadable, 1U);
}

TEST_F(IngestTest, DamageOfTheJournalIsCounted) {
  append(0, 10);
  writer_.reset();
  auto path = journal::segment_path(journal_.directory, journal::list_segments(journal_.directory)->front());
  auto bytes = journal::bytes_of(path);
  bytes[bytes.size() / 2] ^= 1;
  journal::write_bytes(path, bytes);
  Ingest ingest(ledger_, options());
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  EXPECT_EQ(exchanges(ledger_), 9);
  EXPECT_EQ(ingest.stats().missing, 1U);
  EXPECT_GT(ingest.stats().damaged, 0U);
}

TEST_F(IngestTest, RemovesWhatWasKeptLongEnoughInSmallSteps) {
  append(0, 950);  // of 1970
  auto fresh =
      small_row(950, std::chrono::duration_cast<std::chrono::microseconds>(wall_now().time_since_epoch()).count());
  writer_->append(to_record(fresh));
  ASSERT_TRUE(writer_->flush(Ms(10'000)));
  auto keeping = options();
  keeping.keep = Ms(3'600'000);
  keeping.remove_every = Ms(20);
  keeping.remove_rows = 50;
  Ingest ingest(ledger_, keeping);
  ASSERT_TRUE(ingest.drain(Ms(10'000)));
  const auto limit = now() + Ms(10'000);
  while (ingest.stats().removed < 950 && now() < limit) std::this_thread::sleep_for(Ms(5));
  EXPECT_EQ(ingest.stats().removed, 950U);
  EXPECT_EQ(ledger_.most_removed, 50U);
  EXPECT_FALSE(ledger_.find(small_row(3, 3).id)->has_value());
  EXPECT_TRUE(ledger_.find(fresh.id)->has_value());
  EXPECT_EQ(ledger_.sums({"all", {0, kSpanUs}})->front().sum.exchanges, 950);  // their sums stay
}

TEST_F(IngestTest, EndsAtOnceWhileTheStoreFails) {
  append(0, 10);
  ledger_.failing = true;
  auto slow = options();
  slow.first_pause = slow.most_pause = Ms(60'000);
  auto began = now();
  {
    Ingest ingest(ledger_, slow);
  }
  EXPECT_LT(now() - began, Ms(5000));
}

}  // namespace
}  // namespace sluice::store::ingest_test
