#include "store/sqlite/values.h"

#include "store/ledger.h"

namespace sluice::store::sqlite {

namespace {

constexpr std::size_t kMostDays = 4;  // in memory; they are read again when they are needed
constexpr std::int64_t kDay = 96;     // in spans
static_assert(kDay * kSpanUs == 86'400'000'000);

std::size_t places(std::size_t most, Values::Use use) {
  return use == Values::Use::kIdle ? most / 2 : most;
}

}  // namespace

Result<std::unique_ptr<Values>> Values::prepare(Database& database) {
  auto read =
      Statement::prepare(database,
                         "SELECT DISTINCT value FROM sum WHERE dimension = ? AND level = 0 AND span >= ? AND span < ? "
                         "LIMIT ?");
  if (!read) return fail_from(read);
  std::unique_ptr<Values> values(new Values());
  values->read_ = std::move(*read);
  return values;
}

// Null: there are too many dimensions already.
Result<Values::Known*> Values::known(std::string_view dimension, std::int64_t day, Use use) {
  if (!days_.contains(day) && days_.size() == kMostDays) {
    const bool oldest_goes = days_.begin()->first < day;
    days_.erase(oldest_goes ? days_.begin() : std::prev(days_.end()));
  }
  auto& dimensions = days_[day];
  if (auto found = dimensions.find(dimension); found != dimensions.end()) return &found->second;
  if (dimensions.size() >= places(kMostDimensions, use)) return nullptr;
  Known known;
  const Value values[] = {dimension, day * kDay, (day + 1) * kDay, static_cast<std::int64_t>(kMostValues + 1)};
  auto status = read_->run(values, [&](const Row& row) { known.insert(row.text(0)); });
  if (!status) return fail_from(status);
  return &dimensions.emplace(dimension, std::move(known)).first->second;
}

Result<std::string_view> Values::summed(std::string_view dimension, std::int64_t day, std::string_view value, Use use) {
  if (!is_bounded(dimension)) return value;
  if (value == kOthers) return kOthers;  // a text like any other: what it cost is kept apart
  auto among = known(dimension, day, use);
  if (!among) return fail_from(among);
  if (*among == nullptr) return kOthers;
  if ((*among)->contains(value)) return value;
  if (use == Use::kFind || (*among)->size() >= places(kMostValues, use)) return kOthers;
  (*among)->emplace(value);
  return value;
}

}  // namespace sluice::store::sqlite
