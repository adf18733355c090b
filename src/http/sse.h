// Splits a byte stream into server-sent events without changing a byte.
//
// feed() may be given the stream cut anywhere; the frames that come out are the same for every cutting. A frame's raw
// bytes are the event with its line ends and the blank line after it (comments and unknown fields included), so writing
// all frames one after the other, and then rest(), gives the stream again.
//
// A line that ends in CR is complete only when the next byte is there, which may be its LF. So an event of a stream
// with bare CR line ends comes out with the first byte behind it.
//
// Source: the WHATWG HTML standard, 9.2.6; lines end in LF, CRLF or CR. Thread rule: one thread, no locks.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::http {

struct SseFrame {
  std::string_view raw;    // as received, the blank line included
  std::string_view event;  // the event name; empty when unnamed
  std::string_view data;   // the data lines joined with LF; empty for a frame of comments only
  bool has_data = false;   // false: comments, or an event name alone: nothing is dispatched
};

class SseSplitter {
 public:
  explicit SseSplitter(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  // Adds bytes; returns the frames that are now complete, perhaps none. The views are valid until the next call.
  // While no event is cut by the end of `bytes`, the views point into `bytes` and nothing is copied or kept.
  std::span<const SseFrame> feed(std::string_view bytes);

  // An event was larger than the limit: it and everything behind it is lost, no frame will come any more.
  bool overflowed() const { return overflowed_; }

  // What is left at the end of the stream: an event without its blank line, or empty. Valid until the next call.
  std::string_view rest() const { return std::string_view(pending_).substr(consumed_); }
  // The rest as a frame, for reading leniently; raw is empty when there is none. Valid until the next call.
  SseFrame finish();

 private:
  std::size_t frame_end(std::string_view buffer, std::size_t begin);
  SseFrame parse(std::string_view raw, std::size_t room);
  void keep(std::string_view buffer, std::size_t begin);

  std::size_t max_event_bytes_;
  std::vector<SseFrame> frames_;
  std::string pending_;  // an event that was cut; its first consumed_ bytes were given out
  std::string joined_;   // data of multi-line frames
  std::size_t consumed_ = 0;
  std::size_t line_ = 0;     // of the unfinished event: where its last line begins
  std::size_t scanned_ = 0;  // and up to where that line was searched for its end
  bool first_ = true;        // no frame yet: a byte order mark may stand here
  bool overflowed_ = false;
};

}  // namespace sluice::http
