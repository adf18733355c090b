#include "base/journal/recovery.h"

#include <unistd.h>

#include <algorithm>

#include "base/journal/segment_reader.h"

namespace sluice::journal {

namespace {

struct Seen {
  bool readable = false;
  std::uint64_t records = 0;
  std::uint64_t next_sequence = 0;
  std::uint64_t end = 0;  // behind the last record
  bool has_more = false;  // behind that
  std::uint64_t torn = 0;
};

Result<Seen> look_through(const std::string& directory, std::uint64_t number) {
  auto segment = SegmentReader::open(directory, number, 0);
  if (!segment) return fail_from(segment);
  Seen seen;
  while (true) {
    auto frame = (*segment)->next();
    if (!frame) return fail_from(frame);
    if (!*frame) break;
    ++seen.records;
    seen.next_sequence = std::max(seen.next_sequence, (*frame)->sequence + 1);
  }
  seen.readable = (*segment)->head().has_value();
  if (seen.readable) seen.next_sequence = std::max(seen.next_sequence, (*segment)->head()->first);
  seen.end = (*segment)->offset();
  seen.has_more = (*segment)->has_more();
  auto torn = (*segment)->torn();
  if (!torn) return fail_from(torn);
  seen.torn = *torn;
  return seen;
}

// The file stays, also with nothing in it: who has read this journal may have its number, which must not come again.
Status cut(const std::string& path, const Seen& seen) {
  if (::truncate(path.c_str(), static_cast<off_t>(seen.readable ? seen.end : 0)) != 0) return cannot("cut", path);
  return {};
}

}  // namespace

Result<Recovered> recover(const std::string& directory) {
  auto numbers = list_segments(directory);
  if (!numbers) return fail_from(numbers);
  Recovered found;
  std::uint64_t unreadable = 0;  // bytes, which may have been that many frames
  if (!numbers->empty()) found.last_segment = numbers->back();
  bool is_last = true;  // in which anything was written
  for (auto number = numbers->rbegin(); number != numbers->rend(); ++number) {
    auto seen = look_through(directory, *number);
    if (!seen) return fail_from(seen);
    const bool was_begun = seen->readable || seen->torn > 0;
    const bool is_cut = is_last && (seen->has_more || !seen->readable);
    if (is_cut) {
      if (auto done = cut(segment_path(directory, *number), *seen); !done) return fail_from(done);
      found.cut = seen->torn;
    }
    if (is_last) found.records = seen->records;
    if (was_begun) is_last = false;
    if (!seen->readable) {
      unreadable += seen->torn;
      continue;
    }
    found.next_sequence = std::max<std::uint64_t>(1, seen->next_sequence + unreadable / kFrameHeadBytes);
    break;
  }
  return found;
}

}  // namespace sluice::journal
