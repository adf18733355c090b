#include "net/poll.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "net/socket.h"

namespace sluice::net {

namespace {

int made(int descriptor, const char* what) {
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), what);
  return descriptor;
}

}  // namespace

Loop::Impl::Impl() : epoll_(made(::epoll_create1(EPOLL_CLOEXEC), "epoll")) {
  bell_ = made(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  made(::epoll_ctl(epoll_, EPOLL_CTL_ADD, bell_, &event), "epoll");
}

Loop::Impl::~Impl() {
  ::close(bell_);
  ::close(epoll_);
}

error_code Loop::Impl::add(Socket& socket) {
  epoll_event event{.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &socket}};
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket.native_handle(), &event) == 0 ? error_code() : last_system_error();
}

void Loop::Impl::forget(Socket& socket) {
  for (auto i = at_; i < end_; ++i) {
    if (batch_[i].data.ptr == &socket) batch_[i].events = 0;
  }
}

// Sockets come before timers: what came in time is in time, also after a pause of the whole process.
void Loop::Impl::run() {
  runs_on_ = std::this_thread::get_id();
  while (!stopped_) {
    const int count = ::epoll_wait(epoll_, batch_.data(), static_cast<int>(kBatch), time_to_sleep());
    if (count > 0) tell_sockets(static_cast<std::size_t>(count));
    wheel.turn(now());
    run_soon();
    if (has_jobs_) run_jobs();
  }
  std::lock_guard lock(mutex_);  // who stopped it has rung
}

// In milliseconds, rounded up.
int Loop::Impl::time_to_sleep() const {
  constexpr Ms kLongest{60'000};
  if (stopped_ || has_jobs_ || !soon_.empty()) return 0;
  const auto due = wheel.next();
  if (!due) return -1;
  return static_cast<int>(std::clamp(ms_until(*due), Ms(0), kLongest).count());
}

// Whoever is told may close this socket, or others of the batch.
void Loop::Impl::tell_sockets(std::size_t count) {
  end_ = count;
  for (at_ = 0; at_ < end_; ++at_) {
    auto& [events, data] = batch_[at_];
    if (data.ptr == nullptr) {
      std::uint64_t rings = 0;
      [[maybe_unused]] const auto taken = ::read(bell_, &rings, sizeof(rings));
      continue;
    }
    if (events == 0) continue;
    auto& socket = *static_cast<Socket*>(data.ptr);
    if ((events & EPOLLPRI) != 0) socket.urgent_came();
    const bool is_over = (events & (EPOLLERR | EPOLLHUP)) != 0;
    if (is_over || (events & (EPOLLIN | EPOLLRDHUP)) != 0)
      socket.happened(Socket::Side::kRead, is_over || (events & EPOLLRDHUP) != 0);
    if (events != 0 && (is_over || (events & EPOLLOUT) != 0)) socket.happened(Socket::Side::kWrite, is_over);
  }
  at_ = end_ = 0;
}

// What they begin is for the next turn.
void Loop::Impl::run_soon() {
  now_.swap(soon_);
  for (const auto& [wake, error] : now_) wake.act(wake.self, error);
  now_.clear();
}

void Loop::Impl::run_jobs() {
  std::vector<std::function<void()>> jobs;
  {
    std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
    has_jobs_ = false;
  }
  for (auto& job : jobs) std::exchange(job, nullptr)();
}

// The bell is rung under the lock: what is asked for may be the end of this loop.
void Loop::Impl::post(std::function<void()> job) {
  std::lock_guard lock(mutex_);
  const bool is_first = jobs_.empty();
  jobs_.push_back(std::move(job));
  has_jobs_ = true;
  if (is_first && runs_on_.load() != std::this_thread::get_id()) awake();
}

void Loop::Impl::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  awake();
}

void Loop::Impl::awake() const {
  const std::uint64_t ring = 1;
  [[maybe_unused]] const auto given = ::write(bell_, &ring, sizeof(ring));
}

}  // namespace sluice::net
