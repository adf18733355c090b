#include "app/key_secret.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/digest.h"
#include "base/hmac.h"
#include "base/journal/file.h"

namespace sluice::app {

namespace {

constexpr std::size_t kBytes = 32;

Failure cannot(std::string_view what, const std::string& file) {
  return fail(FaultKind::kInvalidConfig,
              "Cannot " + std::string(what) + " '" + file + "': " + std::strerror(errno) + ".");
}

Result<Secret> read_secret(const journal::File& open, const std::string& file) {
  struct stat state{};
  if (::fstat(open.descriptor(), &state) != 0) return cannot("read", file);
  if ((state.st_mode & 077) != 0) {
    return fail(FaultKind::kInvalidConfig,
                "Others may read or write '" + file + "': it must be its owner's alone (chmod 600).");
  }
  std::string text;
  if (auto read = open.read(0, 4 * kBytes, text); !read) return fail_from(read);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (!parse_sha256(text)) {  // as many hex digits
    return fail(FaultKind::kInvalidConfig,
                "The file '" + file + "' is damaged: it must hold " + std::to_string(2 * kBytes) +
                    " hex digits. Put back the one that belongs to the keys; without it they have to be made anew.");
  }
  return Secret(std::move(text));
}

}  // namespace

Result<Secret> key_secret(const std::string& data_directory) {
  const auto file = data_directory + "/key_secret";
  if (journal::File found(::open(file.c_str(), O_RDONLY | O_CLOEXEC)); found.is_open()) return read_secret(found, file);
  if (errno != ENOENT) return cannot("open", file);
  Secret made(random_token(kBytes));
  journal::File fresh(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fresh.is_open()) return cannot("write", file);
  auto line = std::string(made.reveal()) + "\n";
  bool written = ::write(fresh.descriptor(), line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                 ::fsync(fresh.descriptor()) == 0;
  if (!written) {
    auto fault = cannot("write", file);
    ::unlink(file.c_str());
    return fault;
  }
  if (auto kept = journal::sync_directory(data_directory); !kept) return fail_from(kept);
  return made;
}

}  // namespace sluice::app
