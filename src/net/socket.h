// A socket that does not block, and who waits for it. Private to net/*.cpp.
//
// The system tells of a change once (epoll, edge-triggered), with one registration for the life of the socket: it is
// "ready" from then on until a call here finds that nothing is left. So to wait takes no system call, and nobody else
// may read from the descriptor, write to it or accept.
//
// Thread rule: the loop's thread. Ownership: whoever has the SocketPtr. Who waits lives until it was told, which
// happens also when the socket is closed: from the loop, never from inside of a call. Two may wait for a side: with TLS
// a reader may need to write, and a writer to read.
#pragma once

#include <sys/uio.h>

#include <array>
#include <coroutine>
#include <memory>
#include <span>
#include <utility>

#include "net/asio.h"

namespace sluice::net {

struct IoResult {
  error_code error;  // would_block: nothing now; eof: the peer has ended
  std::size_t bytes = 0;
};

class Socket {
 public:
  enum class Side : std::uint8_t { kRead, kWrite };

  // Takes the descriptor, which does not block; one that connects has begun to. Null, and it is closed, where the
  // system has no room for another one.
  static std::unique_ptr<Socket> make(Loop& loop, int descriptor, error_code& error);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int native_handle() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  void close();  // who waits is told: operation_aborted

  IoResult read(std::span<char> room);
  IoResult write(std::span<const iovec> pieces);
  // The next connection of one that listens: its descriptor, which does not block, and where it came from.
  struct Accepted {
    error_code error;
    int descriptor = -1;
    Endpoint from;
  };
  Accepted accept();

  // Calls `wake` once that side is ready: soon where it is, and where the socket is closed.
  void wait(Side side, Wake wake);

  // Tells all who wait, as if their sides were ready.
  void wake();

  // For the loop: what the system told.
  void happened(Side side, bool over);
  void urgent_came() { urgent_ = true; }

 private:
  Socket(Loop& loop, int descriptor) : loop_(loop), descriptor_(descriptor) {}

  struct Direction {
    bool ready = false;
    bool over = false;  // it stays ready: reads or writes will only tell of the end
    std::array<Wake, 2> waiting;
  };
  Direction& side_of(Side side) { return sides_[static_cast<std::size_t>(side)]; }

  Loop& loop_;
  int descriptor_;
  std::array<Direction, 2> sides_;
  bool urgent_ = false;
};
using SocketPtr = std::unique_ptr<Socket>;

// co_await Ready(socket, side): as wait(); the error is operation_aborted where the socket was closed.
class Ready {
 public:
  Ready(Socket& socket, Socket::Side side) : socket_(socket), side_(side) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    socket_.wait(side_, {[](void* self, error_code error) {
                           auto& mine = *static_cast<Ready*>(self);
                           mine.error_ = error;
                           mine.waiter_.resume();
                         },
                         this});
  }
  error_code await_resume() const noexcept { return error_; }

 private:
  Socket& socket_;
  Socket::Side side_;
  std::coroutine_handle<> waiter_;
  error_code error_;
};

// co_await Turn(loop): others who are ready come first.
class Turn {
 public:
  explicit Turn(Loop& loop) : loop_(loop) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
};

// A descriptor, closed unless somebody took it.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }
  int take() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// One that does not block; not open where the system refuses (errno).
Descriptor tcp_socket(const Endpoint& endpoint);

error_code last_system_error();  // errno's
bool is_out_of_descriptors(const error_code& error);
// A value for setsockopt(); what it says about it is of no matter.
void set_option(int descriptor, int level, int name, int value);

}  // namespace sluice::net
