// Notices that a file was changed, once it has come to rest: half-written files are waited for.
//
// Thread rule: one thread. Files are looked at, not subscribed to: that works for editors that replace files, for
// mounted secrets behind symbolic links and on every file system.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"

namespace sluice::app {

class FileWatch {
 public:
  explicit FileWatch(std::string file) : file_(std::move(file)), seen_(look()), latest_(seen_) {}

  // True once for each change, when two looks in a row saw the same new state. Call it a few times a second.
  bool changed();
  // The file is as it was when the watch was made.
  bool unchanged() const { return look() == seen_; }

 private:
  struct State {
    std::int64_t modified_ns = 0;
    std::uint64_t size = 0;
    std::uint64_t inode = 0;
    bool operator==(const State&) const = default;
  };
  State look() const;

  std::string file_;
  State seen_;
  State latest_;
};

// Several files, each of them once.
class FileWatches {
 public:
  void add(const std::string& file) { watches_.try_emplace(file, file); }
  // As of one file. All are looked at, so that files that change together are one change.
  bool changed();

 private:
  std::map<std::string, FileWatch> watches_;
};

}  // namespace sluice::app
