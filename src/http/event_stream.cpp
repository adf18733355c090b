#include "http/event_stream.h"

#include <zlib.h>

#include <algorithm>

#include "base/release.h"

namespace sluice::http {

namespace {

constexpr std::size_t kPrelude = 12;  // two lengths and their CRC
constexpr std::size_t kCrc = 4;
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestValue = 32767;
// A stream that once held a large message does not keep its room.
constexpr std::size_t kKeptRoom = 256 << 10;

std::uint32_t crc_of(std::string_view bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(::crc32_z(0, data, bytes.size()));
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

void append_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

void write_u32(std::string& out, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[at + i] = static_cast<char>(value >> (24 - 8 * i) & 0xff);
}

bool has_length(HeaderType type) {
  return type == HeaderType::kBytes || type == HeaderType::kString;
}

// How many bytes a value has whose type has no length of its own.
std::size_t size_of(HeaderType type) {
  switch (type) {
    case HeaderType::kInt8:
      return 1;
    case HeaderType::kInt16:
      return 2;
    case HeaderType::kInt32:
      return 4;
    case HeaderType::kInt64:
    case HeaderType::kTimestamp:
      return 8;
    case HeaderType::kUuid:
      return 16;
    default:
      return 0;
  }
}

// Takes the first header off `rest`; nothing when the grammar does not hold.
std::optional<EventStreamHeader> take_header(std::string_view& rest) {
  const std::size_t name_size = static_cast<unsigned char>(rest.front());
  if (name_size == 0 || rest.size() < 1 + name_size + 1) return std::nullopt;
  EventStreamHeader header;
  header.name = rest.substr(1, name_size);
  const auto type = static_cast<unsigned char>(rest[1 + name_size]);
  rest.remove_prefix(1 + name_size + 1);
  if (type > static_cast<unsigned char>(HeaderType::kUuid)) return std::nullopt;
  header.type = static_cast<HeaderType>(type);
  std::size_t size = size_of(header.type);
  if (has_length(header.type)) {
    if (rest.size() < 2) return std::nullopt;
    size = static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 | static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
  }
  if (rest.size() < size) return std::nullopt;
  header.value = rest.substr(0, size);
  rest.remove_prefix(size);
  return header;
}

bool well_formed(std::string_view headers) {
  while (!headers.empty()) {
    if (!take_header(headers)) return false;
  }
  return true;
}

EventStreamFrame parse(std::string_view raw) {
  const std::size_t headers = read_u32(raw.substr(4));
  return {.raw = raw,
          .headers = raw.substr(kPrelude, headers),
          .payload = raw.substr(kPrelude + headers, raw.size() - kPrelude - headers - kCrc)};
}

}  // namespace

std::string_view EventStreamFrame::text(std::string_view name) const {
  std::string_view rest = headers;
  while (!rest.empty()) {
    const auto header = take_header(rest);
    if (!header) break;
    if (header->name == name && header->type == HeaderType::kString) return header->value;
  }
  return {};
}

std::vector<EventStreamHeader> EventStreamFrame::all_headers() const {
  std::vector<EventStreamHeader> all;
  std::string_view rest = headers;
  while (!rest.empty()) {
    const auto header = take_header(rest);
    if (!header) break;
    all.push_back(*header);
  }
  return all;
}

// The size of the message that `buffer` begins with; 0 when it is not whole yet, or broken. The prelude is checked as
// soon as it is there, so that no length is believed, and nothing kept for it, that its CRC does not vouch for.
std::size_t EventStreamSplitter::whole_message(std::string_view buffer) {
  if (buffer.size() < kPrelude) return 0;
  const std::size_t total = read_u32(buffer);
  const std::size_t headers = read_u32(buffer.substr(4));
  if (crc_of(buffer.substr(0, 8)) != read_u32(buffer.substr(8))) {
    broken_ = "the checksum of a message's lengths is wrong";
  } else if (total < kPrelude + kCrc || headers > total - kPrelude - kCrc) {
    broken_ = "the lengths of a message contradict each other";
  } else if (total > max_message_bytes_) {
    broken_ = "a message is larger than its limit";
    overflowed_ = true;
  } else if (headers > kMaxHeaderBytes) {
    broken_ = "the headers of a message are larger than their limit";
  }
  if (!broken_.empty() || buffer.size() < total) return 0;
  if (crc_of(buffer.substr(0, total - kCrc)) != read_u32(buffer.substr(total - kCrc))) {
    broken_ = "the checksum of a message is wrong";
  } else if (!well_formed(buffer.substr(kPrelude, headers))) {
    broken_ = "the headers of a message are malformed";
  }
  return broken_.empty() ? total : 0;
}

std::span<const EventStreamFrame> EventStreamSplitter::feed(std::string_view bytes) {
  frames_.clear();
  if (!broken_.empty()) return {};
  pending_.erase(0, consumed_);
  consumed_ = 0;
  if (pending_.empty() && pending_.capacity() > kKeptRoom) release(pending_);
  if (!pending_.empty()) pending_ += bytes;
  const std::string_view buffer = pending_.empty() ? bytes : std::string_view(pending_);

  std::size_t begin = 0;
  while (const std::size_t size = whole_message(buffer.substr(begin))) {
    frames_.push_back(parse(buffer.substr(begin, size)));
    begin += size;
  }
  keep(buffer, begin);
  return frames_;
}

// Keeps what is not given out yet, for the next call.
void EventStreamSplitter::keep(std::string_view buffer, std::size_t begin) {
  if (!broken_.empty()) {
    consumed_ = pending_.size();
  } else if (pending_.empty()) {
    pending_.assign(buffer.substr(begin));
  } else {
    consumed_ = begin;
  }
}

void append_frame(std::string& out, std::span<const EventStreamHeader> headers, std::string_view payload) {
  const std::size_t begin = out.size();
  out.append(kPrelude, '\0');
  for (const EventStreamHeader& header : headers) {
    const std::string_view name = header.name.substr(0, kLongestName);
    const std::string_view value = header.value.substr(0, kLongestValue);
    out += static_cast<char>(name.size());
    out += name;
    out += static_cast<char>(header.type);
    if (has_length(header.type)) {
      out += static_cast<char>(value.size() >> 8);
      out += static_cast<char>(value.size() & 0xff);
    }
    out += value;
  }
  const std::size_t headers_size = out.size() - begin - kPrelude;
  out += payload;
  write_u32(out, begin, static_cast<std::uint32_t>(out.size() - begin + kCrc));
  write_u32(out, begin + 4, static_cast<std::uint32_t>(headers_size));
  write_u32(out, begin + 8, crc_of(std::string_view(out).substr(begin, 8)));
  append_u32(out, crc_of(std::string_view(out).substr(begin)));
}

}  // namespace sluice::http
