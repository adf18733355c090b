// Any stream gives the same frames however it is cut, and its bytes are all there; what is written is read back.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "http/event_stream.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Seen {
  std::string raws, headers, payloads, broken;
  std::vector<std::size_t> sizes;
  bool operator==(const Seen&) const = default;
};

Seen replay(std::string_view stream, std::size_t size, std::size_t limit) {
  sluice::http::EventStreamSplitter splitter(limit);
  Seen seen;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const std::string chunk(stream.substr(at, size));
    for (const auto& frame : splitter.feed(chunk)) {
      seen.raws += frame.raw;
      seen.headers += frame.headers;
      seen.payloads += frame.payload;
      seen.sizes.push_back(frame.raw.size());
      for (const auto& header : frame.all_headers()) {
        seen.headers += header.name;
        seen.headers += header.value;
      }
    }
  }
  seen.broken = splitter.broken();
  if (seen.broken.empty()) require(seen.raws + std::string(splitter.rest()) == stream);
  return seen;
}

void check_written(std::string_view bytes) {
  const std::string_view name = bytes.substr(0, bytes.size() % 255 + 1);
  const sluice::http::EventStreamHeader header{.name = name.empty() ? "n" : name, .value = bytes.substr(0, 1000)};
  std::string out;
  sluice::http::append_frame(out, {&header, 1}, bytes);
  sluice::http::EventStreamSplitter splitter(out.size());
  const auto frames = splitter.feed(out);
  require(frames.size() == 1 && frames[0].payload == bytes && frames[0].text(header.name) == header.value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t cut = 2 + data[0] % 64;
  const std::size_t limit = data[1] < 128 ? 1u << 20 : data[1];
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Seen whole = replay(stream, stream.size() + 1, limit);
  require(replay(stream, 1, limit) == whole);
  require(replay(stream, cut, limit) == whole);
  check_written(stream);
  return 0;
}
