#include "store/sqlite/sum_levels.h"

#include <fmt/format.h>

#include "store/sqlite/fields.h"
#include "store/sqlite/row_reader.h"

namespace sluice::store::sqlite {

namespace {

std::string summed(const std::string& name) {
  return fmt::format("SUM(sum.{})", quoted(name));
}

// Parameters: the level, its spans' width in those of the level below, the first span of that level and the one to end
// before. Sums are ordered by dimension first, so each is looked for by itself.
std::string add_up_text() {
  const auto names = columns_of<Sum>();
  return fmt::format(
      "WITH RECURSIVE known (name) AS (SELECT MIN(dimension) FROM sum UNION ALL "
      "SELECT (SELECT MIN(dimension) FROM sum WHERE dimension > known.name) FROM known WHERE known.name IS NOT NULL) "
      "INSERT INTO sum (dimension, level, span, value, {}) SELECT sum.dimension, ?1, sum.span / ?2, sum.value, {} "
      "FROM known CROSS JOIN sum WHERE sum.dimension = known.name AND sum.level = ?1 - 1 AND sum.span >= ?3 AND "
      "sum.span < ?4 GROUP BY sum.dimension, sum.span / ?2, sum.value",
      joined(names, quoted), joined(names, summed));
}

}  // namespace

Result<std::unique_ptr<Statement>> SumLevels::prepare_until(Database& database) {
  return Statement::prepare(database, "SELECT level, until_span FROM sum_level");
}

Result<Until> SumLevels::until(Statement& prepared) {
  Until until{INT64_MAX};  // the shortest have all
  auto status = prepared.run({}, [&](const Row& row) {
    const auto level = static_cast<std::size_t>(row.number(0));
    if (level > 0 && level < until.size()) until[level] = row.number(1);
  });
  if (!status) return fail_from(status);
  return until;
}

Result<std::unique_ptr<SumLevels>> SumLevels::prepare(Database& database) {
  std::unique_ptr<SumLevels> levels(new SumLevels());
  auto until = prepare_until(database);
  if (!until) return fail_from(until);
  levels->until_ = std::move(*until);
  const Wanted wanted[] = {
      {levels->add_up_, add_up_text()},
      {levels->keep_, "INSERT OR REPLACE INTO sum_level (level, until_span) VALUES (?, ?)"},
  };
  if (auto prepared = prepare_all(database, wanted); !prepared) return fail_from(prepared);
  return levels;
}

Status SumLevels::advance(const Until& until, std::int64_t newest) {
  for (std::size_t level = 1; level < kWidths.size(); ++level) {
    const auto number = static_cast<std::int64_t>(level);
    const auto end = newest / kWidths[level], ratio = kWidths[level] / kWidths[level - 1];
    if (end <= until[level]) continue;
    const Value spans[] = {number, ratio, until[level] * ratio, end * ratio};
    if (auto done = add_up_->run(spans); !done) return done;
    const Value kept[] = {number, end};
    if (auto done = keep_->run(kept); !done) return done;
  }
  return {};
}

}  // namespace sluice::store::sqlite
