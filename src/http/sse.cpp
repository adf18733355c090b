#include "http/sse.h"

#include <algorithm>

#include "base/release.h"

namespace sluice::http {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// A stream that once held a large event does not keep its room.
constexpr std::size_t kKeptRoom = 256 << 10;

// Finds the next line end. The places of the next LF and CR are remembered, so that a buffer without one of them is
// searched for it once and not for every line.
class LineEnds {
 public:
  explicit LineEnds(std::string_view buffer) : buffer_(buffer) {}
  std::size_t next(std::size_t from) {
    if (lf_ < from || !started_) lf_ = find('\n', from);
    if (cr_ < from || !started_) cr_ = find('\r', from);
    started_ = true;
    return std::min(lf_, cr_);
  }

 private:
  std::size_t find(char c, std::size_t from) const { return std::min(buffer_.find(c, from), buffer_.size()); }

  std::string_view buffer_;
  std::size_t lf_ = 0;
  std::size_t cr_ = 0;
  bool started_ = false;
};

}  // namespace

std::span<const SseFrame> SseSplitter::feed(std::string_view bytes) {
  frames_.clear();
  joined_.clear();
  if (overflowed_) return {};
  pending_.erase(0, consumed_);
  consumed_ = 0;
  if (pending_.empty() && pending_.capacity() > kKeptRoom) release(pending_);
  if (!pending_.empty()) pending_ += bytes;
  const std::string_view buffer = pending_.empty() ? bytes : std::string_view(pending_);

  std::size_t begin = 0;
  LineEnds ends(buffer);
  while (scanned_ < buffer.size()) {
    const std::size_t end = ends.next(scanned_);
    scanned_ = end;
    if (end == buffer.size()) break;
    const bool cr = buffer[end] == '\r';
    if (cr && end + 1 == buffer.size()) break;
    const std::string_view line = buffer.substr(line_, end - line_);
    line_ = scanned_ = end + (cr && buffer[end + 1] == '\n' ? 2 : 1);
    if (!line.empty() && !(first_ && line == kByteOrderMark)) continue;
    if (line_ - begin > max_event_bytes_) break;
    frames_.push_back(parse(buffer.substr(begin, line_ - begin), buffer.size()));
    begin = line_;
  }
  keep(buffer, begin);
  return frames_;
}

// Keeps what is not given out yet, for the next call.
void SseSplitter::keep(std::string_view buffer, std::size_t begin) {
  line_ -= begin;
  scanned_ -= begin;
  if (buffer.size() - begin > max_event_bytes_) {
    overflowed_ = true;
    consumed_ = pending_.size();
    return;
  }
  if (pending_.empty()) {
    pending_.assign(buffer.substr(begin));
  } else {
    consumed_ = begin;
  }
}

SseFrame SseSplitter::finish() {
  frames_.clear();
  joined_.clear();
  return rest().empty() ? SseFrame{} : parse(rest(), rest().size());
}

// `room` bounds what all multi-line frames of one call need together, so that joined_ never moves under a view.
SseFrame SseSplitter::parse(std::string_view raw, std::size_t room) {
  SseFrame frame;
  frame.raw = raw;
  if (first_ && raw.starts_with(kByteOrderMark)) raw.remove_prefix(kByteOrderMark.size());
  first_ = false;
  std::size_t data_lines = 0;
  const std::size_t joined_begin = joined_.size();
  LineEnds ends(raw);
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = ends.next(at);
    const std::string_view line = raw.substr(at, end - at);
    at = end + 1;  // of a CRLF the LF is left: an empty line, which says nothing here
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    if (name != "data" && name != "event") continue;
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") {
      frame.event = value;
      continue;
    }
    if (++data_lines == 1) {
      frame.data = value;
      continue;
    }
    if (data_lines == 2) {
      joined_.reserve(room);
      joined_ += frame.data;
    }
    joined_.push_back('\n');
    joined_ += value;
    frame.data = std::string_view(joined_).substr(joined_begin);
  }
  frame.has_data = data_lines > 0;
  return frame;
}

}  // namespace sluice::http
