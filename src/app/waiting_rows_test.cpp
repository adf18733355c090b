#include "app/waiting_rows.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/journal/reader.h"
#include "store/memory/memory_ledger.h"
#include "store/record.h"
#include "store/rows_test.h"

namespace sluice::app::waiting_rows_test {
namespace {

class WaitingRowsTest : public ::testing::Test {
 protected:
  WaitingRowsTest() {
    directory_ = std::filesystem::temp_directory_path() / ("sluice-waiting-" + std::to_string(::getpid()));
    std::filesystem::remove_all(directory_);
    auto writer = journal::Writer::open({.directory = directory_.string()});
    EXPECT_TRUE(writer);
    writer_ = std::move(*writer);
  }
  ~WaitingRowsTest() override {
    writer_.reset();
    std::filesystem::remove_all(directory_);
  }
  std::uint64_t append(const std::string& id) { return writer_->append(store::to_record(row(id))); }
  static store::ExchangeRow row(const std::string& id) { return {.id = id, .key = "web"}; }
  std::vector<std::string> waiting(std::uint64_t last) {
    EXPECT_TRUE(writer_->flush(Ms(5'000)));
    std::vector<std::string> ids;
    auto visit = [&](const store::ExchangeRow& one, std::uint64_t number) {
      EXPECT_LE(number, last);
      ids.push_back(one.id);
    };
    EXPECT_TRUE(each_waiting(ledger_, {directory_.string(), writer_.get(), last}, visit));
    return ids;
  }

  std::filesystem::path directory_;
  std::unique_ptr<journal::Writer> writer_;
  store::MemoryLedger ledger_{100};
};

TEST_F(WaitingRowsTest, AreThoseBehindTheLedgersPositionUpToTheLast) {
  append("a");
  const auto last = append("b");
  EXPECT_EQ(writer_->last(), last);
  append("c");
  EXPECT_EQ(waiting(last), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(writer_->flush(Ms(5'000)));
  journal::Reader reader(directory_.string(), {}, writer_.get());
  ASSERT_TRUE(reader.read(1, 1));
  const auto stored = row("a");
  ASSERT_TRUE(ledger_.insert(store::views_of({&stored, 1}), reader.position()));
  EXPECT_EQ(waiting(writer_->last()), (std::vector<std::string>{"b", "c"}));
}

TEST_F(WaitingRowsTest, AreEachOnceAndNotThoseOfABatchThatTheLedgerHasInPart) {
  append("a");
  append("b");
  append("b");
  const auto stored = row("a");
  ASSERT_TRUE(ledger_.insert(store::views_of({&stored, 1}), {}));
  EXPECT_EQ(waiting(writer_->last()), std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace sluice::app::waiting_rows_test
