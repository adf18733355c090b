// The files of a journal: one directory of segments, named by their number.
//
// Thread rule: any thread; a File has one owner. All of it may wait for the disk: never on a loop.
// Faults: kOverloaded, with the system's words, where the disk does not do what it is asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sluice::journal {

// An open file; closed by its destructor.
class File {
 public:
  File() = default;
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File();

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  File duplicate() const;  // not open where the system has no more descriptors

  // Appends up to `most` bytes from `offset` to `out`; fewer at the file's end.
  Status read(std::uint64_t offset, std::size_t most, std::string& out) const;
  std::uint64_t size() const;

 private:
  int descriptor_ = -1;
};

// "Cannot write 'x': No space left on device.", from errno.
Failure cannot(std::string_view what, const std::string& path);

std::string segment_path(const std::string& directory, std::uint64_t number);
Result<std::vector<std::uint64_t>> list_segments(const std::string& directory);       // ascending
std::uint64_t bytes_of_segments(const std::string& directory, std::uint64_t before);  // of those with smaller numbers
// False: it stands ready for what comes, or is not there.
Result<bool> is_begun(const std::string& directory, std::uint64_t number);
Status sync_directory(const std::string& directory);

// Replaces a small file whole: after a crash it holds what it held before or `bytes`.
Status replace_file(const std::string& path, std::string_view bytes);

}  // namespace sluice::journal
