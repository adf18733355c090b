// What is in a Loop: it waits for its sockets, its timers and other threads, and calls who waits for them. Private to
// net/*.cpp.
//
// Our own on epoll, because Asio makes a system call for each wait of a socket and takes a lock for each of its steps:
// a fourteenth of what a small request costs (docs/decisions/0003-beast-our-own-loop-and-task.md).
//
// Thread rule: run() on one thread; post() and stop() from any; the rest on the loop's thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "net/asio.h"
#include "net/wheel.h"

namespace sluice::net {

class Socket;

struct Loop::Impl {
 public:
  Impl();
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void run();
  void stop();
  void post(std::function<void()> job);

  // Calls it when what happens now is over: everybody else who is ready now comes first.
  void soon(Wake wake, error_code error) { soon_.push_back({wake, error}); }

  error_code add(Socket& socket);  // from now on it is told what happens to it
  void forget(Socket& socket);     // before its descriptor is closed, which ends the registration

  Wheel wheel;

 private:
  struct Soon {
    Wake wake;
    error_code error;
  };
  static constexpr std::size_t kBatch = 128;

  int time_to_sleep() const;
  void tell_sockets(std::size_t count);
  void run_soon();
  void run_jobs();
  void awake() const;

  int epoll_, bell_;  // the bell rings where another thread wants something
  std::array<epoll_event, kBatch> batch_;
  std::size_t at_ = 0, end_ = 0;  // of the batch: what is told now, and its end
  std::vector<Soon> soon_, now_;
  std::atomic<bool> stopped_{false};
  std::atomic<std::thread::id> runs_on_;

  std::mutex mutex_;
  std::vector<std::function<void()>> jobs_;
  std::atomic<bool> has_jobs_{false};
};

}  // namespace sluice::net
