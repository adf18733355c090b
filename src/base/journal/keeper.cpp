// The part of a journal's Writer that opens, ends, syncs and counts.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "base/journal/writer.h"
#include "base/log.h"
#include "base/thread.h"

namespace sluice::journal {

namespace {

std::uint64_t random_salt() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

// The writer thread may wait for the disk.
constexpr Ms kPatience{100};
// Of less the sync is over soon, few wait, and many small files would be as much work as few large ones.
constexpr std::uint64_t kWorthATurn = 256 << 10;

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(Options options) {
  auto lock = lock_directory(options.directory);
  if (!lock) return fail_from(lock);
  auto recovered = recover(options.directory);
  if (!recovered) return fail_from(recovered);
  if (recovered->cut > 0) {
    log::write(log::Level::kWarn, "the journal's end was not whole and was cut",
               {{"bytes", static_cast<std::int64_t>(recovered->cut)},
                {"records_kept", static_cast<std::int64_t>(recovered->records)}});
  }
  return std::unique_ptr<Writer>(new Writer(std::move(options), *recovered, std::move(*lock)));
}

Writer::Writer(Options options, Recovered recovered, File lock)
    : options_(std::move(options)),
      recovered_(recovered),
      salt_(random_salt()),
      lock_file_(std::move(lock)),
      next_(recovered.next_sequence),
      written_(recovered.next_sequence - 1),
      segment_(recovered.last_segment) {
  spool_ = bytes_of_segments(options_.directory, segment_ + 1);
  File last(::open(segment_path(options_.directory, segment_).c_str(), O_RDONLY | O_CLOEXEC));
  written_to_ = {segment_, last.size(), next_ - 1};
  keeper_ = named_thread("journal keeper", [this] { keep(); });
  writer_ = named_thread("journal", [this] { work(); });
}

void Writer::close() {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, true)) return;
    stop_at_ = now() + options_.patience;
  }
  ready_.notify_all();
  resting_.notify_all();
  turned_.notify_all();
  writer_.join();
  keeper_.join();
  auto unwritten = next_ - 1 - written();
  if (unwritten > 0) {
    lost_high_ += unwritten;
    log::write(log::Level::kError, "records of the journal could not be written and are lost",
               {{"records", static_cast<std::int64_t>(unwritten)}});
  }
  if (spare_) ::unlink(segment_path(options_.directory, spare_->number).c_str());
  if (auto left = leave_room(current_.get(), end_); !left) {
    log::write(log::Level::kWarn, "the journal's end could not be cut; it will be at the next start", left.error());
  }
  if (options_.sync == Sync::kWrite) return;
  if (current_) unsynced_.push_back(std::move(current_->file));
  sync_files(std::move(unsynced_));
}

void Writer::keep() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    resting_.wait_for(lock, options_.interval, [this] { return stopping_; });
    const bool syncs = options_.sync == Sync::kInterval;
    const bool turned = syncs && dirty_ && written_here() - synced_ >= kWorthATurn && ask_for_turn(lock);
    auto files = std::exchange(unsynced_, {});
    const bool lists = syncs && std::exchange(unlisted_, false);
    syncing_ = syncs && !turned && std::exchange(dirty_, false) && current_;
    if (syncing_) files.push_back(current_->file.duplicate());
    if (syncing_) synced_ = written_here();
    lock.unlock();
    if (syncs) sync_files(std::move(files));
    const bool still_unlisted = lists && !sync_directory(options_.directory);
    if (still_unlisted) sync_failures_.fetch_add(1, std::memory_order_relaxed);
    const auto end = written_to();
    spool_ = bytes_of_segments(options_.directory, end.segment) + end.offset;
    tell_losses();
    lock.lock();
    if (still_unlisted) unlisted_ = true;
    if (syncing_ || (current_ && current_->room_end == 0)) renew_room();
  }
}

// With the lock held. Up to where current_ is known to be written.
std::uint64_t Writer::written_here() const {
  return written_to_.segment == segment_ ? std::max(written_to_.offset, synced_) : synced_;
}

// With the lock held. False: what is written is in the same segment still.
bool Writer::ask_for_turn(std::unique_lock<std::mutex>& lock) {
  const auto before = segment_;
  wants_turn_ = true;
  wake();
  turned_.wait_for(lock, kPatience, [this] { return stopping_ || !wants_turn_; });
  return segment_ != before;
}

// With the lock held. What the system has brought to the disk it may have to make writable anew, which may take a
// while: the writer thread does that.
void Writer::renew_room() {
  syncing_ = false;
  if (current_) current_->room_end = 0;
  wants_room_ = true;
  wake();
}

void Writer::sync_files(std::vector<File> files) {
  for (const auto& file : files) {
    if (file.is_open() && ::fdatasync(file.descriptor()) == 0) continue;
    sync_failures_.fetch_add(1, std::memory_order_relaxed);
    broken_ = true;
    log::write(log::Level::kError, "the journal cannot be synced", cannot("sync", options_.directory).error());
  }
}

void Writer::tell_losses() {
  auto lost = lost_low_ + lost_high_;
  if (lost == told_losses_) return;
  log::write(log::Level::kError, "records are lost: the journal's buffer or directory is full",
             {{"records", static_cast<std::int64_t>(lost - told_losses_)},
              {"records_since_start", static_cast<std::int64_t>(lost)},
              {"of_high_priority", static_cast<std::int64_t>(lost_high_)}});
  told_losses_ = lost;
}

}  // namespace sluice::journal
