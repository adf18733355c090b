#include "base/journal/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/journal/segment.h"
#include "base/text.h"

namespace sluice::journal {

namespace {

constexpr std::string_view kExtension = ".journal";

Status write_whole(const File& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    auto taken = ::write(file.descriptor(), bytes.data(), bytes.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return cannot("write", path);
    bytes.remove_prefix(static_cast<std::size_t>(taken));
  }
  return {};
}

}  // namespace

File::~File() {
  if (is_open()) ::close(descriptor_);
}

File File::duplicate() const {
  return File(::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0));
}

Status File::read(std::uint64_t offset, std::size_t most, std::string& out) const {
  const auto before = out.size();
  bool failed = false;
  // Without zeros where the file's bytes will be: there is room for many more than are read.
  out.resize_and_overwrite(before + most, [&](char* bytes, std::size_t) {
    std::size_t filled = 0;
    while (filled < most) {
      auto taken = ::pread(descriptor_, bytes + before + filled, most - filled, static_cast<off_t>(offset + filled));
      if (taken < 0 && errno == EINTR) continue;
      failed = taken < 0;
      if (taken <= 0) break;
      filled += static_cast<std::size_t>(taken);
    }
    return before + (failed ? 0 : filled);
  });
  if (failed) return cannot("read", "the journal");
  return {};
}

std::uint64_t File::size() const {
  struct stat facts{};
  return ::fstat(descriptor_, &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

Failure cannot(std::string_view what, const std::string& path) {
  return fail(Fault{.kind = FaultKind::kOverloaded,
                    .told = fmt::format("Cannot {} '{}': {}.", what, path, std::strerror(errno)),
                    .retry = Retry::kSame});
}

std::string segment_path(const std::string& directory, std::uint64_t number) {
  return fmt::format("{}/{:020}{}", directory, number, kExtension);
}

Result<std::vector<std::uint64_t>> list_segments(const std::string& directory) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != kExtension) continue;
    if (auto number = to_number<std::uint64_t>(entry->path().stem().string())) numbers.push_back(*number);
  }
  if (error) {
    errno = error.value();
    return cannot("list", directory);
  }
  std::ranges::sort(numbers);
  return numbers;
}

std::uint64_t bytes_of_segments(const std::string& directory, std::uint64_t before) {
  std::uint64_t sum = 0;
  for (auto number : list_segments(directory).value_or(std::vector<std::uint64_t>())) {
    if (number >= before) break;
    struct stat facts{};
    if (::stat(segment_path(directory, number).c_str(), &facts) == 0) sum += static_cast<std::uint64_t>(facts.st_size);
  }
  return sum;
}

Result<bool> is_begun(const std::string& directory, std::uint64_t number) {
  const auto path = segment_path(directory, number);
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return false;
  if (!file.is_open()) return cannot("open", path);
  std::string head;
  if (auto read = file.read(0, kHeadBytes, head); !read) return fail_from(read);
  return std::ranges::any_of(head, [](char byte) { return byte != 0; });
}

Status sync_directory(const std::string& directory) {
  File file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.descriptor()) != 0) return cannot("sync", directory);
  return {};
}

Status replace_file(const std::string& path, std::string_view bytes) {
  auto fresh = path + ".new";
  {
    File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) return cannot("open", fresh);
    if (auto written = write_whole(file, bytes, fresh); !written) return written;
    if (::fdatasync(file.descriptor()) != 0) return cannot("sync", fresh);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return cannot("replace", path);
  return sync_directory(std::filesystem::path(path).parent_path().string());
}

}  // namespace sluice::journal
