// What comes next in a file, as memory: reserved on the disk and present, so that writing into it is a copy, which
// waits for nothing and survives the process.
//
// Where the system or the disk cannot give that there is no room, and the file is written in another way.
//
// Thread rule: one owner, who may wait for the disk in all but at(); at() from any thread that the owner lets.
#pragma once

#include <cstdint>

#include "base/journal/file.h"

namespace sluice::journal {

// So much is to be ready; when kMoreRoom of it is used as much is made: little and often, because who wants the
// processor meanwhile waits.
inline constexpr std::uint64_t kRoom = 256 << 10;
inline constexpr std::uint64_t kMoreRoom = 16 << 10;
inline constexpr std::uint64_t kSpareRoom = 64 << 10;  // to begin with, in a file that stands ready

class Room {
 public:
  Room() = default;
  ~Room() { release(); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  // Room in `file`, which outlives it, for as much as `most` bytes in all; what was there before is released.
  void begin(const File& file, std::uint64_t most);
  void release();

  // Reserves at least `bytes` behind `offset` and makes them present, as they are not any more when the file was
  // synced; what is before may be written by others meanwhile. What it gives is the end of the room, at most `most`;
  // `offset`: there is none.
  std::uint64_t prepare(std::uint64_t offset, std::uint64_t bytes);
  // What is before `offset` is written: it stays in the file, the memory is for what comes.
  void pass(std::uint64_t offset);
  std::uint64_t reserved() const { return reserved_; }  // at least the file's size
  std::uint64_t most() const { return most_; }          // 0: there is never room

  char* at(std::uint64_t offset) const { return begin_ + offset; }

 private:
  bool reserve(std::uint64_t offset, std::uint64_t end);

  int descriptor_ = -1;
  char* begin_ = nullptr;  // of the file
  std::uint64_t most_ = 0;
  std::uint64_t reserved_ = 0;
  std::uint64_t filled_ = 0;  // up to where it was written, with zeros at least
  std::uint64_t passed_ = 0;  // bytes that are no longer present
};

}  // namespace sluice::journal
