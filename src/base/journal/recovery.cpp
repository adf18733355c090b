#include "base/journal/recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/journal/segment_reader.h"

namespace sluice::journal {

namespace {

struct Seen {
  bool readable = false;
  std::uint64_t records = 0;
  std::uint64_t next_sequence = 0;
  std::uint64_t end = 0;   // behind the last record
  std::uint64_t rest = 0;  // bytes behind it
  std::uint64_t torn = 0;  // of these, but for zeros at the end, which were room for more
};

Result<std::uint64_t> torn_bytes(const std::string& path, std::uint64_t end, std::uint64_t rest) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return cannot("open", path);
  std::string bytes;
  if (auto read = file.read(end, rest, bytes); !read) return fail_from(read);
  return bytes.find_last_not_of('\0') + 1;
}

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
  seen.rest = (*segment)->rest();
  if (seen.rest == 0) return seen;
  auto torn = torn_bytes(segment_path(directory, number), seen.end, seen.rest);
  if (!torn) return fail_from(torn);
  seen.torn = *torn;
  return seen;
}

Status cut(const std::string& path, const Seen& seen) {
  if (seen.records == 0) {
    if (::unlink(path.c_str()) != 0) return cannot("remove", path);
    return {};
  }
  if (::truncate(path.c_str(), static_cast<off_t>(seen.end)) != 0) return cannot("cut", path);
  return {};
}

}  // namespace

Result<Recovered> recover(const std::string& directory) {
  auto numbers = list_segments(directory);
  if (!numbers) return fail_from(numbers);
  Recovered found;
  std::uint64_t unreadable = 0;  // bytes, which may have been that many frames
  for (auto number = numbers->rbegin(); number != numbers->rend(); ++number) {
    auto seen = look_through(directory, *number);
    if (!seen) return fail_from(seen);
    const bool is_last = number == numbers->rbegin();
    if (is_last) found.last_segment = *number;
    if (is_last) found.records = seen->records;
    if (is_last && (seen->rest > 0 || seen->records == 0)) {
      if (auto done = cut(segment_path(directory, *number), *seen); !done) return fail_from(done);
      found.cut = seen->torn;
    }
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
