// Splits a byte stream into messages of the AWS event stream encoding, and writes such messages.
//
// A message is: u32 total length, u32 length of the headers, u32 CRC of these 8 bytes, headers, payload, u32 CRC of all
// before it; numbers are big-endian, CRCs are those of zlib. Both CRCs and the grammar of the headers are checked.
// feed() may be given the stream cut anywhere; the frames that come out are the same for every cutting. A frame's raw
// bytes are the message as it came, so writing all frames one after the other, and then rest(), gives the stream again.
//
// Source: application/vnd.amazon.eventstream as the AWS SDKs read and write it. Thread rule: one thread, no locks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::http {

// The types of header values; all but strings and bytes have a fixed size.
enum class HeaderType : std::uint8_t {
  kTrue,
  kFalse,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kBytes,
  kString,
  kTimestamp,  // i64, milliseconds
  kUuid,       // 16 bytes
};

struct EventStreamHeader {
  std::string_view name;
  std::string_view value;  // as on the wire, without the length that stands before strings and bytes
  HeaderType type = HeaderType::kString;
};

struct EventStreamFrame {
  std::string_view raw;      // as received, lengths and CRCs included
  std::string_view headers;  // all of them, coded; their grammar holds
  std::string_view payload;

  // The value of the first string header of this name; empty when there is none.
  std::string_view text(std::string_view name) const;
  std::vector<EventStreamHeader> all_headers() const;
};

class EventStreamSplitter {
 public:
  static constexpr std::size_t kMaxHeaderBytes = 128 << 10;
  // Of a whole message.
  explicit EventStreamSplitter(std::size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

  // Adds bytes; returns the frames that are now complete, perhaps none. The views are valid until the next call.
  // While no message is cut by the end of `bytes`, the views point into `bytes` and nothing is copied or kept.
  std::span<const EventStreamFrame> feed(std::string_view bytes);

  // Why the stream cannot be read any further: "a message is larger than its limit"; empty while it can. The frames
  // before the broken one have come out, no frame will come any more.
  std::string_view broken() const { return broken_; }

  // It is broken by a message that is larger than the limit.
  bool overflowed() const { return overflowed_; }

  // What is left at the end of the stream: a message that was cut, or empty. Valid until the next call.
  std::string_view rest() const { return std::string_view(pending_).substr(consumed_); }

 private:
  std::size_t whole_message(std::string_view buffer);
  void keep(std::string_view buffer, std::size_t begin);

  std::size_t max_message_bytes_;
  std::vector<EventStreamFrame> frames_;
  std::string pending_;  // a message that was cut; its first consumed_ bytes were given out
  std::size_t consumed_ = 0;
  std::string_view broken_;
  bool overflowed_ = false;
};

// Appends one message. Names longer than 255 bytes and values longer than 32767 are cut.
void append_frame(std::string& out, std::span<const EventStreamHeader> headers, std::string_view payload);

}  // namespace sluice::http
