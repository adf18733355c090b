#include "net/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "net/loop_fixture_test.h"

namespace sluice::net::socket_test {
namespace {

// A socket of the loop and the plain descriptor at its other end.
struct Pair {
  SocketPtr mine;
  int other = -1;

  explicit Pair(Loop& loop) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    error_code error;
    mine = Socket::make(loop, ends[0], error);
    EXPECT_FALSE(error);
    other = ends[1];
  }
  ~Pair() { end(); }
  void end() {
    if (other >= 0) ::close(std::exchange(other, -1));
  }
  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(other, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
};

class SocketTest : public LoopFixture {
 protected:
  using Side = Socket::Side;

  // Counts itself once it was told.
  Task<void> wait(Socket& socket, Side side) {
    last_ = co_await Ready(socket, side);
    ++told_;
  }
  std::string read(Socket& socket, std::size_t most = 100) {
    std::string room(most, '\0');
    const auto [error, bytes] = socket.read(room);
    last_ = error;
    return room.substr(0, bytes);
  }

  TaskGroup group_;
  int told_ = 0;
  error_code last_;
};

TEST_F(SocketTest, WaitsUntilBytesCome) {
  run([&]() -> Task<void> {
    Pair pair(loop_);
    EXPECT_EQ(read(*pair.mine), "");
    EXPECT_EQ(last_, asio::error::would_block);
    spawn(wait(*pair.mine, Side::kRead), group_);
    co_await pause(Ms(30));
    EXPECT_EQ(told_, 0);
    pair.send("one");
    co_await pause(Ms(30));
    EXPECT_EQ(told_, 1);
    EXPECT_EQ(read(*pair.mine), "one");
  });
}

// What is left in the system's buffer is told of, though nothing new came; what came while nobody waited too.
TEST_F(SocketTest, StaysReadyUntilAReadFindsTheEndOfWhatCame) {
  run([&]() -> Task<void> {
    Pair pair(loop_);
    pair.send("onetwo");
    co_await pause(Ms(30));
    EXPECT_EQ(read(*pair.mine, 3), "one");
    co_await wait(*pair.mine, Side::kRead);
    EXPECT_EQ(read(*pair.mine, 4), "two");
    spawn(wait(*pair.mine, Side::kRead), group_);
    co_await pause(Ms(30));
    EXPECT_EQ(told_, 1);
    pair.send("three");
    co_await pause(Ms(30));
    EXPECT_EQ(told_, 2);
  });
}

TEST_F(SocketTest, WaitsUntilThereIsRoom) {
  run([&]() -> Task<void> {
    Pair pair(loop_);
    std::string much(1 << 20, 'x');
    const iovec piece{much.data(), much.size()};
    std::size_t sent = 0;
    IoResult result;
    do {
      result = pair.mine->write({&piece, 1});
      sent += result.bytes;
    } while (!result.error);
    EXPECT_EQ(result.error, asio::error::would_block);
    spawn(wait(*pair.mine, Side::kWrite), group_);
    co_await pause(Ms(30));
    EXPECT_EQ(told_, 0);
    std::size_t taken = 0;
    while (taken < sent) {
      const auto bytes = ::recv(pair.other, much.data(), much.size(), 0);
      if (bytes <= 0) break;
      taken += static_cast<std::size_t>(bytes);
    }
    EXPECT_EQ(taken, sent);
    co_await pause(Ms(30));
    EXPECT_EQ(told_, 1);
  });
}

TEST_F(SocketTest, APeerThatEndsIsToldOfEveryTime) {
  run([&]() -> Task<void> {
    Pair pair(loop_);
    pair.send("last");
    pair.end();
    co_await wait(*pair.mine, Side::kRead);
    EXPECT_EQ(read(*pair.mine), "last");
    for (int i = 0; i < 3; ++i) {
      co_await wait(*pair.mine, Side::kRead);
      EXPECT_EQ(read(*pair.mine), "");
      EXPECT_EQ(last_, asio::error::eof);
    }
    co_await wait(*pair.mine, Side::kWrite);
    const iovec piece{const_cast<char*>("x"), 1};
    EXPECT_TRUE(pair.mine->write({&piece, 1}).error);
  });
}

TEST_F(SocketTest, ClosingItTellsAllWhoWaitButNotAtOnce) {
  run([&]() -> Task<void> {
    Pair pair(loop_);
    EXPECT_EQ(read(*pair.mine), "");
    spawn(wait(*pair.mine, Side::kRead), group_);
    spawn(wait(*pair.mine, Side::kRead), group_);
    co_await pause(Ms(20));
    pair.mine->close();
    EXPECT_EQ(told_, 0);
    co_await pause(Ms(20));
    EXPECT_EQ(told_, 2);
    EXPECT_EQ(last_, asio::error::operation_aborted);
    co_await wait(*pair.mine, Side::kWrite);
    EXPECT_EQ(last_, asio::error::operation_aborted);
  });
}

TEST_F(SocketTest, TwoMayWaitForOneSide) {
  run([&]() -> Task<void> {
    Pair pair(loop_);
    spawn(wait(*pair.mine, Side::kRead), group_);
    spawn(wait(*pair.mine, Side::kRead), group_);
    pair.send("x");
    co_await pause(Ms(20));
    EXPECT_EQ(told_, 2);
  });
}

// All are ready together; the first that is told ends the others, and itself.
TEST_F(SocketTest, SocketsThatEndWhileTheyAreToldAreNotTouched) {
  std::vector<std::unique_ptr<Pair>> pairs;
  for (int i = 0; i < 50; ++i) pairs.push_back(std::make_unique<Pair>(loop_));
  auto end_all = [&](Socket& socket) -> Task<void> {
    co_await Ready(socket, Side::kRead);
    ++told_;
    pairs.clear();
  };
  run([&]() -> Task<void> {
    for (auto& pair : pairs) spawn(end_all(*pair->mine), group_);
    co_await pause(Ms(20));
    for (auto& pair : pairs) pair->send("x");
    co_await pause(Ms(20));
    EXPECT_EQ(told_, 50);
    EXPECT_TRUE(pairs.empty());
  });
}

// As it is for a socket where the system has no room for more.
TEST_F(SocketTest, WhatCannotBeWaitedForIsClosedAndTold) {
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  error_code error;
  EXPECT_EQ(Socket::make(loop_, file, error), nullptr);
  EXPECT_TRUE(error);
  EXPECT_EQ(::fcntl(file, F_GETFD), -1);
}

TEST_F(SocketTest, AnUrgentByteHidesNothing) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(::connect(peer, reinterpret_cast<sockaddr*>(&address), size), 0);
  run([&]() -> Task<void> {
    error_code error;
    auto mine = Socket::make(loop_, ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), error);
    ::send(peer, "hello", 5, 0);
    ::send(peer, "!", 1, MSG_OOB);
    ::send(peer, " world", 6, 0);
    std::string all;
    while (all.size() < 11) {
      spawn(wait(*mine, Side::kRead), group_);
      const auto before = told_;
      co_await pause(Ms(20));
      EXPECT_EQ(told_, before + 1) << all;
      if (told_ == before) break;
      all += read(*mine);
      EXPECT_TRUE(!last_ || last_ == asio::error::would_block);
    }
    EXPECT_EQ(all, "hello world");
    mine->close();
    co_await pause(Ms(20));
  });
  ::close(peer);
  ::close(listener);
}

// The loop was away for longer than both: what came before the limit ended did come.
TEST_F(SocketTest, BytesThatCameInTimeComeBeforeTheLimitThatPassed) {
  std::string order;
  auto told = [&](Socket& socket) -> Task<void> {
    co_await Ready(socket, Side::kRead);
    order += 'b';
  };
  run([&]() -> Task<void> {
    Pair pair(loop_);
    Timer limit(loop_, [&] { order += 't'; });
    limit.arm(Ms(20));
    spawn(told(*pair.mine), group_);
    co_await pause(Ms(5));
    pair.send("x");
    std::this_thread::sleep_for(Ms(60));
    co_await pause(Ms(30));
  });
  EXPECT_EQ(order, "bt");
}

TEST_F(SocketTest, OthersComeFirstAtATurn) {
  std::string order;
  auto turns = [&](char name) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      order += name;
      co_await Turn(loop_);
    }
  };
  run([&]() -> Task<void> {
    spawn(turns('a'), group_);
    spawn(turns('b'), group_);
    co_await pause(Ms(20));
  });
  EXPECT_EQ(order, "ababab");
}

}  // namespace
}  // namespace sluice::net::socket_test
