// Any stream gives the same frames however it is cut, and its bytes are all there.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "http/sse.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Seen {
  std::string raws, events, datas;
  std::vector<std::size_t> sizes;
  bool overflowed = false;
  bool operator==(const Seen&) const = default;
};

void note(Seen& seen, const sluice::http::SseFrame& frame) {
  seen.raws += frame.raw;
  seen.events += frame.event;
  seen.datas += frame.data;
  for (std::size_t size : {frame.raw.size(), frame.event.size(), frame.data.size()}) seen.sizes.push_back(size);
}

Seen replay(std::string_view stream, std::size_t size, std::size_t limit) {
  sluice::http::SseSplitter splitter(limit);
  Seen seen;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    const std::string chunk(stream.substr(at, size));
    for (const auto& frame : splitter.feed(chunk)) note(seen, frame);
  }
  seen.overflowed = splitter.overflowed();
  note(seen, splitter.finish());
  if (!seen.overflowed) require(seen.raws == stream);
  return seen;
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
  return 0;
}
