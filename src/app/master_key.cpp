#include "app/master_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/digest.h"
#include "base/text.h"

namespace sluice::app {

namespace {

Failure cannot(std::string_view what, const std::string& file) {
  return fail(FaultKind::kInvalidConfig,
              "Cannot " + std::string(what) + " '" + file + "': " + std::strerror(errno) + ".");
}

Result<Secret> read_key(int descriptor, const std::string& file) {
  char buffer[256];
  auto bytes = ::read(descriptor, buffer, sizeof buffer);
  if (bytes < 0) return cannot("read", file);
  std::string text(buffer, static_cast<std::size_t>(bytes));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.size() < 16) {
    return fail(FaultKind::kInvalidConfig, "The file '" + file + "' holds no key. Remove it to have a new one made.");
  }
  return Secret(std::move(text));
}

}  // namespace

Result<MasterKey> master_key(const Secret& configured, const std::string& data_directory) {
  if (!configured.empty()) return MasterKey{configured, MasterKey::Origin::kConfigured, {}};
  std::error_code error;
  bool made_now = std::filesystem::create_directories(data_directory, error);
  if (made_now) std::filesystem::permissions(data_directory, std::filesystem::perms::owner_all, error);
  if (error)
    return fail(FaultKind::kInvalidConfig,
                "Cannot make the data directory '" + data_directory + "': " + error.message() + ".");

  auto file = data_directory + "/master_key";
  int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor >= 0) {
    auto key = read_key(descriptor, file);
    ::close(descriptor);
    if (!key) return fail_from(key);
    return MasterKey{std::move(*key), MasterKey::Origin::kFound, file};
  }
  if (errno != ENOENT) return cannot("open", file);

  std::string made = "sk-sl-" + random_token(24);
  descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return cannot("write", file);
  auto line = made + "\n";
  bool written =
      ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!written) return cannot("write", file);
  return MasterKey{Secret(std::move(made)), MasterKey::Origin::kMade, file};
}

}  // namespace sluice::app
