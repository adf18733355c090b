// Reads the records of one segment in order, also while it is being written; what is no whole record is skipped and
// counted as soon as a whole one follows.
//
// Thread rule: one thread; it may wait for the disk. Memory: about three records of the largest size.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/journal/file.h"
#include "base/journal/segment.h"

namespace sluice::journal {

struct Damage {
  std::uint64_t places = 0;
  std::uint64_t bytes = 0;
};

inline constexpr std::uint64_t kToTheEnd = std::numeric_limits<std::uint64_t>::max();

class SegmentReader {
 public:
  // `offset` is one that offset() gave, or 0. Faults: kNotFound: there is no such segment; kOverloaded: the disk.
  static Result<std::unique_ptr<SegmentReader>> open(const std::string& directory, std::uint64_t number,
                                                     std::uint64_t offset);
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  // The next record before the offset `end`, valid until the next call; nothing: there is none so far. Faults:
  // kOverloaded: the disk; kInvalidConfig: the segment is of a newer version.
  Result<std::optional<Frame>> next(std::uint64_t end = kToTheEnd);

  const std::optional<Head>& head() const { return head_; }  // nothing: damaged, or not written yet
  std::uint64_t offset() const { return base_ + at_; }       // behind the last record
  // Bytes behind it that are no record (yet), but for zeros at the end, which are room. Faults: kOverloaded: the disk.
  Result<std::uint64_t> torn() const;
  bool has_more() const { return file_.size() > offset(); }  // behind it, be it only room
  Damage damage() const { return damage_; }                  // that was skipped

 private:
  SegmentReader(File file, std::uint64_t offset) : file_(std::move(file)), base_(offset) {}
  Status read_head();
  Result<std::size_t> fill(std::uint64_t end);
  void skip(std::size_t bytes);

  File file_;
  std::optional<Head> head_;
  std::uint64_t base_;  // where window_ begins in the file
  std::string window_;
  std::size_t at_ = 0;  // in window_
  Damage damage_;
};

}  // namespace sluice::journal
