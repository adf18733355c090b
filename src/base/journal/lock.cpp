#include "base/journal/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/text.h"

namespace sluice::journal {

namespace {

constexpr std::size_t kMostSaid = 300;

Status make_directory(const std::string& directory) {
  std::error_code error;
  bool made = std::filesystem::create_directories(directory, error);
  if (made) std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  if (!error) return {};
  errno = error.value();
  return cannot("make", directory);
}

}  // namespace

Result<File> lock_directory(const std::string& directory) {
  if (auto made = make_directory(directory); !made) return fail_from(made);
  auto path = directory + "/lock";
  File file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return cannot("open", path);
  if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0) {
    tell_holder(file, "");  // what one that was killed has left
    return file;
  }
  if (errno != EWOULDBLOCK) return cannot("lock", path);
  std::string said;
  if (!file.read(0, kMostSaid, said)) said.clear();
  said = printable(said);
  const auto who = said.empty() ? std::string(".") : ": the gateway at " + said + ".";
  return fail(Fault{.kind = FaultKind::kInvalidConfig,
                    .told = "Another process writes the journal in '" + directory + "'" + who,
                    .detail = std::move(said)});
}

void tell_holder(const File& lock, std::string_view place) {
  // It is for messages alone: where the disk does not take it, they say less.
  if (::ftruncate(lock.descriptor(), 0) != 0) return;
  if (!place.empty() && ::pwrite(lock.descriptor(), place.data(), place.size(), 0) < 0) return;
}

}  // namespace sluice::journal
