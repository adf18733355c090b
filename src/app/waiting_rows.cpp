#include "app/waiting_rows.h"

#include <unordered_set>
#include <utility>

#include "base/journal/reader.h"
#include "store/ingest.h"
#include "store/record.h"

namespace sluice::app {

namespace {

// A batch may be in the ledger in part, with the position before it: so many rows behind the position are looked up.
const std::size_t kLookedUp = store::IngestOptions().batch_rows;

// The ids that came last: a failing disk makes the journal's writer write a group twice.
class Seen {
 public:
  bool add(const std::string& id) {
    if (before_.contains(id) || !now_.insert(id).second) return false;
    if (now_.size() >= kMost) before_ = std::exchange(now_, {});
    return true;
  }

 private:
  static constexpr std::size_t kMost = 50'000;  // more than a group has
  std::unordered_set<std::string> now_, before_;
};

}  // namespace

Status each_waiting(store::Ledger& ledger, const WaitingRows& rows,
                    const std::function<void(const store::ExchangeRow& row, std::uint64_t number)>& visit) {
  auto position = ledger.position();
  if (!position) return fail_from(position);
  journal::Reader reader(rows.directory, *position, rows.writer);
  Seen seen;
  for (std::size_t count = 0;; ++count) {
    auto records = reader.read(1, 1);
    if (!records) return fail_from(records);
    const auto number = reader.position().sequence;
    if (records->empty() || number > rows.last) return {};
    const auto row = store::from_record(records->front());
    if (!row || !seen.add(row->id)) continue;
    if (count < kLookedUp) {
      auto there = ledger.find(row->id);
      if (!there) return fail_from(there);
      if (*there) continue;
    }
    visit(*row, number);
  }
}

}  // namespace sluice::app
