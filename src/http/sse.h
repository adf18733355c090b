// Splits a byte stream into server-sent events without changing a byte.
//
// feed() may be given the stream cut anywhere; the frames that come out are the same for every cutting. A frame's raw
// bytes are the event with its line ends and the blank line after it (comments and unknown fields included), so writing
// all frames one after the other gives the stream again.
//
// Source: the WHATWG HTML standard, 9.2.6; lines end in LF, CRLF or CR. Thread rule: one thread, no locks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sluice::http {

struct SseFrame {
  std::string_view raw;      // as received, the blank line included
  std::string_view event;    // the event name; empty when unnamed
  std::string_view data;     // the data lines joined with LF; empty for a frame of comments only
  bool has_data = false;     // false: comments, or an event name alone: nothing is dispatched
};

class SseSplitter {
 public:
  explicit SseSplitter(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  // Adds bytes; returns the frames that are now complete, perhaps none. The views are valid until the next call.
  // Fault: kProviderProtocol when an event is larger than the limit. While no event is cut by the end of `bytes`, the
  // views point into `bytes` and nothing is copied or kept.
  Result<std::vector<SseFrame>> feed(std::string_view bytes);

  // What is left at the end of the stream: an event without its blank line, or empty. Valid until destruction.
  std::string_view rest() const { return pending_; }
  // The rest as a frame, for reading leniently; has_data is false when there is none.
  SseFrame finish();

 private:
  std::size_t max_event_bytes_;
  std::string pending_;
  std::string joined_;    // data of multi-line frames
};

}  // namespace sluice::http
