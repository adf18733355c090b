#include "base/workers.h"

#include "base/thread.h"

namespace sluice {

Workers::Workers(std::size_t threads, AtEnd at_end) : at_end_(at_end) {
  for (std::size_t i = 0; i < threads; ++i) threads_.push_back(named_thread("worker", [this] { work(); }));
}

Workers::~Workers() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (at_end_ == AtEnd::kDrop) jobs_.clear();
  }
  ready_.notify_all();
}

void Workers::run(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  ready_.notify_one();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds goes outside the lock
    lock.lock();
  }
}

void in_halves(std::size_t count, const std::function<void(std::size_t from, std::size_t to)>& work) {
  Workers other(1);
  other.run([&] { work(count / 2, count); });
  work(0, count / 2);
}

}  // namespace sluice
