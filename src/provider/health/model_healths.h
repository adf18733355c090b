// How each model behind one wildcard deployment is doing: that a model is dead says nothing of the others.
//
// Bounded: when it is full, of those that are well and not in use the one that was asked for least lately is forgotten.
// When none is well the new one is not remembered.
//
// Thread rule: any thread; a mutex that is held for a look-up. Lifetime: it outlives configurations (HealthBook).
// check: allow shared-pointers because a model is forgotten while tries at it may be under way
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "provider/health/health.h"

namespace sluice::provider {

class ModelHealths {
 public:
  static constexpr std::size_t kMost = 256;

  explicit ModelHealths(std::size_t most = kMost) : most_(most) {}

  // Made when it is new; null: there is no room for it.
  std::shared_ptr<Health> of(std::string_view model, Instant at);
  std::vector<std::pair<std::string, std::shared_ptr<Health>>> all() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Entry {
    std::shared_ptr<Health> health = std::make_shared<Health>();
    std::uint64_t asked = 0;  // by the count of what was asked for
  };
  bool make_room(Instant at);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> by_model_;
  std::uint64_t asked_ = 0;
};

}  // namespace sluice::provider
