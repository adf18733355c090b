// Which values of a dimension get sums of their own: of users and tags, which callers choose, only the first thousands
// of a day; what comes after them is added up as kOthers.
//
// Thread rule: that of its database, which outlives it. Memory is bounded: the values of the last days that were asked.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "store/sqlite/database.h"

namespace sluice::store::sqlite {

class Values {
 public:
  static constexpr std::size_t kMostValues = 10'000;   // of a dimension and day
  static constexpr std::size_t kMostDimensions = 100;  // of a day; of further ones all values are others

  static Result<std::unique_ptr<Values>> prepare(Database& database);
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  enum class Use : std::uint8_t { kAdd, kFind };
  // The value as it is added up: itself or kOthers. `day`: since 1970. With kFind nothing new is let in.
  Result<std::string_view> summed(std::string_view dimension, std::int64_t day, std::string_view value, Use use);

 private:
  using Known = std::set<std::string, std::less<>>;
  using Day = std::map<std::string, Known, std::less<>>;  // by dimension

  Values() = default;
  Result<Known*> known(std::string_view dimension, std::int64_t day);

  std::map<std::int64_t, Day> days_;
  std::unique_ptr<Statement> read_;
};

}  // namespace sluice::store::sqlite
