// An append-only journal of opaque records: what must not be lost is in it before anybody is told that it is done.
//
// append() copies a record to its place in the file, where the writer thread has made room (room.h), and it is written.
// Where there is none (the disk is full, or slow) the record goes into a buffer; that thread writes all that has come
// meanwhile with one call, and wakes those who wait. A record that was written survives the death of this process; when
// it also survives the machine's is the choice of `sync`. A second thread syncs and counts, so that a slow disk holds
// up neither: what is to be synced, where it is much, is left for a segment that stands ready, because who writes into
// a file that is being synced waits.
//
// When the disk takes nothing, records wait in the buffer, writing is tried again and again, and told in the log. When
// the buffer or the directory is full, further records are lost, counted and told; what was written is kept.
//
// Thread rule: append(), written(), written_to() and stats() from any thread, and they never wait for the disk; open(),
// flush(), close() and the destructor do. One writer a directory, which a lock file sees to.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/journal/file.h"
#include "base/journal/lock.h"
#include "base/journal/position.h"
#include "base/journal/recovery.h"
#include "base/journal/room.h"

namespace sluice::journal {

// kWrite: the kernel does it in its time. kInterval: at most so much is lost when the power fails. kAlways: nothing is;
// a group waits for the disk.
enum class Sync { kWrite, kInterval, kAlways };

// kHigh: money. kLow: records that are refused first when buffer or directory fill up, at three quarters of their
// limits.
enum class Priority { kLow, kHigh };

struct Options {
  std::string directory;  // made where it is not there, closed to others
  Sync sync = Sync::kInterval;
  Ms interval{1000};                       // of syncing, of measuring the directory and of telling losses
  std::uint64_t segment_bytes = 16 << 20;  // at most in a segment, and the rest of a group
  std::size_t queue_bytes = 16 << 20;      // records in memory
  std::uint64_t spool_bytes = 4ULL << 30;  // segments on disk that nobody has read
  Ms patience{2000};                       // of close(), with a disk that does not write
};

// Somebody who waits for records: one a loop. Outlives the Writer.
class Listener {
 public:
  // `progressed` is called on the writer's thread after a group with records appended for this listener was written,
  // not for those that were written at once: it must not wait. It looks at written() then.
  explicit Listener(std::function<void()> progressed) : progressed_(std::move(progressed)) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  friend class Writer;
  std::function<void()> progressed_;
  bool listed_ = false;  // under the writer's lock
};

class Writer {
 public:
  struct Stats {
    std::uint64_t appended = 0, written = 0;    // records
    std::uint64_t lost_low = 0, lost_high = 0;  // records that were refused, or not written at the end
    std::uint64_t failures = 0;                 // groups that the disk did not take, tries counted
    std::uint64_t sync_failures = 0;
    std::uint64_t queued_bytes = 0;  // in memory
    std::uint64_t spool_bytes = 0;   // on disk, as last measured, and what was written since
  };

  // Locks the directory (lock.h) and recovers what is there. Faults: kInvalidConfig: another process writes it, or it
  // is of a newer version; kOverloaded: the directory cannot be made, read or written.
  static Result<std::unique_ptr<Writer>> open(Options options);
  ~Writer() { close(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // The record's number, above all before it; 0: it is lost, and counted. It has 1 byte to kMostRecord. With a listener
  // the writer thread need not begin before its owner has called hurry(), which it does once for all that it has.
  std::uint64_t append(std::string_view record, Priority priority = Priority::kHigh, Listener* listener = nullptr);
  void hurry();
  std::uint64_t last() const;  // the number of the record that was appended last
  // All records up to this number are written (with kAlways: and synced).
  std::uint64_t written() const { return written_.load(std::memory_order_acquire); }
  // The end of what is written: a reader reads no further, because what is behind may be half written. It may be cut.
  Position written_to() const;
  // Waits until all that was appended before is written; false: it was not within the limit.
  bool flush(Ms limit);
  // Writes what is queued and syncs it, as far as the disk takes it in time. Nothing is appended any more. Once; the
  // destructor does it otherwise.
  void close();

  // Where this process can be asked, for others that want the directory.
  void tell_place(std::string_view place) const { tell_holder(lock_file_, place); }

  Stats stats() const;
  const Recovered& recovered() const { return recovered_; }

 private:
  struct OpenSegment {
    std::uint64_t number = 0;
    File file;
    Room room;
    std::uint64_t room_end = 0;  // up to where it is present; not beyond what is written: there is no room
  };

  Writer(Options options, Recovered recovered, File lock);
  std::uint64_t lose(Priority priority);
  bool has_room(std::size_t bytes) const;
  std::uint64_t write_in_room(std::string_view record, std::uint32_t sum);
  std::uint64_t queue(std::string_view record, std::uint32_t sum, Listener* listener);
  void wake();

  void work();
  void make_room(std::unique_lock<std::mutex>& lock);
  void make_spare(std::unique_lock<std::mutex>& lock);
  void turn(std::unique_lock<std::mutex>& lock);
  void leave_for_spare(std::unique_lock<std::mutex>& lock);
  static void gather(std::unique_lock<std::mutex>& lock);
  void take_group();
  void finish_group();
  void tell_failure(const Fault& fault);
  Status write_group();
  Status write_bytes();
  Result<std::unique_ptr<OpenSegment>> make_segment() const;
  Status begin_segment();
  std::unique_ptr<OpenSegment> take_spare();
  Status leave_room(OpenSegment* segment, std::uint64_t end);
  void abandon_segment(std::size_t kept);
  void retire(File file);
  std::size_t whole_frames() const;

  void keep();
  std::uint64_t written_here() const;
  bool ask_for_turn(std::unique_lock<std::mutex>& lock);
  void renew_room();
  void sync_files(std::vector<File> files);
  void tell_losses();

  const Options options_;
  const Recovered recovered_;
  const std::uint64_t salt_;
  const File lock_file_;

  mutable std::mutex mutex_;
  std::condition_variable ready_;    // for the writer thread: there is something to do
  std::condition_variable resting_;  // for the keeper: it ends
  std::condition_variable turned_;   // for the keeper: the writer thread has looked at wants_turn_
  std::condition_variable flushed_;
  std::string queued_;       // frames
  std::uint64_t next_;       // sequence of the next record
  std::size_t writing_ = 0;  // bytes the writer thread holds
  std::vector<Listener*> listeners_;
  std::vector<File> unsynced_;  // segments that are complete
  bool unlisted_ = false;  // a segment was made since the directory was synced; with kAlways the writer thread's own
  bool dirty_ = false;     // current_ was written since it was synced
  bool asleep_ = false;    // the writer thread waits for something to do
  bool wants_room_ = false;
  bool wants_turn_ = false;   // what is written is to go to another segment
  bool syncing_ = false;      // current_: who writes into it then may wait for the disk
  std::uint64_t synced_ = 0;  // of current_, when it was last
  Position written_to_;
  bool stopping_ = false;
  Instant stop_at_{};

  std::atomic<std::uint64_t> written_;
  std::atomic<std::uint64_t> appended_{0}, lost_low_{0}, lost_high_{0}, failures_{0}, sync_failures_{0}, spool_{0};
  std::atomic<std::uint64_t> written_records_{0};
  std::atomic<bool> broken_{false};  // current_ could not be synced: another one is begun
  std::uint64_t told_losses_ = 0;    // the keeper's own

  // The writer thread's own; current_ changes under the lock, because the keeper duplicates its file. What has room
  // moves end_ too, under the lock, while that thread has no group.
  std::unique_ptr<OpenSegment> current_, spare_;  // null: none; the spare one has room and nothing in it
  std::uint64_t segment_;                         // the number of current_, or the last one
  std::uint64_t end_ = 0;                         // of the frames in current_
  std::string group_;                             // frames being written
  std::size_t done_ = 0;                          // bytes of them that are
  std::uint64_t last_ = 0;                        // sequence of the last of them
  std::uint64_t last_count_ = 0;                  // records of the group before
  std::vector<Listener*> told_;                   // when they are
  Instant last_complaint_{};

  std::jthread keeper_, writer_;  // last: joined before the rest goes
};

}  // namespace sluice::journal
