#include "base/journal/segment.h"

#include <cstring>

#include "base/crc32c.h"

namespace sluice::journal {

namespace {

constexpr std::string_view kMagic = "SLUICE-J";
constexpr std::size_t kCopyBytes = kHeadBytes / 2;

template <class Int>
char* write(char* to, Int value) {
  for (std::size_t i = 0; i < sizeof value; ++i) *to++ = static_cast<char>(value >> (8 * i));
  return to;
}

template <class Int>
void append(std::string& out, Int value) {
  char bytes[sizeof value];
  write(bytes, value);
  out.append(bytes, sizeof bytes);
}

template <class Int>
Int read(std::string_view bytes, std::size_t offset) {
  Int value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<Int>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  }
  return value;
}

std::uint32_t mark_of(std::uint64_t salt) {
  return static_cast<std::uint32_t>(salt >> 32);
}

std::uint32_t whole_checksum(std::uint32_t sum, std::uint32_t length, std::uint64_t sequence) {
  char bytes[sizeof length + sizeof sequence];
  write(write(bytes, length), sequence);
  return crc32c({bytes, sizeof bytes}, sum);
}

std::expected<Head, HeadProblem> read_copy(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || crc32c(bytes.substr(0, kCopyBytes - 4)) != read<std::uint32_t>(bytes, 36)) {
    return std::unexpected(HeadProblem::kDamaged);
  }
  if (read<std::uint32_t>(bytes, 8) != kVersion) return std::unexpected(HeadProblem::kNewer);
  return Head{read<std::uint64_t>(bytes, 12), read<std::uint64_t>(bytes, 20), read<std::uint64_t>(bytes, 28)};
}

}  // namespace

void append_head(std::string& out, const Head& head) {
  std::string copy(kMagic);
  append(copy, kVersion);
  append(copy, head.number);
  append(copy, head.first);
  append(copy, head.salt);
  append(copy, crc32c(copy));
  out += copy;
  out += copy;
}

std::expected<Head, HeadProblem> read_head(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return std::unexpected(HeadProblem::kDamaged);
  auto head = read_copy(bytes.substr(0, kCopyBytes));
  if (head || head.error() == HeadProblem::kNewer) return head;
  return read_copy(bytes.substr(kCopyBytes, kCopyBytes));
}

std::uint32_t checksum(std::string_view record, std::uint64_t salt) {
  return crc32c(record, static_cast<std::uint32_t>(salt));
}

void write_frame(char* to, std::string_view record, std::uint32_t sum, std::uint64_t sequence, std::uint64_t salt) {
  auto length = static_cast<std::uint32_t>(record.size());
  to = write(to, mark_of(salt));
  to = write(to, length);
  to = write(to, whole_checksum(sum, length, sequence));
  to = write(to, sequence);
  std::memcpy(to, record.data(), record.size());
}

void append_frame(std::string& out, std::string_view record, std::uint32_t sum, std::uint64_t sequence,
                  std::uint64_t salt) {
  const auto before = out.size();
  out.resize(before + kFrameHeadBytes + record.size());
  write_frame(out.data() + before, record, sum, sequence, salt);
}

std::optional<Frame> read_frame(std::string_view bytes, std::uint64_t salt) {
  if (bytes.size() < kFrameHeadBytes || read<std::uint32_t>(bytes, 0) != mark_of(salt)) return std::nullopt;
  auto length = read<std::uint32_t>(bytes, 4);
  if (length > kMostRecord || bytes.size() - kFrameHeadBytes < length) return std::nullopt;
  Frame frame{read<std::uint64_t>(bytes, 12), bytes.substr(kFrameHeadBytes, length)};
  if (whole_checksum(checksum(frame.record, salt), length, frame.sequence) != read<std::uint32_t>(bytes, 8)) {
    return std::nullopt;
  }
  return frame;
}

Found find_frame(std::string_view bytes, std::uint64_t salt) {
  std::string mark;
  append(mark, mark_of(salt));
  for (std::size_t at = bytes.find(mark); at != std::string_view::npos; at = bytes.find(mark, at + 1)) {
    if (auto frame = read_frame(bytes.substr(at), salt)) return {at, frame};
  }
  return {bytes.size(), std::nullopt};
}

std::size_t frame_size(std::string_view frames) {
  return kFrameHeadBytes + read<std::uint32_t>(frames, 4);
}

std::uint64_t frame_sequence(std::string_view frames) {
  return read<std::uint64_t>(frames, 12);
}

}  // namespace sluice::journal
