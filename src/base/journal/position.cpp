#include "base/journal/position.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "base/crc32c.h"
#include "base/journal/file.h"
#include "base/text.h"

namespace sluice::journal {

namespace {

constexpr std::size_t kMostBytes = 200;
constexpr std::string_view kWord = "sluice-position-1";

}  // namespace

Status save_position(const std::string& path, const Position& position) {
  auto line = fmt::format("{} {} {} {}", kWord, position.segment, position.offset, position.sequence);
  return replace_file(path, fmt::format("{} {}\n", line, crc32c(line)));
}

Result<Position> load_position(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return Position{};
    return cannot("open", path);
  }
  std::string bytes;
  if (auto read = file.read(0, kMostBytes, bytes); !read) return fail_from(read);
  std::string_view line(bytes);
  auto words = split(line.substr(0, line.find('\n')), ' ');
  if (words.size() == 5 && words[0] == kWord) {
    auto segment = to_number<std::uint64_t>(words[1]), offset = to_number<std::uint64_t>(words[2]);
    auto sequence = to_number<std::uint64_t>(words[3]), sum = to_number<std::uint64_t>(words[4]);
    bool fits = sum && *sum == crc32c(line.substr(0, line.rfind(' ')));
    if (segment && offset && sequence && fits) return Position{*segment, *offset, *sequence};
  }
  return fail(FaultKind::kInvalidConfig, "The file '" + path + "' holds no position in a journal.");
}

}  // namespace sluice::journal
