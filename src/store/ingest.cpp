#include "store/ingest.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/thread.h"
#include "base/time_text.h"
#include "store/record.h"

namespace sluice::store {

namespace {

constexpr Ms kComplainEvery{10'000};
constexpr std::size_t kFewRows = 100;

// Of a thread that may hardly get the processor: it holds the store's lock as long as it takes.
constexpr std::size_t kRowsInPassing = 750;
constexpr std::int64_t kLateUs = 2'000'000;

// Requests go before books: where both want the processor, rows wait on the disk a little longer.
void give_way() {
  sched_param none{};
  if (::sched_setscheduler(0, SCHED_IDLE, &none) != 0)
    log::write(log::Level::kDebug, "the ledger's thread keeps its usual priority");
}

void step_back() {
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 10) != 0)
    log::write(log::Level::kDebug, "the ledger's other thread keeps its usual priority");
}

}  // namespace

Ingest::Ingest(Ledger& ledger, IngestOptions options) : ledger_(ledger), options_(std::move(options)) {
  passing_ = named_thread("ledger", [this] { work(Turn::kInPassing); });
  hurrying_ = named_thread("ledger late", [this] { work(Turn::kHurrying); });
}

Ingest::~Ingest() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
}

// A pass that begins after now and finds nothing has seen the end; the one under way may have looked too early.
bool Ingest::drain(Ms limit) {
  std::unique_lock lock(mutex_);
  auto enough = idle_passes_ + 2;
  ++hurried_;
  changed_.notify_all();
  const bool drained = changed_.wait_for(lock, limit, [&] { return idle_passes_ >= enough; });
  --hurried_;
  return drained;
}

Ingest::Stats Ingest::stats() const {
  auto since = waiting_since_us_.load();
  return {.rows = rows_,
          .failures = failures_,
          .refused = refused_,
          .unreadable = unreadable_,
          .removed = removed_,
          .missing = missing_,
          .damaged = damaged_,
          .lag_us = since == 0 ? 0 : std::max<std::int64_t>(0, wall_us() - since)};
}

void Ingest::work(Turn mine) {
  mine == Turn::kInPassing ? give_way() : step_back();
  const auto most = mine == Turn::kInPassing ? std::min(kRowsInPassing, options_.batch_rows) : options_.batch_rows;
  while (wait_for(mine)) {
    if (!reader_ && !begin()) return;
    const auto end = pass(most);
    const bool removed = remove_old();
    sync(end);
    {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      if (end == End::kNothing) ++idle_passes_;
      turn_ = turn_after(mine, end);
    }
    changed_.notify_all();
    if (end == End::kMoved || removed) continue;
    if (!(end == End::kFailed ? wait(options_.look_every) : rest())) return;
  }
}

// False: it was stopped.
bool Ingest::wait_for(Turn mine) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || turn_ == mine; });
  return !stopping_;
}

// Who is late hurries until nothing waits.
Ingest::Turn Ingest::turn_after(Turn mine, End end) const {
  if (end == End::kFailed) return mine;
  if (end != End::kMoved) return Turn::kInPassing;
  return wall_us() - waiting_since_us_ > kLateUs ? Turn::kHurrying : mine;
}

// True: there may be more of them.
bool Ingest::remove_old() {
  if (options_.keep.count() == 0 || now() < next_removal_) return false;
  const auto keep_us = std::chrono::duration_cast<std::chrono::microseconds>(options_.keep).count();
  auto removed = ledger_.remove_before(wall_us() - keep_us, options_.remove_rows);
  if (!removed) complain("old rows of the ledger cannot be removed", removed.error());
  if (removed) removed_.fetch_add(*removed);
  if (removed && *removed >= options_.remove_rows) return true;
  next_removal_ = now() + options_.remove_every;
  return false;
}

// False: it was stopped before the store said where to begin.
bool Ingest::begin() {
  for (Ms pause = options_.first_pause;; pause = std::min(2 * pause, options_.most_pause)) {
    auto position = ledger_.position();
    if (position) {
      stored_ = *position;
      reader_ = std::make_unique<journal::Reader>(options_.directory, stored_, options_.writer);
      return true;
    }
    failures_.fetch_add(1);
    complain("the ledger's store does not answer; records wait in the journal", position.error());
    if (!wait(pause)) return false;
  }
}

// Moves one batch.
Ingest::End Ingest::pass(std::size_t most) {
  auto records = reader_->read(most, options_.batch_bytes);
  if (!records) {
    failures_.fetch_add(1);
    complain("the journal cannot be read", records.error());
    return End::kFailed;
  }
  count_losses();
  if (records->empty()) {
    waiting_since_us_ = 0;
    return End::kNothing;
  }
  const auto rows = rows_in(*records);
  if (!rows.empty()) waiting_since_us_ = rows.front().arrived_us + rows.front().duration_us;
  if (!insert(rows, reader_->position())) return End::kFailed;
  stored_ = reader_->position();
  rows_.fetch_add(rows.size());
  unsynced_ = true;
  if (is_full(*records, most)) return End::kMoved;
  if (made_.size() > kRowsInPassing) {
    made_.resize(kRowsInPassing);
    made_.shrink_to_fit();
  }
  return End::kMovedAll;
}

bool Ingest::is_full(Records records, std::size_t most) const {
  std::size_t bytes = 0;
  for (const auto record : records) bytes += record.size();
  return records.size() >= most || bytes >= options_.batch_bytes;
}

// What is in the store, and on its disk, is not needed in the journal any more.
void Ingest::sync(End end) {
  const auto read = reader_->position();
  const bool has_left = end == End::kNothing && read.segment != stored_.segment;
  const bool has_more = unsynced_ || has_left || removed_to_ != stored_.segment;
  if (!has_more || (end != End::kNothing && now() < next_sync_)) return;
  next_sync_ = now() + options_.sync_every;
  auto synced = has_left ? give({}, read) : Status();
  if (synced && has_left) stored_ = read;
  if (synced) synced = ledger_.sync();
  if (!synced) {
    failures_.fetch_add(1);
    return complain("the ledger's store cannot be synced; records wait in the journal", synced.error());
  }
  unsynced_ = false;
  removed_to_ = stored_.segment;
  if (auto removed = reader_->remove_before(stored_); !removed)
    complain("what was read of the journal cannot be removed", removed.error());
}

Status Ingest::give(Rows rows, const journal::Position& position) {
  auto held = hold();
  return ledger_.insert(rows, position);
}

// Until the store has taken the batch, however long that takes. False: it was stopped.
bool Ingest::insert(Rows rows, const journal::Position& position) {
  for (Ms pause = options_.first_pause;; pause = std::min(2 * pause, options_.most_pause)) {
    auto status = give(rows, position);
    if (status) return true;
    failures_.fetch_add(1);
    if (status.error().retry == Retry::kNo && !rows.empty()) {
      if (rows.size() > 1) return insert_each(rows, position);
      refused_.fetch_add(1);
      complain("the ledger's store refuses a row, which is lost", status.error());
      return insert({}, position);
    }
    complain("the ledger's store takes nothing; records wait in the journal", status.error());
    if (!wait(pause)) return false;
    if (rows.size() > kFewRows) return insert_halves(rows, position);
  }
}

// A disk that is nearly full has room for a few. What the first half was is known by its ids, should this end between
// the two.
bool Ingest::insert_halves(Rows rows, const journal::Position& position) {
  const auto half = rows.size() / 2;
  return insert(rows.first(half), stored_) && insert(rows.subspan(half), position);
}

// One row of a batch is refused: the others are not lost with it. The position goes last: rows that were inserted
// before a crash in between are known by their ids.
bool Ingest::insert_each(Rows rows, const journal::Position& position) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!insert(rows.subspan(i, 1), stored_)) return false;
  }
  return insert({}, position);
}

// They are views of the records, there until the next ones are read.
Ingest::Rows Ingest::rows_in(Records records) {
  std::size_t count = 0;
  if (made_.size() < records.size()) made_.resize(records.size());
  for (const auto record : records) {
    if (read_record(record, made_[count])) {
      ++count;
    } else {
      unreadable_.fetch_add(1);
      log::write(log::Level::kError, "a record of the journal is no row of the ledger and is passed over",
                 {{"bytes", static_cast<std::int64_t>(record.size())}});
    }
  }
  return Rows(made_).first(count);
}

void Ingest::count_losses() {
  const auto& losses = reader_->losses();
  auto damaged = losses.damage.bytes - damaged_.exchange(losses.damage.bytes);
  auto missing = losses.records - missing_.exchange(losses.records);
  if (damaged == 0 && missing == 0) return;
  log::write(log::Level::kError, "the journal was damaged; what was whole was kept",
             {{"bytes", static_cast<std::int64_t>(damaged)}, {"records_lost", static_cast<std::int64_t>(missing)}});
}

void Ingest::complain(std::string_view what, const Fault& fault) {
  if (last_complaint_ != Instant{} && now() - last_complaint_ < kComplainEvery) return;
  last_complaint_ = now();
  log::write(log::Level::kError, what, fault);
}

// Until it is time to look again, or somebody waits for that. False: it was stopped.
bool Ingest::rest() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, options_.look_every, [this] { return stopping_ || hurried_ > 0; });
  return !stopping_;
}

// False: it was stopped.
bool Ingest::wait(Ms limit) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, limit, [this] { return stopping_; });
}

}  // namespace sluice::store
