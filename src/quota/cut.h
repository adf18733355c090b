// Where the books of a budget begin: what was written down before a cut is asked of the ledger and the journal, what is
// set aside after it is counted as it is settled.
//
// What falls between (set aside before, written down after) is counted by its row: Book::count_late(). So each row
// counts once, whenever a budget is made or asks anew.
//
// Thread rule: any thread. Lifetime: the Book's; whoever says the last row outlives it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace sluice::quota {

struct Cut {
  std::uint64_t number = 0;  // of the cuts made so far; 0: none was made
  std::uint64_t row = 0;     // the last one of the journal that is before it
};

class Cuts {
 public:
  // The number of the row that was appended last; set before the first request. Without it rows have no numbers.
  void rows_from(std::function<std::uint64_t()> last_row) { last_row_ = std::move(last_row); }

  // The number first: who has appended a row and sees the old number is before the cut.
  Cut make() {
    const auto number = made_.fetch_add(1) + 1;
    return {number, last_row_ ? last_row_() : 0};
  }
  std::uint64_t made() const { return made_.load(); }

 private:
  std::atomic<std::uint64_t> made_{0};
  std::function<std::uint64_t()> last_row_;
};

}  // namespace sluice::quota
