#include "exchange/loop_journal.h"

#include <utility>

namespace sluice {

LoopJournal::LoopJournal(net::Loop& loop, journal::Writer& writer, Ms patience)
    : loop_(loop), writer_(writer), patience_(patience), listener_([this] { progressed(); }), timer_(loop, [this] {
        lose_patience();
      }) {}

// Behind the jobs that the loop has now: what they append is written with one call.
void LoopJournal::hurry_later() {
  if (std::exchange(hurries_, true)) return;
  loop_.post([this] {
    hurries_ = false;
    writer_.hurry();
  });
}

bool LoopJournal::must_wait(std::uint64_t sequence) {
  if (sequence <= writer_.written()) return false;
  hurry_later();
  if (stalled_) late_.fetch_add(1, std::memory_order_relaxed);
  return !stalled_;
}

void LoopJournal::wait(std::uint64_t sequence, std::coroutine_handle<> waiter) {
  waiters_.push_back({sequence, now() + patience_, waiter});
  if (!timer_.armed()) timer_.arm(patience_);
}

// Between must_wait() and wait() the record may have been written; the wake-up for it comes after both then, because it
// is a job of this loop.
void LoopJournal::progressed() {
  if (!posted_.exchange(true)) loop_.post([this] { wake(); });
}

void LoopJournal::wake() {
  posted_.store(false);
  stalled_ = false;
  const auto written = writer_.written();
  // Who is resumed may append and wait anew: behind all others, for a later record.
  while (!waiters_.empty() && waiters_.front().sequence <= written) {
    auto waiter = waiters_.front().waiter;
    waiters_.pop_front();
    waiter.resume();
  }
  if (waiters_.empty()) timer_.disarm();
}

void LoopJournal::lose_patience() {
  if (waiters_.empty()) return;
  if (auto left = std::chrono::ceil<Ms>(waiters_.front().until - now()); left.count() > 0) return timer_.arm(left);
  stalled_ = true;
  auto all = std::exchange(waiters_, {});
  late_.fetch_add(all.size(), std::memory_order_relaxed);
  for (auto& one : all) one.waiter.resume();
}

}  // namespace sluice
