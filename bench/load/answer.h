// Reads one HTTP/1.1 answer from bytes as they come and counts the server-sent events in its body.
//
// Understands content-length and chunked bodies, which is all that a gateway sends on a kept connection (RFC 9112).
// Thread rule: none. Owns only the bytes of an unfinished head or chunk-size line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::bench {

class AnswerReader {
 public:
  enum class State { kMore, kDone, kBroken };

  // Bytes after the end of the answer make it broken: requests are never pipelined here.
  State feed(std::string_view bytes);
  void reset() { *this = AnswerReader(); }

  int status() const { return status_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  enum class Part { kHead, kFixed, kChunkSize, kChunkData, kChunkEnd, kTrailer, kEnd, kBroken };

  std::string_view take(std::string_view bytes);
  std::string_view take_head(std::string_view bytes);
  std::string_view take_body(std::string_view bytes);
  std::string_view take_line(std::string_view bytes);
  void read_head();
  void end_line();
  void count_events(std::string_view body);

  Part part_ = Part::kHead;
  std::string line_;  // of the head, or the current framing line
  int status_ = 0;
  std::uint64_t left_ = 0;  // bytes of the fixed body or of the chunk
  std::uint64_t body_bytes_ = 0;
  std::uint64_t events_ = 0;
  std::size_t matched_ = 0;  // how much of "data:" the current line of the body began with
  bool in_line_ = false;     // the rest of the current line does not matter
};

}  // namespace sluice::bench
