#include "base/journal/writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/journal/segment.h"
#include "base/log.h"
#include "base/release.h"

namespace sluice::journal {

namespace {

// Where many records come while a group is written, so much is waited for more of them: a group costs the same
// whatever its size. Where few come nobody waits for others.
constexpr std::uint64_t kCrowd = 4;
constexpr std::chrono::microseconds kGathering{500};
constexpr Ms kFirstPause{50}, kLongestPause{1000};
constexpr std::size_t kKeptCapacity = 1 << 20;  // of a buffer that was large once
// Copying what is larger would hold up others.
constexpr std::size_t kMostInRoom = 64 << 10;

template <class Number>
Number share(Number limit, Priority priority) {
  return priority == Priority::kHigh ? limit : limit / 4 * 3;
}

// Errors that more room on the disk would mend; after others the file itself may be broken.
bool is_full(int error) {
  return error == ENOSPC || error == EDQUOT;
}

}  // namespace

std::uint64_t Writer::append(std::string_view record, Priority priority, Listener* listener) {
  if (record.empty() || record.size() > kMostRecord) return lose(priority);
  if (spool_.load(std::memory_order_relaxed) > share(options_.spool_bytes, priority)) return lose(priority);
  auto sum = checksum(record, salt_);
  std::unique_lock lock(mutex_);
  auto room = share(options_.queue_bytes, priority);
  if (stopping_ || queued_.size() + writing_ + kFrameHeadBytes + record.size() > room) return lose(priority);
  appended_.fetch_add(1, std::memory_order_relaxed);
  if (has_room(kFrameHeadBytes + record.size())) return write_in_room(record, sum);
  auto sequence = queue(record, sum, listener);
  lock.unlock();
  if (!listener) hurry();
  return sequence;
}

// With the lock held. Records are in the file in their order: what comes behind others that wait, waits.
bool Writer::has_room(std::size_t bytes) const {
  return current_ && queued_.empty() && writing_ == 0 && end_ + bytes <= current_->room_end && bytes <= kMostInRoom &&
         !syncing_ && !broken_.load(std::memory_order_relaxed);
}

// With the lock held.
std::uint64_t Writer::write_in_room(std::string_view record, std::uint32_t sum) {
  const auto sequence = next_++;
  write_frame(current_->room.at(end_), record, sum, sequence, salt_);
  end_ += kFrameHeadBytes + record.size();
  written_to_ = {segment_, end_, sequence};
  written_.store(sequence, std::memory_order_release);
  written_records_.fetch_add(1, std::memory_order_relaxed);
  spool_.fetch_add(kFrameHeadBytes + record.size(), std::memory_order_relaxed);
  dirty_ = true;
  const auto most = current_->room.most();
  const bool is_last = current_->room_end == most;
  if (current_->room_end - end_ < kRoom - kMoreRoom && !is_last && !std::exchange(wants_room_, true)) wake();
  if (end_ > most - most / 8 && spare_ && !std::exchange(wants_turn_, true)) wake();
  return sequence;
}

// With the lock held.
std::uint64_t Writer::queue(std::string_view record, std::uint32_t sum, Listener* listener) {
  const auto sequence = next_++;
  append_frame(queued_, record, sum, sequence, salt_);
  if (listener && !listener->listed_) {
    listener->listed_ = true;
    listeners_.push_back(listener);
  }
  return sequence;
}

void Writer::hurry() {
  std::lock_guard lock(mutex_);
  if (!queued_.empty()) wake();
}

// With the lock held. Who is not asleep sees what there is to do.
void Writer::wake() {
  if (std::exchange(asleep_, false)) ready_.notify_one();
}

std::uint64_t Writer::lose(Priority priority) {
  (priority == Priority::kHigh ? lost_high_ : lost_low_).fetch_add(1, std::memory_order_relaxed);
  return 0;
}

bool Writer::flush(Ms limit) {
  std::unique_lock lock(mutex_);
  auto last = next_ - 1;
  return flushed_.wait_for(lock, limit, [&] { return written() >= last; });
}

Writer::Stats Writer::stats() const {
  std::lock_guard lock(mutex_);
  return {.appended = appended_,
          .written = written_records_,
          .lost_low = lost_low_,
          .lost_high = lost_high_,
          .failures = failures_,
          .sync_failures = sync_failures_,
          .queued_bytes = queued_.size() + writing_,
          .spool_bytes = spool_};
}

std::uint64_t Writer::last() const {
  std::lock_guard lock(mutex_);
  return next_ - 1;
}

Position Writer::written_to() const {
  std::lock_guard lock(mutex_);
  return written_to_;
}

void Writer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool waited = asleep_ = queued_.empty() && !wants_room_ && !wants_turn_;
    ready_.wait(lock, [this] { return stopping_ || wants_room_ || wants_turn_ || !queued_.empty(); });
    asleep_ = false;
    if (wants_turn_ && !stopping_) turn(lock);
    if (wants_room_ && !stopping_) make_room(lock);
    if (queued_.empty() && stopping_) return;
    if (queued_.empty()) continue;
    if (!waited && last_count_ >= kCrowd && !stopping_) gather(lock);
    take_group();
    Ms pause = kFirstPause;
    while (true) {
      lock.unlock();
      auto before = done_;
      auto status = write_group();
      if (!status) tell_failure(status.error());
      lock.lock();
      if (status) break;
      if (done_ > before) pause = kFirstPause;
      if (stopping_ && now() >= stop_at_) return;
      ready_.wait_for(lock, pause, [this] { return stopping_ && now() >= stop_at_; });
      pause = std::min(2 * pause, stopping_ ? kFirstPause : kLongestPause);
    }
    lock.unlock();
    finish_group();
    lock.lock();
  }
}

// Nobody wakes the thread meanwhile: it is not asleep.
void Writer::gather(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  std::this_thread::sleep_for(kGathering);
  lock.lock();
}

// With the lock held.
void Writer::take_group() {
  if (group_.capacity() > kKeptCapacity) release(group_);
  std::swap(group_, queued_);
  writing_ = group_.size();
  last_ = next_ - 1;
  done_ = 0;
  std::swap(told_, listeners_);
  for (auto* listener : told_) listener->listed_ = false;
}

void Writer::finish_group() {
  std::uint64_t records = 0;
  for (std::string_view rest(group_); !rest.empty(); rest.remove_prefix(frame_size(rest))) ++records;
  last_count_ = records;
  written_records_.fetch_add(records, std::memory_order_relaxed);
  spool_.fetch_add(group_.size(), std::memory_order_relaxed);
  {
    std::lock_guard lock(mutex_);
    written_.store(last_, std::memory_order_release);
    written_to_ = {segment_, end_, last_};
    writing_ = 0;
    dirty_ = true;
    wants_room_ = wants_room_ || current_->room_end <= end_;
  }
  group_.clear();
  flushed_.notify_all();
  for (auto* listener : told_) listener->progressed_();
  told_.clear();
}

void Writer::tell_failure(const Fault& fault) {
  failures_.fetch_add(1, std::memory_order_relaxed);
  if (last_complaint_ != Instant{} && now() - last_complaint_ < options_.interval) return;
  last_complaint_ = now();
  log::write(log::Level::kError, "the journal cannot be written; records wait in memory", fault);
}

// Goes on where the last try stopped.
Status Writer::write_group() {
  const bool is_between_groups = done_ == 0;
  const bool is_complete = end_ >= options_.segment_bytes || broken_.load(std::memory_order_relaxed);
  if (!current_ || (is_between_groups && is_complete)) {
    if (auto begun = begin_segment(); !begun) return begun;
  }
  if (auto written = write_bytes(); !written) return written;
  if (options_.sync != Sync::kAlways) return {};
  if (::fdatasync(current_->file.descriptor()) == 0) {
    auto listed = std::exchange(unlisted_, false) ? sync_directory(options_.directory) : Status{};
    if (listed) return {};
    unlisted_ = true;
  }
  // What a failed sync left on the disk is not known, and a second one would not say: all is written again elsewhere.
  sync_failures_.fetch_add(1, std::memory_order_relaxed);
  auto failure = cannot("sync", segment_path(options_.directory, segment_));
  abandon_segment(0);
  return failure;
}

Status Writer::write_bytes() {
  while (done_ < group_.size()) {
    auto taken =
        ::pwrite(current_->file.descriptor(), group_.data() + done_, group_.size() - done_, static_cast<off_t>(end_));
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) {
      const bool has_no_room = is_full(errno);
      auto failure = cannot("write", segment_path(options_.directory, segment_));
      if (!has_no_room) abandon_segment(whole_frames());
      return failure;
    }
    done_ += static_cast<std::size_t>(taken);
    end_ += static_cast<std::uint64_t>(taken);
  }
  return {};
}

// Bytes of the whole frames among those that were written.
std::size_t Writer::whole_frames() const {
  std::size_t whole = 0;
  while (whole < done_) {
    auto next = whole + frame_size(std::string_view(group_).substr(whole));
    if (next > done_) break;
    whole = next;
  }
  return whole;
}

}  // namespace sluice::journal
