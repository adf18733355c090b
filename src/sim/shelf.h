// Picks the script of a request: from its header, from its model name, or from those put by PUT /_sim/script.
//
// Thread rule: any thread; put scripts and sequences are behind a mutex that requests without a script never take.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sim/script.h"

namespace sluice::sim {

class ScriptShelf {
 public:
  // `header` is the value of x-sim, empty when it was not sent. Null: the request has no script.
  // Shared, because a put script may be replaced while requests still follow it. Faults: kInvalidRequest.
  Result<std::shared_ptr<const Script>> pick(std::string_view header, std::string_view path, std::string_view model);

  // Replaces the one with the same path and model. The newest that fits a request is picked.
  void put(Placement placement);
  void clear();

 private:
  struct Placed {
    std::string path;
    std::string model;
    std::shared_ptr<const Script> script;
    std::uint64_t used = 0;
  };

  std::shared_ptr<const Script> pick_placed(std::string_view path, std::string_view model);
  Result<std::shared_ptr<const Script>> pick_inline(std::string_view text);

  std::atomic<bool> any_placed_{false};
  std::mutex mutex_;
  std::vector<Placed> placed_;                            // oldest first
  std::unordered_map<std::string, std::uint64_t> turns_;  // of inline sequences, by their text
};

}  // namespace sluice::sim
