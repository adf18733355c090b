#include "base/journal/writer.h"

#include <fcntl.h>
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
constexpr std::size_t kMostUnsynced = 16;
// When kMore of the room is used as much is made, by steps: others wait for the processor until a call into the system
// returns. Copying what is larger than kMostInRoom would hold up others.
constexpr std::uint64_t kRoom = 1 << 20;
constexpr std::uint64_t kMore = 128 << 10;
constexpr std::uint64_t kStep = 16 << 10;
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
  return queued_.empty() && writing_ == 0 && end_ + bytes <= room_end_ && bytes <= kMostInRoom && !syncing_ &&
         !broken_.load(std::memory_order_relaxed);
}

// With the lock held.
std::uint64_t Writer::write_in_room(std::string_view record, std::uint32_t sum) {
  const auto sequence = next_++;
  write_frame(room_.at(end_), record, sum, sequence, salt_);
  end_ += kFrameHeadBytes + record.size();
  written_to_ = {segment_, end_, sequence};
  written_.store(sequence, std::memory_order_release);
  written_records_.fetch_add(1, std::memory_order_relaxed);
  spool_.fetch_add(kFrameHeadBytes + record.size(), std::memory_order_relaxed);
  dirty_ = true;
  const bool is_last = room_end_ == room_.most();
  if (room_end_ - end_ < kRoom - kMore && !is_last && !std::exchange(wants_room_, true)) wake();
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
    const bool waited = asleep_ = queued_.empty() && !wants_room_;
    ready_.wait(lock, [this] { return stopping_ || wants_room_ || !queued_.empty(); });
    asleep_ = false;
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

// Others write in the room there is, meanwhile; after a sync, which takes it away, all is begun anew.
void Writer::make_room(std::unique_lock<std::mutex>& lock) {
  wants_room_ = false;
  if (!file_.is_open() || options_.sync == Sync::kAlways) return;
  const auto passed = end_;
  while (true) {
    const auto known = room_end_;
    const auto end = std::max(end_, known);
    lock.unlock();
    room_.pass(passed);
    const auto made = room_.prepare(end, kStep);
    std::this_thread::yield();
    lock.lock();
    if (room_end_ != known) return;
    room_end_ = made;
    const bool is_last = made <= end || made == room_.most();
    if (is_last || made - end_ >= kRoom || stopping_ || !queued_.empty()) return;
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
    wants_room_ = wants_room_ || room_end_ <= end_;
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
  if (!file_.is_open() || (is_between_groups && is_complete)) {
    if (auto begun = begin_segment(); !begun) return begun;
  }
  if (auto written = write_bytes(); !written) return written;
  if (options_.sync != Sync::kAlways) return {};
  if (::fdatasync(file_.descriptor()) == 0) {
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
    auto taken = ::pwrite(file_.descriptor(), group_.data() + done_, group_.size() - done_, static_cast<off_t>(end_));
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

// A reader finds nothing behind the last frame of a segment that another one follows.
Status Writer::begin_segment() {
  if (auto left = leave_room(); !left) return left;
  auto path = segment_path(options_.directory, segment_ + 1);
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return cannot("make", path);
  std::string head;
  append_head(head, {segment_ + 1, frame_sequence(std::string_view(group_).substr(done_)), salt_});
  auto taken = ::pwrite(file.descriptor(), head.data(), head.size(), 0);
  if (taken != static_cast<ssize_t>(head.size())) {
    if (taken >= 0) errno = ENOSPC;
    auto failure = cannot("write", path);
    ::unlink(path.c_str());
    return failure;
  }
  room_.begin(file, options_.segment_bytes);
  std::lock_guard lock(mutex_);
  std::swap(file_, file);
  retire(std::move(file));
  broken_ = false;
  unlisted_ = true;
  wants_room_ = true;
  ++segment_;
  end_ = kHeadBytes;
  return {};
}

// Of the file that was written last. While a group is being written, or by close().
Status Writer::leave_room() {
  const bool has_more = room_.reserved() > end_;
  {
    std::lock_guard lock(mutex_);
    room_end_ = 0;
  }
  room_.release();
  if (!has_more || ::ftruncate(file_.descriptor(), static_cast<off_t>(end_)) == 0) return {};
  return cannot("cut", segment_path(options_.directory, segment_));
}

// Leaves a file that cannot be written on. The group's first `kept` bytes stay in it, the rest goes to another one.
void Writer::abandon_segment(std::size_t kept) {
  room_.release();
  auto path = segment_path(options_.directory, segment_);
  auto end = end_ - std::min<std::uint64_t>(done_ - kept, end_ - kHeadBytes);
  bool cut =
      end > kHeadBytes ? ::ftruncate(file_.descriptor(), static_cast<off_t>(end)) == 0 : ::unlink(path.c_str()) == 0;
  if (!cut) {
    log::write(log::Level::kError, "the end of a journal's segment cannot be cut; readers will skip it",
               cannot("cut", path).error());
  }
  std::lock_guard lock(mutex_);
  room_end_ = 0;
  retire(std::exchange(file_, File()));
  done_ = kept;
}

// With the lock held. The keeper syncs what is complete; where the disk does not keep up, some of it is not.
void Writer::retire(File file) {
  if (!file.is_open() || options_.sync != Sync::kInterval) return;
  if (unsynced_.size() >= kMostUnsynced) {
    unsynced_.erase(unsynced_.begin());
    sync_failures_.fetch_add(1, std::memory_order_relaxed);
  }
  unsynced_.push_back(std::move(file));
}

}  // namespace sluice::journal
