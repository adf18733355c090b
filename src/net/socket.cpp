#include "net/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/poll.h"

namespace sluice::net {

SocketPtr Socket::make(Loop& loop, int descriptor, error_code& error) {
  SocketPtr socket(new Socket(loop, descriptor));  // check: allow owners because the constructor is private
  error = loop.impl().add(*socket);
  if (error) socket.reset();
  return socket;
}

Socket::~Socket() {
  close();
}

void Socket::close() {
  if (!is_open()) return;
  loop_.impl().forget(*this);
  ::close(std::exchange(descriptor_, -1));
  for (auto& side : sides_) {
    for (const auto& waiting : std::exchange(side.waiting, {}))
      if (waiting.act) loop_.impl().soon(waiting, asio::error::operation_aborted);
  }
}

// A short one took all there was, but before an urgent byte.
IoResult Socket::read(std::span<char> room) {
  const auto received = ::recv(descriptor_, room.data(), room.size(), 0);
  auto& side = side_of(Side::kRead);
  if (received < 0) {
    if (errno == EAGAIN) side.ready = side.over;
    return {errno == EINTR ? error_code(asio::error::would_block) : last_system_error()};
  }
  const auto bytes = static_cast<std::size_t>(received);
  if (bytes < room.size() && !urgent_) side.ready = side.over;
  if (bytes == 0 && !room.empty()) return {asio::error::eof};
  return {{}, bytes};
}

IoResult Socket::write(std::span<const iovec> pieces) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = pieces.size();
  const auto sent = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
  auto& side = side_of(Side::kWrite);
  if (sent < 0) {
    if (errno == EAGAIN) side.ready = side.over;
    return {errno == EINTR ? error_code(asio::error::would_block) : last_system_error()};
  }
  std::size_t all = 0;
  for (const auto& piece : pieces) all += piece.iov_len;
  const auto bytes = static_cast<std::size_t>(sent);
  if (bytes < all) side.ready = side.over;
  return {{}, bytes};
}

Socket::Accepted Socket::accept() {
  Accepted accepted;
  auto size = static_cast<socklen_t>(accepted.from.capacity());
  accepted.descriptor = ::accept4(descriptor_, accepted.from.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted.descriptor >= 0) {
    accepted.from.resize(size);
  } else {
    accepted.error = last_system_error();
    if (errno == EAGAIN) side_of(Side::kRead).ready = false;
  }
  return accepted;
}

void Socket::wait(Side side, Wake wake) {
  if (!is_open()) return loop_.impl().soon(wake, asio::error::operation_aborted);
  auto& mine = side_of(side);
  if (mine.ready) return loop_.impl().soon(wake, {});
  mine.waiting[mine.waiting[0].act ? 1 : 0] = wake;
}

void Socket::wake() {
  for (auto& side : sides_) {
    for (const auto& waiting : std::exchange(side.waiting, {}))
      if (waiting.act) loop_.impl().soon(waiting, {});
  }
}

void Socket::happened(Side side, bool over) {
  auto& mine = side_of(side);
  mine.ready = true;
  mine.over = mine.over || over;
  const auto [first, second] = std::exchange(mine.waiting, {});
  if (second.act) loop_.impl().soon(second, {});
  if (first.act) first.act(first.self, {});  // which may be the end of this socket
}

void Turn::await_suspend(std::coroutine_handle<> waiter) {
  loop_.impl().soon(
      {[](void* frame, error_code) { std::coroutine_handle<>::from_address(frame).resume(); }, waiter.address()}, {});
}

Descriptor::~Descriptor() {
  if (is_open()) ::close(descriptor_);
}

Descriptor tcp_socket(const Endpoint& endpoint) {
  return Descriptor(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
}

error_code last_system_error() {
  return {errno == EWOULDBLOCK ? EAGAIN : errno, boost::system::system_category()};
}

bool is_out_of_descriptors(const error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system;
}

void set_option(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof(value));
}

}  // namespace sluice::net
