#include "store/sqlite/sqlite_ledger.h"

namespace sluice::store {

namespace {

Failure only_read() {
  return fail(FaultKind::kInternal, "The ledger was opened to be read only.");
}

}  // namespace

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::string& path) {
  auto writer = sqlite::LedgerWriter::open(path);
  if (!writer) return fail_from(writer);
  auto reader = sqlite::LedgerReader::open(path);
  if (!reader) return fail_from(reader);
  return std::unique_ptr<SqliteLedger>(new SqliteLedger(std::move(*writer), std::move(*reader)));
}

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open_to_read(const std::string& path) {
  auto reader = sqlite::LedgerReader::open(path);
  if (!reader) {
    return fail(FaultKind::kInvalidConfig,
                "'" + path + "' cannot be read as a ledger: " + reader.error().told + " " + reader.error().detail);
  }
  return std::unique_ptr<SqliteLedger>(new SqliteLedger(nullptr, std::move(*reader)));
}

Status SqliteLedger::insert(std::span<const ExchangeView> rows, const journal::Position& position) {
  std::lock_guard lock(write_mutex_);
  if (!writer_) return only_read();
  return writer_->insert(rows, position);
}

Status SqliteLedger::sync() {
  std::lock_guard lock(write_mutex_);
  if (!writer_) return only_read();
  return writer_->sync();
}

Result<journal::Position> SqliteLedger::position() {
  std::lock_guard lock(read_mutex_);
  return reader_->position();
}

Result<std::optional<ExchangeRow>> SqliteLedger::find(std::string_view id) {
  std::lock_guard lock(read_mutex_);
  return reader_->find(id);
}

Result<std::optional<ExchangeRow>> SqliteLedger::find_kept(std::string_view kept_id) {
  std::lock_guard lock(read_mutex_);
  return reader_->find_kept(kept_id);
}

Result<Page> SqliteLedger::page(const PageQuery& query) {
  if (auto fine = check(query); !fine) return fail_from(fine);
  std::lock_guard lock(read_mutex_);
  return reader_->page(query);
}

Result<std::vector<PeriodSum>> SqliteLedger::sums(const SumQuery& query) {
  std::lock_guard lock(read_mutex_);
  return reader_->sums(query);
}

Result<Ledger::Told> SqliteLedger::each_cost(const SumQuery& query, const VisitCost& visit) {
  std::lock_guard lock(read_mutex_);
  return reader_->each_cost(query, visit);
}

// Whole spans of sums: the rows of none are gone in part.
Result<std::size_t> SqliteLedger::remove_before(std::int64_t time_us, std::size_t most) {
  std::lock_guard lock(write_mutex_);
  if (!writer_) return only_read();
  return writer_->remove_before(span_of(time_us) * kSpanUs, most);
}

Result<std::int64_t> SqliteLedger::kept_from() {
  std::lock_guard lock(read_mutex_);
  return reader_->kept_from();
}

Result<std::size_t> SqliteLedger::correct(std::span<const Correction> corrections, std::int64_t now_us) {
  std::lock_guard lock(write_mutex_);
  if (!writer_) return only_read();
  return writer_->correct(corrections, now_us);
}

Result<std::int64_t> SqliteLedger::corrections() {
  std::lock_guard lock(read_mutex_);
  return reader_->corrections();
}

}  // namespace sluice::store
