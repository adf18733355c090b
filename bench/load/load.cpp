#include "load.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sluice::bench {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::nanoseconds;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kStdin = ~0U;
constexpr std::uint32_t kPortsOfOneAddress = 5'000;

std::uint32_t micros(Clock::duration time) {
  return static_cast<std::uint32_t>(std::clamp<long>(duration_cast<microseconds>(time).count(), 0, UINT32_MAX));
}

sockaddr_in loopback(std::uint32_t last, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(0x7f000000U + last);
  return address;
}

}  // namespace

Load::Load(const Options& options)
    : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), connections_(options.connections), buffer_(256 << 10) {
  for (std::uint32_t i = options.connections; i-- > 0;) idle_.push_back(i);
}

Load::~Load() {
  for (const Connection& connection : connections_) {
    if (connection.fd >= 0) ::close(connection.fd);
  }
  ::close(epoll_);
}

Report Load::run() {
  if (options_.mode != Mode::kHold) {
    for (std::uint32_t i = 0; i < options_.connections; ++i) open(i);
  }
  began_ = Clock::now();
  const Instant limit = began_ + options_.limit;
  for (Instant now = began_; !finished(); now = Clock::now()) {
    if (now > limit) {
      report_.failed += 1;
      report_.first_failure = "not finished in time: " + std::to_string(report_.answered) + " answers, " +
                              std::to_string(holding_) + " streams held";
      break;
    }
    issue(now);
    wait(now, limit);
    if (options_.mode == Mode::kHold) hold();
  }
  report_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  return std::move(report_);
}

bool Load::finished() const {
  if (options_.mode == Mode::kHold) return released_ || report_.failed > 0;
  return report_.answered + report_.failed >= options_.requests;
}

Instant Load::due(std::uint64_t request) const {
  if (options_.rate == 0) return began_;
  return began_ + nanoseconds(static_cast<std::int64_t>(static_cast<double>(request) * 1e9 / options_.rate));
}

void Load::open(std::uint32_t index) {
  Connection& connection = connections_[index];
  connection.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection.fd < 0) die(std::string("socket: ") + std::strerror(errno));
  const int on = 1;
  setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(connection.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const sockaddr_in from = loopback(2 + index / kPortsOfOneAddress, 0);
  const sockaddr_in to = loopback(1, options_.port);
  if (bind(connection.fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      connect(connection.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    die("cannot connect to 127.0.0.1:" + std::to_string(options_.port) + ": " + std::strerror(errno));
  }
  watch(index, EPOLL_CTL_ADD, EPOLLIN);
}

void Load::close(Connection& connection) {
  ::close(connection.fd);
  connection.fd = -1;
}

void Load::watch(std::uint32_t index, int how, std::uint32_t what) {
  epoll_event event{};
  event.events = what;
  event.data.u32 = index;
  epoll_ctl(epoll_, how, index == kStdin ? STDIN_FILENO : connections_[index].fd, &event);
}

void Load::issue(Instant now) {
  while (issued_ < options_.requests && !idle_.empty()) {
    const Instant when = options_.rate == 0 ? Clock::now() : due(issued_);
    if (options_.rate > 0 && when > now) return;
    const std::uint32_t index = idle_.back();
    idle_.pop_back();
    start(index, when);
  }
}

void Load::start(std::uint32_t index, Instant due) {
  if (connections_[index].fd < 0) open(index);
  Connection& connection = connections_[index];
  connection.busy = true;
  connection.measured = issued_ >= options_.skip;
  connection.sent = 0;
  connection.events = 0;
  connection.due = due;
  connection.answer.reset();
  ++issued_;
  write(index);
}

void Load::write(std::uint32_t index) {
  Connection& connection = connections_[index];
  const std::string& request = options_.request;
  const bool resumed = connection.sent > 0;
  while (connection.sent < request.size()) {
    const ssize_t n = ::send(connection.fd, request.data() + connection.sent, request.size() - connection.sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      watch(index, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
      return;
    }
    if (n < 0) return fail(index, std::string("send: ") + std::strerror(errno));
    connection.sent += static_cast<std::size_t>(n);
  }
  if (resumed) watch(index, EPOLL_CTL_MOD, EPOLLIN);
}

void Load::read(std::uint32_t index) {
  Connection& connection = connections_[index];
  const ssize_t n = ::recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (n > 0 && connection.busy) return got(index, {buffer_.data(), static_cast<std::size_t>(n)});
  if (connection.busy) {
    return fail(index, n < 0 ? std::string("recv: ") + std::strerror(errno) : "the answer was cut off");
  }
  close(connection);
  ++report_.reconnects;
}

void Load::got(std::uint32_t index, std::string_view bytes) {
  Connection& connection = connections_[index];
  const AnswerReader::State state = connection.answer.feed(bytes);
  const Instant now = Clock::now();
  count(connection, now);
  if (state == AnswerReader::State::kBroken) return fail(index, "broken answer: " + std::string(bytes.substr(0, 300)));
  if (state == AnswerReader::State::kMore) return;
  if (connection.answer.status() != 200) return fail(index, "answered: " + std::string(bytes.substr(0, 600)));
  if (options_.mode == Mode::kHold) return fail(index, "a stream that should stay open ended");
  if (connection.measured) report_.latency_us.push_back(micros(now - connection.due));
  ++report_.answered;
  report_.body_bytes += connection.answer.body_bytes();
  end(index);
}

void Load::count(Connection& connection, Instant now) {
  const std::uint64_t fresh = connection.answer.events() - connection.events;
  if (fresh == 0) return;
  if (connection.events == 0) {
    ++holding_;
    if (connection.measured) report_.first_us.push_back(micros(now - connection.due));
  }
  connection.events += fresh;
  report_.events += fresh;
  ++report_.event_reads;
}

void Load::end(std::uint32_t index) {
  connections_[index].busy = false;
  idle_.push_back(index);
}

void Load::fail(std::uint32_t index, const std::string& why) {
  ++report_.failed;
  if (report_.first_failure.empty()) report_.first_failure = why;
  close(connections_[index]);
  end(index);
}

void Load::wait(Instant now, Instant limit) {
  Instant until = limit;
  if (options_.rate > 0 && issued_ < options_.requests && !idle_.empty()) until = std::min(until, due(issued_));
  const auto left = std::max<std::int64_t>(duration_cast<nanoseconds>(until - now).count(), 0);
  const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
  std::array<epoll_event, 256> events{};
  const int n = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
  for (int i = 0; i < n; ++i) {
    const std::uint32_t index = events[i].data.u32;
    if (index == kStdin) {
      released_ = ::read(STDIN_FILENO, buffer_.data(), buffer_.size()) <= 0;
      continue;
    }
    if (connections_[index].fd >= 0 && (events[i].events & EPOLLOUT) != 0) write(index);
    if (connections_[index].fd >= 0 && (events[i].events & ~static_cast<unsigned>(EPOLLOUT)) != 0) read(index);
  }
}

void Load::hold() {
  if (told_ || holding_ < options_.requests) return;
  told_ = true;
  std::printf("holding %llu\n", static_cast<unsigned long long>(holding_));
  std::fflush(stdout);
  watch(kStdin, EPOLL_CTL_ADD, EPOLLIN);
}

}  // namespace sluice::bench
