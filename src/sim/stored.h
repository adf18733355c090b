// What a provider keeps for its callers: the newest answers, by their ids.
//
// Thread rule: any thread; behind a mutex. Limits: the oldest go when there are more than kMost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

class Stored {
 public:
  static constexpr std::size_t kMost = 10'000;

  struct Entry {
    std::string id;
    std::string input;   // JSON text
    std::string answer;  // JSON text
  };

  void keep(Entry entry) {
    std::lock_guard lock(mutex_);
    entries_.push_back(std::move(entry));
    if (entries_.size() > kMost) entries_.pop_front();
  }

  std::optional<Entry> find(std::string_view id) const {
    std::lock_guard lock(mutex_);
    auto found = std::ranges::find(entries_, id, &Entry::id);
    if (found == entries_.end()) return std::nullopt;
    return *found;
  }

  // False: there was none.
  bool remove(std::string_view id) {
    std::lock_guard lock(mutex_);
    return std::erase_if(entries_, [&](const Entry& entry) { return entry.id == id; }) != 0;
  }

  void clear() {
    std::lock_guard lock(mutex_);
    entries_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
};

}  // namespace sluice::sim
