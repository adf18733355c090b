#include "base/journal/room.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace sluice::journal {

namespace {

// A reservation costs much the same whatever its size.
constexpr std::uint64_t kReservedAtOnce = 256 << 10;

constexpr std::uint64_t kPassedAtOnce = 128 << 10;  // all processors are told

std::uint64_t page() {
  static const auto kBytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return kBytes;
}

bool allocate(int descriptor, std::uint64_t from, std::uint64_t bytes) {
  return ::fallocate(descriptor, 0, static_cast<off_t>(from), static_cast<off_t>(bytes)) == 0;
}

}  // namespace

void Room::begin(const File& file, std::uint64_t most) {
  release();
  const auto bytes = most / page() * page();
  if (bytes == 0) return;
  auto* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor(), 0);
  if (mapped == MAP_FAILED) return;
  descriptor_ = file.descriptor();
  begin_ = static_cast<char*>(mapped);
  most_ = bytes;
}

void Room::release() {
  if (begin_) ::munmap(begin_, most_);
  begin_ = nullptr;
  descriptor_ = -1;
  most_ = reserved_ = filled_ = passed_ = 0;
}

// Without a reservation a full disk would be found out by a signal. Written with zeros, because pages that are made by
// a write cost a third of those that are made by touching them.
bool Room::reserve(std::uint64_t offset, std::uint64_t end) {
  if (end > reserved_) {
    const auto from = std::max(offset, reserved_);
    auto more = std::min(most_ - from, std::max(end - from, kReservedAtOnce));
    bool reserved = allocate(descriptor_, from, more);
    if (!reserved) reserved = allocate(descriptor_, from, more = end - from);
    if (!reserved) return false;
    reserved_ = from + more;
  }
  static constexpr std::array<char, 16 << 10> kZeros{};
  for (auto at = std::max(offset, filled_); at < end;) {
    const auto taken =
        ::pwrite(descriptor_, kZeros.data(), std::min<std::uint64_t>(kZeros.size(), end - at), static_cast<off_t>(at));
    if (taken <= 0) return false;
    at += static_cast<std::uint64_t>(taken);
    filled_ = at;
  }
  return true;
}

std::uint64_t Room::prepare(std::uint64_t offset, std::uint64_t bytes) {
  const auto from = offset / page() * page();
  const auto end = std::min(most_, (offset + bytes + page() - 1) / page() * page());
  if (!begin_ || end <= offset || !reserve(offset, end)) return offset;
  return ::madvise(begin_ + from, end - from, MADV_POPULATE_WRITE) == 0 ? end : offset;
}

void Room::pass(std::uint64_t offset) {
  const auto end = std::min(most_, offset / page() * page());
  if (!begin_ || end < passed_ + kPassedAtOnce) return;
  ::madvise(begin_ + passed_, end - passed_, MADV_DONTNEED);
  passed_ = end;
}

}  // namespace sluice::journal
