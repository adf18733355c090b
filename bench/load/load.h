// One run of load against one port: opens the connections, sends the requests when they are due, measures the answers.
//
// Thread rule: one thread; run() blocks until all is answered, the limit is over, or (kHold) standard input ends.
// Owns its sockets. Time is steady_clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "answer.h"
#include "options.h"

namespace sluice::bench {

using Instant = std::chrono::steady_clock::time_point;

struct Report {
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;      // not 200, broken, or cut off
  std::uint64_t reconnects = 0;  // a kept connection was closed by the other side between requests
  std::uint64_t events = 0;
  std::uint64_t event_reads = 0;  // reads that brought at least one event
  std::uint64_t body_bytes = 0;
  double seconds = 0;
  std::vector<std::uint32_t> latency_us;  // to the end of the answer, from when the request was due
  std::vector<std::uint32_t> first_us;    // to the first event
  std::string first_failure;
};

class Load {
 public:
  explicit Load(const Options& options);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  Report run();

 private:
  struct Connection {
    int fd = -1;
    bool busy = false;
    bool measured = false;
    std::size_t sent = 0;
    std::uint64_t events = 0;  // counted so far in this answer
    Instant due;
    AnswerReader answer;
  };

  bool finished() const;
  void open(std::uint32_t index);
  void close(Connection& connection);
  void issue(Instant now);
  void start(std::uint32_t index, Instant due);
  void write(std::uint32_t index);
  void read(std::uint32_t index);
  void got(std::uint32_t index, std::string_view bytes);
  void count(Connection& connection, Instant now);
  void end(std::uint32_t index);
  void fail(std::uint32_t index, const std::string& why);
  void watch(std::uint32_t index, int how, std::uint32_t what);
  void wait(Instant now, Instant limit);
  void hold();
  Instant due(std::uint64_t request) const;

  const Options& options_;
  int epoll_ = -1;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> idle_;
  std::vector<char> buffer_;
  std::uint64_t issued_ = 0;
  std::uint64_t holding_ = 0;
  bool told_ = false;      // kHold: that all streams are open
  bool released_ = false;  // kHold: standard input ended
  Instant began_;
  Report report_;
};

}  // namespace sluice::bench
