// Which values of a dimension get sums of their own: of users and tags, which callers choose, only the first thousands
// of a day; what comes after them is added up as kOthers. What cost nothing takes no more than half of these places, so
// that requests which are refused leave room. What each of the others cost is kept apart, as long as rows are, in a
// dimension of its own: budgets are asked for by value.
//
// Thread rule: that of its database, which outlives it. Memory is bounded: the values of the last days that were asked.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "store/sqlite/database.h"
#include "store/sums.h"

namespace sluice::store::sqlite {

class Values {
 public:
  static constexpr std::size_t kMostValues = 10'000;    // of a dimension and day
  static constexpr std::size_t kMostDimensions = 100;   // of a day; of further ones all values are others
  static constexpr std::string_view kApart = "apart:";  // and a dimension: what its others cost

  static Result<std::unique_ptr<Values>> prepare(Database& database);
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  static bool is_bounded(std::string_view dimension) {
    return dimension == "user" || dimension.starts_with(kTagPrefix);
  }
  enum class Use : std::uint8_t { kSpent, kIdle, kFind };  // it cost something, or nothing; nothing new is let in
  // The value as it is added up: itself or kOthers. `day`: since 1970.
  Result<std::string_view> summed(std::string_view dimension, std::int64_t day, std::string_view value, Use use);

 private:
  using Known = std::set<std::string, std::less<>>;
  using Day = std::map<std::string, Known, std::less<>>;  // by dimension

  Values() = default;
  Result<Known*> known(std::string_view dimension, std::int64_t day, Use use);

  std::map<std::int64_t, Day> days_;
  std::unique_ptr<Statement> read_;
};

}  // namespace sluice::store::sqlite
