// A few threads for what takes longer than a loop may: decoding megabytes, name look-ups.
//
// Thread rule: run() from any thread. Lifetime: the destructor finishes (or drops) the queued jobs, then joins.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice {

class Workers {
 public:
  enum class AtEnd { kFinish, kDrop };
  explicit Workers(std::size_t threads, AtEnd at_end = AtEnd::kFinish);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void run(std::function<void()> job);

 private:
  void work();

  AtEnd at_end_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

// Calls `work(from, to)` for two halves of 0 to `count`, one of them on another thread, and returns when both are done.
void in_halves(std::size_t count, const std::function<void(std::size_t from, std::size_t to)>& work);

}  // namespace sluice
