#include "base/journal/reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/journal/writer.h"

namespace sluice::journal {

namespace {

constexpr std::size_t kKeptBytes = 1 << 20;  // between one read() and the next

}  // namespace

// Opens the segment of the position; where that is gone, the next one; where all are older, it is another journal,
// which is read from its beginning. False: there is none in which anything was written.
Result<bool> Reader::open_segment() {
  auto begun = is_begun(directory_, position_.segment);
  if (!begun) return fail_from(begun);
  auto number = *begun ? Result<std::uint64_t>(position_.segment) : segment_after(position_.segment);
  if (number && *number == 0) number = segment_after(0);
  if (!number) return fail_from(number);
  if (*number == 0) return false;
  if (*number != position_.segment) position_ = {*number, 0, position_.segment < *number ? position_.sequence : 0};
  auto opened = SegmentReader::open(directory_, position_.segment, position_.offset);
  if (!opened) return fail_from(opened);
  segment_ = std::move(*opened);
  return true;
}

// Of what may be read of the segment of the position.
std::uint64_t Reader::end() const {
  if (!writer_) return kToTheEnd;
  const auto written = writer_->written_to();
  if (position_.segment == written.segment) return written.offset;
  return position_.segment < written.segment ? kToTheEnd : 0;
}

// A segment that another follows is complete: what is no record by now is damage. False: none follows.
Result<bool> Reader::next_segment() {
  if (writer_ && position_.segment >= writer_->written_to().segment) return false;
  auto following = segment_after(position_.segment);
  if (!following) return fail_from(following);
  if (*following == 0) return false;
  auto more = segment_->next(end());  // written before the other was begun, and after we looked
  if (!more) return fail_from(more);
  if (*more) {
    segment_.reset();  // it is read again below, from the position
    return true;
  }
  auto torn = segment_->torn();
  if (!torn) return fail_from(torn);
  if (*torn > 0) {
    ++losses_.damage.places;
    losses_.damage.bytes += *torn;
  }
  position_.segment = *following;
  position_.offset = 0;
  segment_.reset();
  return true;
}

// The first that has something in it; 0: none. Most often it is the next one, and there may be many to list.
Result<std::uint64_t> Reader::segment_after(std::uint64_t before) const {
  auto begun = is_begun(directory_, before + 1);
  if (!begun) return fail_from(begun);
  if (*begun) return before + 1;
  auto numbers = list_segments(directory_);
  if (!numbers) return fail_from(numbers);
  for (auto number = std::ranges::upper_bound(*numbers, before); number != numbers->end(); ++number) {
    begun = is_begun(directory_, *number);
    if (!begun) return fail_from(begun);
    if (*begun) return *number;
  }
  return 0;
}

Result<std::string_view> Reader::next() {
  while (true) {
    if (!segment_) {
      auto opened = open_segment();
      if (!opened) return fail_from(opened);
      if (!*opened) return std::string_view();
      end_ = end();
    }
    auto skipped = segment_->damage();
    auto frame = segment_->next(end_);
    if (!frame) return fail_from(frame);
    if (!first_ && segment_->head()) first_ = segment_->head()->first;
    losses_.damage.places += segment_->damage().places - skipped.places;
    losses_.damage.bytes += segment_->damage().bytes - skipped.bytes;
    if (*frame) {
      accept(**frame);
      return (*frame)->record;
    }
    auto moved = next_segment();
    if (!moved) return fail_from(moved);
    if (!*moved) return std::string_view();
  }
}

void Reader::accept(const Frame& frame) {
  const auto expected = position_.sequence > 0 ? position_.sequence + 1 : first_.value_or(frame.sequence);
  if (frame.sequence > expected) losses_.records += frame.sequence - expected;
  position_.offset = segment_->offset();
  position_.sequence = frame.sequence;
}

Result<Reader::Records> Reader::read(std::size_t most, std::size_t most_bytes) {
  bytes_.clear();
  if (bytes_.capacity() > kKeptBytes) bytes_.shrink_to_fit();
  records_.clear();
  end_ = end();
  while (records_.size() < most && bytes_.size() < most_bytes) {
    auto record = next();
    if (!record && records_.empty()) return fail_from(record);
    if (!record || record->empty()) break;  // a fault comes again when there is nothing else to give
    bytes_ += *record;
    records_.push_back(*record);
  }
  std::string_view rest = bytes_;  // which stay where they are only now
  for (auto& record : records_) {
    record = rest.substr(0, record.size());
    rest.remove_prefix(record.size());
  }
  return records_;
}

Status Reader::remove_before(const Position& position) const {
  auto numbers = list_segments(directory_);
  if (!numbers) return fail_from(numbers);
  for (auto number : *numbers) {
    if (number >= position.segment) break;
    auto path = segment_path(directory_, number);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot("remove", path);
  }
  return {};
}

}  // namespace sluice::journal
