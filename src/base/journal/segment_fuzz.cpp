// Segments of any bytes: what is found lies inside, in order, and what is whole and untouched is found.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/journal/segment.h"

namespace {

using namespace sluice::journal;

constexpr std::uint64_t kSalt = 0x5a17'5a17'0000'0001;

void expect(bool holds) {
  if (!holds) std::abort();
}

std::vector<Frame> all_in(std::string_view bytes, std::uint64_t salt) {
  std::vector<Frame> frames;
  while (true) {
    auto found = find_frame(bytes, salt);
    expect(found.skipped <= bytes.size());
    if (!found.frame) return frames;
    expect(found.frame->record.data() == bytes.data() + found.skipped + kFrameHeadBytes);
    expect(found.skipped + found.frame->size() <= bytes.size());
    frames.push_back(*found.frame);
    bytes.remove_prefix(found.skipped + found.frame->size());
  }
}

// Bytes as they come.
void read_any(std::string_view bytes) {
  auto head = read_head(bytes);
  all_in(bytes, head ? head->salt : kSalt);
}

// The input as records, torn at each place: the whole ones in front of it are there.
void read_torn(std::string_view input) {
  std::string bytes;
  std::vector<std::size_t> ends{0};
  for (std::uint64_t sequence = 1; !input.empty(); ++sequence) {
    auto length = std::min<std::size_t>(static_cast<unsigned char>(input[0]) % 40 + 5, input.size());
    append_frame(bytes, input.substr(0, length), checksum(input.substr(0, length), kSalt), sequence, kSalt);
    ends.push_back(bytes.size());
    input.remove_prefix(length);
  }
  std::size_t whole = 0;
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    while (whole + 1 < ends.size() && ends[whole + 1] <= size) ++whole;
    auto frames = all_in(std::string_view(bytes).substr(0, size), kSalt);
    expect(frames.size() >= whole);  // more only when a record holds a frame of this salt
    for (std::size_t i = 0; i < whole; ++i) expect(frames[i].sequence == i + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  read_any(input);
  read_torn(input.substr(0, 100));
  return 0;
}
