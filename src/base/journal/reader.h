// Reads a journal from a position on, in order, over all its segments, also while it is being written.
//
// Torn and damaged bytes are skipped and counted; the numbers of the records around them tell how many were lost. A
// record is given again only when reading begins again at an earlier position, or when a failing disk made the writer
// write it twice: who must not count twice knows records by their content.
//
// Thread rule: one thread; it may wait for the disk: never on a loop.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/journal/position.h"
#include "base/journal/segment_reader.h"

namespace sluice::journal {

class Writer;

class Reader {
 public:
  struct Losses {
    Damage damage;              // skipped
    std::uint64_t records = 0;  // missing between the records around it, or behind the head of the first segment
  };

  // `writer` is the one that writes it now, if any does, and outlives this.
  Reader(std::string directory, Position from, const Writer* writer = nullptr)
      : directory_(std::move(directory)), position_(from), writer_(writer) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The next records, at most so many, and no further one once `most_bytes` are reached; none: there is no more so far.
  // They are good until the next call. Faults: kOverloaded: the disk; kInvalidConfig: a segment of a newer version.
  // Nothing was read then.
  using Records = std::span<const std::string_view>;
  Result<Records> read(std::size_t most, std::size_t most_bytes);

  const Position& position() const { return position_; }  // behind the last record read
  const Losses& losses() const { return losses_; }

  // Deletes the segments before a position: what they hold is never read again. Faults: kOverloaded.
  Status remove_before(const Position& position) const;

 private:
  Result<std::string_view> next();  // until the next call; empty: none
  Result<bool> open_segment();
  Result<bool> next_segment();
  Result<std::uint64_t> segment_after(std::uint64_t before) const;
  std::uint64_t end() const;
  void accept(const Frame& frame);

  std::string directory_;
  Position position_;
  const Writer* writer_;
  Losses losses_;
  std::optional<std::uint64_t> first_;      // the sequence that the first segment begins with
  std::unique_ptr<SegmentReader> segment_;  // null: that of position_ is not open
  std::uint64_t end_ = 0;                   // end() when read() began or the segment was opened

  // What read() gave: copies, for the segment's reader moves its own.
  std::string bytes_;
  std::vector<std::string_view> records_;
};

}  // namespace sluice::journal
