// The bytes of a segment, which is one file of a journal: a head, then frames, one a record.
//
//   head   twice the same 40 bytes, so that one bad sector does not make a segment unreadable:
//          "SLUICE-J" · version u32 · number u64 · sequence of its first record u64 · salt u64 · CRC-32C of these u32
//   frame  mark u32 · length u32 · CRC-32C u32 · sequence u64 · the record's bytes
//
// Numbers are little-endian. Mark and checksum depend on the salt, which is random: nobody who only chooses what
// records say can make bytes that pass for a frame when damage has to be skipped. Behind the last frame of a segment
// that nobody finished there may be zeros, which were room for more.
//
// Thread rule: pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::journal {

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kHeadBytes = 80;
inline constexpr std::size_t kFrameHeadBytes = 20;
inline constexpr std::size_t kMostRecord = 1 << 20;  // bytes of one record

struct Head {
  std::uint64_t number = 0;  // of the segment
  std::uint64_t first = 0;   // sequence of its first record
  std::uint64_t salt = 0;

  bool operator==(const Head&) const = default;
};

enum class HeadProblem { kDamaged, kNewer };  // kNewer: written by a version that this one cannot read

void append_head(std::string& out, const Head& head);
std::expected<Head, HeadProblem> read_head(std::string_view bytes);

// A record's part of the checksum, which needs no lock; the frame's adds the rest.
std::uint32_t checksum(std::string_view record, std::uint64_t salt);
// `to` has room for kFrameHeadBytes and the record.
void write_frame(char* to, std::string_view record, std::uint32_t sum, std::uint64_t sequence, std::uint64_t salt);
void append_frame(std::string& out, std::string_view record, std::uint32_t sum, std::uint64_t sequence,
                  std::uint64_t salt);

struct Frame {
  std::uint64_t sequence = 0;
  std::string_view record;  // into the bytes that were scanned

  std::size_t size() const { return kFrameHeadBytes + record.size(); }
};

// The frame that `bytes` begin with, when it is whole and undamaged.
std::optional<Frame> read_frame(std::string_view bytes, std::uint64_t salt);

// The first whole frame, and how many bytes in front of it are none.
struct Found {
  std::size_t skipped = 0;
  std::optional<Frame> frame;
};
Found find_frame(std::string_view bytes, std::uint64_t salt);

// Of frames that were made here: the size of the first, and its sequence.
std::size_t frame_size(std::string_view frames);
std::uint64_t frame_sequence(std::string_view frames);

}  // namespace sluice::journal
