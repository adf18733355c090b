// The part of a journal's Writer that makes segments, and room in them, and goes from one to the next.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/journal/segment.h"
#include "base/journal/writer.h"
#include "base/log.h"

namespace sluice::journal {

namespace {

constexpr std::size_t kMostUnsynced = 16;
// Room is made by steps: others wait for the processor until a call into the system returns.
constexpr std::uint64_t kStep = 8 << 10;

std::string head_of(std::uint64_t number, std::uint64_t first, std::uint64_t salt) {
  std::string head;
  append_head(head, {number, first, salt});
  return head;
}

}  // namespace

// Others write in the room there is, meanwhile; after a sync, which takes it away, all is begun anew.
void Writer::make_room(std::unique_lock<std::mutex>& lock) {
  wants_room_ = false;
  if (!current_ || options_.sync == Sync::kAlways) return;
  auto& room = current_->room;
  const auto passed = end_;
  while (true) {
    const auto known = current_->room_end;
    const auto end = std::max(end_, known);
    lock.unlock();
    room.pass(passed);
    const auto made = room.prepare(end, kStep);
    std::this_thread::yield();
    lock.lock();
    if (current_->room_end != known) return;
    current_->room_end = made;
    const bool is_last = made <= end || made == room.most();
    if (is_last || made - end_ >= kRoom || stopping_ || !queued_.empty()) break;
  }
  if (!spare_ && current_->room_end > end_ && queued_.empty() && !stopping_) make_spare(lock);
}

// What cannot be made now is tried again with the next room.
void Writer::make_spare(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  auto made = make_segment();
  auto spare = made ? std::move(*made) : nullptr;
  while (spare && (spare->room_end == 0 || spare->room_end < std::min(kSpareRoom, spare->room.most()))) {
    const auto before = std::max<std::uint64_t>(spare->room_end, kHeadBytes);
    spare->room_end = spare->room.prepare(before, kStep);
    std::this_thread::yield();
    if (spare->room_end > before) continue;
    ::unlink(segment_path(options_.directory, spare->number).c_str());
    spare.reset();
  }
  lock.lock();
  spare_ = std::move(spare);
  unlisted_ = unlisted_ || spare_;
}

// While no group is being written.
void Writer::turn(std::unique_lock<std::mutex>& lock) {
  if (current_ && spare_) leave_for_spare(lock);
  wants_turn_ = false;
  turned_.notify_all();
}

// A spare segment has nothing in it, not even its head, until the one before is complete: so a reader knows.
void Writer::leave_for_spare(std::unique_lock<std::mutex>& lock) {
  const auto head = head_of(spare_->number, queued_.empty() ? next_ : frame_sequence(queued_), salt_);
  std::memcpy(spare_->room.at(0), head.data(), head.size());
  const auto end = end_;
  const auto left = take_spare();
  written_to_ = {segment_, end_, written()};
  retire(left->file.duplicate());
  lock.unlock();
  auto cut = leave_room(left.get(), end);
  if (!cut) log::write(log::Level::kWarn, "the end of a journal's segment cannot be cut", cut.error());
  lock.lock();
}

// With the lock held. What was written until now is in the segment that it gives.
std::unique_ptr<Writer::OpenSegment> Writer::take_spare() {
  auto left = std::exchange(current_, std::move(spare_));
  segment_ = current_->number;
  end_ = kHeadBytes;
  broken_ = false;
  unlisted_ = true;
  dirty_ = false;
  synced_ = end_;
  wants_room_ = true;
  return left;
}

Result<std::unique_ptr<Writer::OpenSegment>> Writer::make_segment() const {
  auto made = std::make_unique<OpenSegment>(segment_ + 1);
  const auto path = segment_path(options_.directory, made->number);
  auto make = [&] { return File(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)); };
  made->file = make();
  // Of a spare one that could not be removed: nothing was ever in it.
  if (!made->file.is_open() && errno == EEXIST && ::unlink(path.c_str()) == 0) made->file = make();
  if (!made->file.is_open()) return cannot("make", path);
  made->room.begin(made->file, options_.segment_bytes);
  return made;
}

// Between groups, of which the next one is longer than what is left, or where there is no room at all.
Status Writer::begin_segment() {
  if (auto left = leave_room(current_.get(), end_); !left) return left;
  if (!spare_) {
    auto made = make_segment();
    if (!made) return fail_from(made);
    spare_ = std::move(*made);
  }
  const auto path = segment_path(options_.directory, spare_->number);
  const auto head = head_of(spare_->number, frame_sequence(std::string_view(group_).substr(done_)), salt_);
  auto taken = ::pwrite(spare_->file.descriptor(), head.data(), head.size(), 0);
  if (taken != static_cast<ssize_t>(head.size())) {
    if (taken >= 0) errno = ENOSPC;
    return cannot("write", path);
  }
  std::lock_guard lock(mutex_);
  if (auto left = take_spare()) retire(std::move(left->file));
  return {};
}

// Of a segment that is written to `end`: what is behind is given back to the disk. Null: there is none.
Status Writer::leave_room(OpenSegment* segment, std::uint64_t end) {
  if (!segment) return {};
  const bool has_more = segment->room.reserved() > end;
  {
    std::lock_guard lock(mutex_);
    segment->room_end = 0;
  }
  segment->room.release();
  if (!has_more || ::ftruncate(segment->file.descriptor(), static_cast<off_t>(end)) == 0) return {};
  return cannot("cut", segment_path(options_.directory, segment->number));
}

// Leaves a file that cannot be written on. The group's first `kept` bytes stay in it, the rest goes to another one.
void Writer::abandon_segment(std::size_t kept) {
  current_->room.release();
  auto path = segment_path(options_.directory, segment_);
  auto end = end_ - std::min<std::uint64_t>(done_ - kept, end_ - kHeadBytes);
  const bool cut = ::ftruncate(current_->file.descriptor(), static_cast<off_t>(end)) == 0;
  if (!cut) {
    log::write(log::Level::kError, "the end of a journal's segment cannot be cut; readers will skip it",
               cannot("cut", path).error());
  }
  std::lock_guard lock(mutex_);
  const auto left = std::exchange(current_, nullptr);
  retire(std::move(left->file));
  done_ = kept;
}

// With the lock held. The keeper syncs what is complete; where the disk does not keep up, some of it is not. A file
// that is not open, because the system has no more descriptors, it counts as one that could not be synced.
void Writer::retire(File file) {
  if (options_.sync != Sync::kInterval) return;
  if (unsynced_.size() >= kMostUnsynced) {
    unsynced_.erase(unsynced_.begin());
    sync_failures_.fetch_add(1, std::memory_order_relaxed);
  }
  unsynced_.push_back(std::move(file));
}

}  // namespace sluice::journal
