// A loop for tests that run a coroutine on it.
//
// Thread rule: the test's thread.
#pragma once

#include <gtest/gtest.h>

#include "net/loop.h"

namespace sluice::net {

class LoopFixture : public ::testing::Test {
 protected:
  template <class Body>
  void run(Body body) {
    TaskGroup group;
    auto all = [&]() -> Task<void> {
      co_await body();
      loop_.stop();
    };
    loop_.post([&] { spawn(all(), group); });
    loop_.run();
  }
  Task<void> pause(Ms time) {
    Cancel never;
    co_await sleep(loop_, time, never);
  }

  Loop loop_;
};

}  // namespace sluice::net
