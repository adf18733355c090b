// Blocking sockets for tests: a peer that sends and sees every byte, and a listener that hands such peers out.
//
// Thread rule: one thread each. Every read waits five seconds at most; what did not come in time is missing in the
// result.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace sluice::net {

class RawPeer {
 public:
  explicit RawPeer(int socket) : socket_(socket) {
    timeval limit{5, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  RawPeer(RawPeer&& other) noexcept : socket_(std::exchange(other.socket_, -1)), input_(std::move(other.input_)) {}
  RawPeer& operator=(RawPeer&&) = delete;
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;
  ~RawPeer() { close(); }

  static RawPeer to(std::uint16_t port, int receive_buffer = 0) {
    int made = ::socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) setsockopt(made, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(made, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return RawPeer(made);
  }

  // False when the other side does not take it any more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void send_slowly(std::string_view bytes) {
    for (char c : bytes) {
      send({&c, 1});
      ::usleep(200);
    }
  }

  // Up to and including the marker; all there was when it did not come.
  std::string read_to(std::string_view marker) {
    while (!input_.contains(marker) && more()) {
    }
    auto at = input_.find(marker);
    auto end = at == std::string::npos ? input_.size() : at + marker.size();
    auto taken = input_.substr(0, end);
    input_.erase(0, end);
    return taken;
  }
  std::string read_head() { return read_to("\r\n\r\n"); }
  std::string read(std::size_t bytes) {
    while (input_.size() < bytes && more()) {
    }
    auto taken = input_.substr(0, bytes);
    input_.erase(0, taken.size());
    return taken;
  }
  std::string read_to_end() {
    while (more()) {
    }
    return std::exchange(input_, {});
  }
  // A message with its body, framed by Content-Length or chunks; framing is kept.
  std::string read_message() {
    auto head = read_head();
    auto at = head.find("ontent-length: ");
    if (at == std::string::npos) at = head.find("ontent-Length: ");
    if (at != std::string::npos) return head + read(std::stoul(head.substr(at + 15)));
    return head.find("chunked") != std::string::npos ? head + read_to("0\r\n\r\n") : head;
  }

  // Whether the other side closed (or reset) within the time, with nothing left to read.
  bool sees_end(Ms limit) {
    auto until = now() + limit;
    while (now() < until) {
      pollfd ready{socket_, POLLIN, 0};
      auto left = ms_until(until).count();
      if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left, 1))) > 0 && !more()) return true;
    }
    return false;
  }
  bool was_reset() const { return reset_; }

  void shutdown_send() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  void reset() {
    linger abrupt{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof abrupt);
    close();
  }
  int descriptor() const { return socket_; }

 private:
  bool more() {
    char buffer[65536];
    auto got = ::recv(socket_, buffer, sizeof buffer, 0);
    if (got < 0 && errno == ECONNRESET) reset_ = true;
    if (got > 0) input_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

  int socket_;
  std::string input_;
  bool reset_ = false;
};

class RawListener {
 public:
  explicit RawListener(const char* host = "127.0.0.1", std::uint16_t port = 0) {
    bool v6 = std::string_view(host).find(':') != std::string_view::npos;
    socket_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_storage storage{};
    socklen_t length = 0;
    if (v6) {
      auto& address = reinterpret_cast<sockaddr_in6&>(storage);
      address.sin6_family = AF_INET6;
      address.sin6_port = htons(port);
      inet_pton(AF_INET6, host, &address.sin6_addr);
      length = sizeof address;
    } else {
      auto& address = reinterpret_cast<sockaddr_in&>(storage);
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      inet_pton(AF_INET, host, &address.sin_addr);
      length = sizeof address;
    }
    bound_ = ::bind(socket_, reinterpret_cast<sockaddr*>(&storage), length) == 0 && ::listen(socket_, 64) == 0;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&storage), &length);
    port_ = ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                     : reinterpret_cast<sockaddr_in&>(storage).sin_port);
    timeval limit{5, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~RawListener() { close(); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  bool bound() const { return bound_; }
  std::uint16_t port() const { return port_; }
  RawPeer accept() {
    int taken = ::accept(socket_, nullptr, nullptr);
    EXPECT_GE(taken, 0) << "nobody connected";
    return RawPeer(taken);
  }
  // Whether somebody connects within the time.
  bool is_called(Ms limit) {
    pollfd ready{socket_, POLLIN, 0};
    return ::poll(&ready, 1, static_cast<int>(limit.count())) > 0;
  }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

 private:
  int socket_ = -1;
  bool bound_ = false;
  std::uint16_t port_ = 0;
};

}  // namespace sluice::net
