#include "store/sqlite/sqlite_ledger.h"

namespace sluice::store {

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& path) {
  auto writer = sqlite::LedgerWriter::open(path);
  if (!writer) return fail_from(writer);
  auto reader = sqlite::LedgerReader::open(path);
  if (!reader) return fail_from(reader);
  return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::move(*writer), std::move(*reader)));
}

Status SqliteLedger::insert(std::span<const ExchangeRow> rows, const journal::Position& position) {
  std::lock_guard lock(write_mutex_);
  return writer_->insert(rows, position);
}

Result<journal::Position> SqliteLedger::position() {
  std::lock_guard lock(read_mutex_);
  return reader_->position();
}

Result<std::optional<ExchangeRow>> SqliteLedger::find(std::string_view id) {
  std::lock_guard lock(read_mutex_);
  return reader_->find(id);
}

Result<Page> SqliteLedger::page(const PageQuery& query) {
  if (auto fine = check(query); !fine) return fail_from(fine);
  std::lock_guard lock(read_mutex_);
  return reader_->page(query);
}

Result<std::vector<PeriodSum>> SqliteLedger::sums(const SumQuery& query) {
  if (auto fine = check(query); !fine) return fail_from(fine);
  std::lock_guard lock(read_mutex_);
  return reader_->sums(query);
}

}  // namespace sluice::store
