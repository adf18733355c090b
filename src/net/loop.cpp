#include "net/loop.h"

#include "base/log.h"
#include "net/poll.h"
#include "net/wait.h"

namespace sluice::net {

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::run() {
  impl_->run();
}

void Loop::stop() {
  impl_->stop();
}

void Loop::post(std::function<void()> job) {
  impl_->post(std::move(job));
}

Timer::Timer(Loop& loop, std::function<void()> act) : loop_(loop), act_(std::move(act)) {}

Timer::~Timer() {
  disarm();
}

void Timer::arm(Ms delay) {
  arm(now() + delay);
}

void Timer::arm(Instant due) {
  loop_.impl().wheel.arm(*this, due);
}

void Timer::disarm() {
  Wheel::disarm(*this);
}

std::int64_t Wheel::tick_at(Instant time) const {
  return std::chrono::duration_cast<Ms>(time - began_).count() / kTickMs;
}

void Wheel::link(Timer& timer, Timer*& head) {
  timer.next_ = head;
  timer.previous_ = &head;
  if (head) head->previous_ = &timer.next_;
  head = &timer;
}

void Wheel::disarm(Timer& timer) {
  if (!timer.previous_) return;
  *timer.previous_ = timer.next_;
  if (timer.next_) timer.next_->previous_ = timer.previous_;
  timer.previous_ = nullptr;
}

void Wheel::arm(Timer& timer, Instant due) {
  disarm(timer);
  timer.due_ = std::max(tick_at(due) + 1, done_ + 1);  // the tick after: never early
  link(timer, slots_[static_cast<std::size_t>(timer.due_) % kSlots]);
  if (next_ < 0 || timer.due_ < next_) next_ = timer.due_;
}

std::optional<Instant> Wheel::next() const {
  if (next_ < 0) return std::nullopt;
  return began_ + Ms(next_ * kTickMs);
}

void Wheel::turn(Instant time) {
  const auto until = tick_at(time);
  if (next_ < 0 || until < next_) return;
  // After a long pause one turn over all slots is enough: fire() takes everything that is due.
  const auto from = std::max(done_ + 1, until - static_cast<std::int64_t>(kSlots) + 1);
  for (auto tick = from; tick <= until; ++tick) {
    done_ = tick;
    fire(tick);
  }
  find_next();
}

void Wheel::fire(std::int64_t tick) {
  Timer* timer = slots_[static_cast<std::size_t>(tick) % kSlots];
  while (timer) {
    Timer* next = timer->next_;
    if (timer->due_ <= tick) {
      disarm(*timer);
      link(*timer, firing_);
    }
    timer = next;
  }
  while (firing_) {
    Timer& first = *firing_;
    disarm(first);
    auto act = first.act_;  // a copy: the act may destroy its timer
    act();
  }
}

void Wheel::find_next() {
  next_ = -1;
  for (auto tick = done_ + 1; tick <= done_ + static_cast<std::int64_t>(kSlots) && next_ < 0; ++tick) {
    if (slots_[static_cast<std::size_t>(tick) % kSlots]) next_ = tick;
  }
}

Task<bool> sleep(Loop& loop, Ms delay, Cancel& cancel) {
  Wait wait(loop, cancel);
  co_return co_await wait.until(delay) == Wait::End::kTimeout;
}

namespace {

struct Offload {
  Loop& loop;
  Workers& workers;
  std::function<void()>& job;
  std::exception_ptr error;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    workers.run([this, waiter] {
      try {
        job();
      } catch (...) {
        error = std::current_exception();
      }
      loop.post([waiter] { waiter.resume(); });
    });
  }
  void await_resume() const {
    if (error) std::rethrow_exception(error);
  }
};

}  // namespace

Task<void> offload(Loop& loop, Workers& workers, std::function<void()> job) {
  Offload work{loop, workers, job, nullptr};
  co_await work;
}

}  // namespace sluice::net
