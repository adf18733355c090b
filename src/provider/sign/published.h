// A value that many threads read and one replaces now and then: readers take no lock and wait for nobody.
//
// Not std::atomic<std::shared_ptr>: in libstdc++ 12 its load() gives its internal lock back without release order,
// which is a data race with a store().
//
// Thread rule: get() from any thread; set() from one at a time. Lifetime: a value lives as long as somebody has it;
// what was replaced is let go by a set() that finds no reader inside get().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace sluice::provider {

template <class T>
class Published {
 public:
  using Ptr = std::shared_ptr<const T>;

  // Null before the first set().
  Ptr get() const {
    // All accesses are sequentially consistent: a reader that set() does not see in the count comes after its store.
    readers_.fetch_add(1);
    const Ptr* current = current_.load();
    Ptr copy = current ? *current : nullptr;
    readers_.fetch_sub(1);
    return copy;
  }

  void set(Ptr value) {
    auto fresh = std::make_unique<const Ptr>(std::move(value));
    current_.store(fresh.get());
    owned_.push_back(std::move(fresh));
    if (readers_.load() == 0) owned_.erase(owned_.begin(), owned_.end() - 1);
  }

 private:
  mutable std::atomic<std::uint32_t> readers_{0};  // inside get()
  std::atomic<const Ptr*> current_{nullptr};
  std::vector<std::unique_ptr<const Ptr>> owned_;  // the last is the current one
};

}  // namespace sluice::provider
