#include "app/watch.h"

#include <sys/stat.h>

namespace sluice::app {

FileWatch::State FileWatch::look() const {
  struct stat status{};
  if (::stat(file_.c_str(), &status) != 0) return {};
  return {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, static_cast<std::uint64_t>(status.st_size),
          status.st_ino};
}

bool FileWatch::changed() {
  auto current = look();
  bool at_rest = current == latest_;
  latest_ = current;
  if (!at_rest || current == seen_ || current == State{}) return false;
  seen_ = current;
  return true;
}

bool FileWatches::changed() {
  bool any = false;
  for (auto& [file, watch] : watches_) any = watch.changed() || any;
  return any;
}

}  // namespace sluice::app
